package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tributary/integration/pos"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		want    settings
		err     string
	}{
		"defaults":       {nil, settings{Stores: 5, Rate: 500, Seed: 1}, ""},
		"empty ones":     {[]string{"STORES=", "DEMO_SECONDS=", "RATE="}, settings{Stores: 5, Rate: 500, Seed: 1}, ""},
		"many stores":    {[]string{"STORES=200", "DEMO_SECONDS=30"}, settings{Stores: 200, Seconds: 30, Rate: 500, Seed: 1}, ""},
		"all":            {[]string{"STORES=1", "RATE=7.5", "SEED=9", "DEMO_DIR=/x"}, settings{Stores: 1, Rate: 7.5, Seed: 9, Dir: "/x"}, ""},
		"no stores":      {[]string{"STORES=0"}, settings{}, "STORES is 0; it must be between 1 and 9999"},
		"no number":      {[]string{"STORES=many"}, settings{}, "Stores"},
		"negative time":  {[]string{"DEMO_SECONDS=-1"}, settings{}, "DEMO_SECONDS must not be negative"},
		"negative rate":  {[]string{"RATE=-1"}, settings{}, "RATE must not be negative"},
		"other settings": {[]string{"PATH=/bin"}, settings{Stores: 5, Rate: 500, Seed: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loadSettings(c.environ)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			if c.want.Dir == "" {
				require.NotEmpty(t, got.Dir)
				got.Dir = ""
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestSizesFollowTheStores(t *testing.T) {
	for stores, want := range map[int]string{1: "1 1g", 5: "2 1g", 50: "2 2g", 200: "4 3g"} {
		s := settings{Stores: stores}
		require.Equal(t, want, fmt.Sprint(s.servers(), " ", s.connectHeap()), "%d stores", stores)
	}
}

func TestFirstSignalEndsSecondLeaves(t *testing.T) {
	signals := make(chan os.Signal)
	w, done := listen(signals, func(string, ...any) {})
	defer done()
	signals <- syscall.SIGINT
	<-w.end.Done()
	require.NoError(t, w.leave.Err())
	signals <- syscall.SIGINT
	<-w.leave.Done()
}

func TestFolderIsTakenEmptiedAndLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo")
	f, err := takeFolder(path)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(f.file("kafka"), 0o755))
	require.NoError(t, os.WriteFile(f.file("kafka/kafka.log"), nil, 0o600))
	require.Equal(t, f.file("kafka/kafka.log"), f.logs())

	_, err = takeFolder(path)
	require.ErrorContains(t, err, "another demo runs in "+path)
	f.leave(false)
	require.FileExists(t, f.file("kafka/kafka.log"), "what went wrong can be looked at")

	f, err = takeFolder(path)
	require.NoError(t, err)
	require.NoDirExists(t, f.file("kafka"), "an earlier demo's data is gone")
	f.leave(true)
	require.NoDirExists(t, path)
}

func TestFolderOfOthersIsNotTouched(t *testing.T) {
	path := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(path, "thesis.tex"), nil, 0o600))
	_, err := takeFolder(path)
	require.ErrorContains(t, err, "holds something that is not the demo's")
	require.FileExists(t, filepath.Join(path, "thesis.tex"))
}

// terminal understands what the screen sends and keeps what would be seen.
type terminal struct {
	t     *testing.T
	lines []string
}

func (s *terminal) Write(text []byte) (int, error) {
	rest := string(text)
	if strings.HasPrefix(rest, "\x1b[") {
		var up int
		_, err := fmt.Sscanf(rest, "\x1b[%dA\x1b[J", &up)
		require.NoError(s.t, err, "%q", rest)
		require.LessOrEqual(s.t, up, len(s.lines))
		s.lines = s.lines[:len(s.lines)-up]
		rest = rest[strings.Index(rest, "J")+1:]
	}
	require.NotContains(s.t, rest, "\x1b")
	for line := range strings.Lines(rest) {
		require.Less(s.t, len([]rune(line)), 31, "a line that wraps cannot be erased: %q", line)
		s.lines = append(s.lines, strings.TrimSuffix(line, "\n"))
	}
	return len(text), nil
}

func TestPanelStaysBelowTheLines(t *testing.T) {
	seen := &terminal{t: t}
	s := &screen{out: seen, live: true, began: time.Now(), size: func() (int, int) { return 5, 30 }}
	s.say("first")
	s.draw([]string{"a", strings.Repeat("ö", 50)})
	s.say("second")
	require.Equal(t, []string{"   0.0s  first", "   0.0s  second", "a", strings.Repeat("ö", 29)}, seen.lines)
	s.draw([]string{"1", "2", "3", "4", "5", "6"})
	require.Equal(t, []string{"   0.0s  first", "   0.0s  second", "1", "2", "3", "4"}, seen.lines, "never taller than the terminal")
	s.draw(nil)
	_, err := fmt.Fprint(s, "third\nfourth\n")
	require.NoError(t, err)
	require.Equal(t, []string{"   0.0s  first", "   0.0s  second", "   0.0s    third", "   0.0s    fourth"}, seen.lines)
}

func TestNoPanelWithoutATerminal(t *testing.T) {
	var text strings.Builder
	s := &screen{out: &text, began: time.Now()}
	s.draw([]string{"a"})
	require.Empty(t, text.String())
}

// history is two readings, two seconds apart.
func history() []reading {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	stores := []storeReading{
		{id: "0001", sold: 1500, written: 1500, last: at, newest: at.Add(-time.Second)},
		{id: "0002", sold: 12345, written: 12000, last: at, newest: at.Add(-1500 * time.Millisecond)},
		{id: "0003", sold: 100},
	}
	return []reading{
		{at: at, sold: 10000, written: 9000, replicas: []replicaReading{{name: "replica-1", running: true, ready: true, cpu: time.Second}}},
		{
			at: at.Add(2 * time.Second), sold: 13945, written: 13500, stores: stores,
			replicas: []replicaReading{{name: "replica-1", running: true, ready: true, memory: 50 << 20, cpu: 1500 * time.Millisecond}, {name: "replica-2"}},
		},
	}
}

func TestPanel(t *testing.T) {
	require.Equal(t, []string{
		"",
		"  sold          13,945 changes   1,973/s  █",
		"  central       13,500 changes   2,250/s  █",
		"  behind by 1.5 s (median), 1.5 s (worst of 2 stores), 1 without rows yet",
		"  replica-1 ready (50 MB, 25% CPU)",
		"  replica-2 ENDED",
		"",
		"  store         sold     central    waiting    behind",
		"  0001         1,500       1,500          0    0.0 s",
		"  0002        12,345      12,000        345    1.5 s",
		"  0003           100           0        100    no rows yet",
	}, panel(history(), 40))
}

func TestPanelShowsTheStoresThatWaitTheMost(t *testing.T) {
	long := history()
	now := &long[1]
	now.stores = nil
	for n := range 200 {
		now.stores = append(now.stores, storeReading{id: storeID(n), sold: int64(n % 50)})
	}
	now.problem = errors.New("gone")
	lines := panel(long, 20)
	require.Len(t, lines, 17)
	require.Contains(t, lines[6], "the central database cannot be read: gone")
	require.Contains(t, lines[9], "0049 ")
	require.Equal(t, "  and 193 more stores", lines[16])
}

func TestLine(t *testing.T) {
	require.Equal(t, "sold 1,973/s, central 2,250/s, 445 waiting of 13,945 changes; behind by 1.5 s (median), 1.5 s (worst of 2 stores), 1 without rows yet; "+
		"replica-1 ready (50 MB, 25% CPU); replica-2 ENDED", line(history()))
	require.Contains(t, line([]reading{{}}), "sold 0/s, central 0/s, 0 waiting of 0 changes; no rows in the central tables yet")
}

func TestEventsCountWhatDebeziumSends(t *testing.T) {
	s := openShops(t.Context(), pos.Day{})
	defer func() { require.NoError(t, s.Close()) }()
	// 90 rows are found by the snapshot, although it took 140 changes to make them.
	s.before["0001"] = pos.Counts{Inserts: 100, Updates: 30, Deletes: 10, KeyChanges: 2}
	require.Equal(t, int64(90), s.events("0001", s.before["0001"]))
	now := pos.Counts{Inserts: 101, Updates: 33, Deletes: 11, KeyChanges: 3}
	require.Equal(t, int64(90+1+3+1+1), s.events("0001", now), "a changed key is a delete and a create")
}

func TestStoreIDsSortAsTheyCount(t *testing.T) {
	require.Equal(t, "0007", storeID(6))
	require.Equal(t, "s0007", pos.Schema(storeID(6)))
}
