package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	at     = 1_795_361_999_000 // when the beginning was told
	topic  = "prod.47.pos.promo"
	binlog = "binlog.000009"
)

// told is a line of a table's topic: how long after the beginning, by the
// worker's clock, and what.
type told struct {
	after    int64
	snapshot string
	file     string
	pos      int64
}

func (f fakeLog) tell(topic string, lines ...told) {
	f[topic] = &fakeTopic{}
	for _, l := range lines {
		var value []byte
		if l.file != "" {
			value = row(l.snapshot, l.file, l.pos)
		}
		f.put(topic, at+l.after, value)
	}
}

func TestBoundary(t *testing.T) {
	captured := Beginning{Kind: Captured, place: place{binlog, 500}, millis: at}
	dropped := Beginning{Kind: Dropped, place: place{binlog, 500}, millis: at}
	hour := int64(3_600_000)
	old := told{-hour, "false", binlog, 100}
	for _, c := range []struct {
		name  string
		b     Beginning
		log   []told
		low   int64
		want  int64
		first int64 // -1: none
		gone  bool
	}{
		{"captured again", captured, []told{old, {-50, "false", binlog, 480}, {10, "first_in_data_collection", binlog, 500}, {11, "true", binlog, 500}, {12, "false", binlog, 510}}, 0, 2, 2, false},
		{"captured again, then streamed only", captured, []told{old, {5000, "false", binlog, 600}}, 0, 1, 1, false},
		{"captured empty", captured, []told{old, old}, 0, 2, -1, false},
		{"captured for the first time", captured, []told{{10, "first", binlog, 500}}, 0, 0, 0, false},
		{"never an event", captured, nil, 0, 0, -1, false},
		{"a worker whose clock is behind", captured, []told{old, {-2000, "first", binlog, 500}, {-1990, "last", binlog, 500}}, 0, 1, 1, false},
		{"an older snapshot at the same place of another log", captured, []told{{-hour, "first", binlog, 500}, {-hour, "last", binlog, 500}, {10, "first", binlog, 500}}, 0, 2, 2, false},
		{"another server's files", captured, []told{{-100, "false", "mysql-bin.000100", 9000}, {10, "first", binlog, 500}}, 0, 1, 1, false},
		{"a tombstone in front", captured, []told{old, {-10, "", "", 0}, {10, "first", binlog, 500}}, 0, 2, 2, false},
		{"the snapshot's first row is the log's first", captured, []told{old, old, {10, "first_in_data_collection", binlog, 500}, {11, "true", binlog, 500}}, 2, 2, 2, false},
		{"its first rows have expired", captured, []told{old, {10, "first", binlog, 500}, {11, "true", binlog, 500}}, 2, 0, 2, true},
		{"all has expired", captured, []told{old, {10, "first", binlog, 500}}, 2, 0, -1, true},

		{"dropped and made again", dropped, []told{old, {-1, "false", binlog, 490}, {0, "false", binlog, 700}, {5, "false", binlog, 710}}, 0, 2, 2, false},
		{"dropped", dropped, []told{old, {-1, "false", binlog, 490}}, 0, 2, -1, false},
		{"dropped, in the same millisecond", dropped, []told{{0, "false", binlog, 490}, {0, "false", binlog, 501}}, 0, 1, 1, false},
		{"dropped in the last file", dropped, []told{{0, "false", "binlog.000008", 90000}, {0, "false", "binlog.000010", 4}}, 0, 1, 1, false},
		{"dropped at file 999999", Beginning{Kind: Dropped, place: place{"binlog.999999", 500}, millis: at}, []told{{0, "false", "binlog.999999", 4}, {0, "false", "binlog.1000000", 4}}, 0, 1, 1, false},
		{"dropped, and the server replaced", dropped, []told{old, {60_000, "false", "binlog.000001", 4}}, 0, 1, 1, false},
		{"dropped, and a blocking snapshot read it", dropped, []told{old, {60_000, "first", binlog, 800}}, 0, 1, 1, false},
		{"dropped, and what came then has expired in part", dropped, []told{old, {10, "false", binlog, 600}, {11, "false", binlog, 610}}, 2, 0, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := fakeLog{}
			log.tell(topic, c.log...)
			log.expire(topic, c.low)
			offset, first, err := log.logs().boundary(t.Context(), topic, &c.b)
			if c.gone {
				require.ErrorIs(t, err, errGone)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, offset)
			if c.first < 0 {
				require.Nil(t, first)
				return
			}
			require.NotNil(t, first)
			require.Equal(t, c.first, first.offset)
		})
	}
}

// TestSnapshotOver asks other topics of a store whether a snapshot is over, and
// whether it has read rows.
func TestSnapshotOver(t *testing.T) {
	for _, c := range []struct {
		name          string
		sale          []told
		ended, filled bool
	}{
		{"nothing came", []told{{-3_600_000, "false", binlog, 100}}, false, false},
		{"its first row", []told{{1, "first", binlog, 500}}, false, true},
		{"the last of its table", []told{{1, "first", binlog, 500}, {2, "last_in_data_collection", binlog, 500}}, false, true},
		{"its last row", []told{{1, "first", binlog, 500}, {2, "last", binlog, 500}}, true, true},
		{"a streamed event behind it", []told{{1, "first", binlog, 500}, {2, "last_in_data_collection", binlog, 500}, {3, "false", binlog, 600}}, true, true},
		{"an incremental one behind it", []told{{1, "first", binlog, 500}, {3, "incremental", binlog, 600}}, true, true},
		{"a tombstone last", []told{{1, "first", binlog, 500}, {3, "false", binlog, 600}, {3, "", "", 0}}, true, true},
		{"definitions alone, then a streamed event", []told{{3, "false", binlog, 600}}, true, false},
		{"an old event of a clock ahead", []told{{2000, "false", binlog, 400}}, false, false},
		{"an old event of a clock ahead, of another server", []told{{2000, "false", "mysql-bin.000100", 9000}}, false, false},
		{"later, of a server that took over", []told{{3_600_000, "false", "mysql-bin.000001", 4}}, true, false},
		{"an older snapshot's last row", []told{{-3_600_000, "last", binlog, 300}}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := fakeLog{}
			log.tell("prod.47.pos.sale", c.sale...)
			log.tell(topic)
			b := &Beginning{Kind: Captured, place: place{binlog, 500}, millis: at}
			ended, err := log.logs().ended(t.Context(), b)
			require.NoError(t, err)
			require.Equal(t, c.ended, ended)
			filled, err := log.logs().filledAny(t.Context(), b)
			require.NoError(t, err)
			require.Equal(t, c.filled, filled)
		})
	}
}

// TestEndBehindMarkers ends a log in offsets that carry no events, as a producer's
// transactions do.
func TestEndBehindMarkers(t *testing.T) {
	log := fakeLog{}
	log.tell(topic, told{1, "last", binlog, 500})
	log[topic].high = 30
	ended, err := log.logs().ended(t.Context(), &Beginning{Kind: Captured, place: place{binlog, 500}, millis: at})
	require.NoError(t, err)
	require.True(t, ended)
}
