package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const statLine = "4242 (a (b) c) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 17 0 987654 1000000 2048 18446744073709551615 1 1"

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte(statLine))
	require.NoError(t, err)
	require.Equal(t, stat{state: 'S', ticks: 300, threads: 17, start: 987654, pages: 2048}, got)

	for _, text := range []string{"", "1 (a)", "1 (a) S 1 2 3", strings.Replace(statLine, "250", "x", 1)} {
		_, err := parseStat([]byte(text))
		require.Error(t, err, text)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Add([]byte("1 )) S"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseStat(text)
		if err == nil && s.state == 0 {
			t.Fatal("a process without a state")
		}
	})
}

func TestRunning(t *testing.T) {
	self, err := Identify(os.Getpid())
	require.NoError(t, err)
	require.True(t, self.Running())
	require.False(t, ID{}.Running())
	for _, change := range []func(*ID){
		func(id *ID) { id.Start++ },
		func(id *ID) { id.Boot = "another" },
		func(id *ID) { id.Pid = 1 << 30 },
	} {
		id := self
		change(&id)
		require.False(t, id.Running())
	}
}

func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.Empty(t, tail(path, 0))
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("a\nb\n")
	require.Equal(t, "a\nb", tail(path, 0))
	require.Equal(t, "b", tail(path, 2))
	write(strings.Repeat("x\n", 100))
	require.Len(t, strings.Split(tail(path, 0), "\n"), tailLines)
	write(strings.Repeat("y", 10*tailBytes))
	require.Len(t, tail(path, 0), tailBytes)
}
