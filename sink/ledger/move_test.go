package ledger

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/schema"
)

func TestAppendMove(t *testing.T) {
	move := func(topic string, part int32, from, next, micros int64) Move {
		return Move{
			Tenure: NewTenure(Position{Partition: Partition{Topic: topic, ID: part}, LogID: LogID{0xab}}),
			From:   from, Next: next, SourceMicros: micros,
		}
	}
	const id = "x'ab000000000000000000000000000000'"
	const set = " STRAIGHT_JOIN tributary_ledger l ON l.grp='it\\'s' AND l.topic=v.topic AND l.part=v.part" +
		" SET l.next_offset=v.next_off, l.source_time=GREATEST(COALESCE(l.source_time,v.src),COALESCE(v.src,l.source_time))," +
		" l.applied_time=UTC_TIMESTAMP(6), l.owner='me' WHERE l.log_id=v.log_id AND l.next_offset=v.from_off"
	for _, c := range []struct {
		name, version, want string
	}{
		{
			"a table value constructor", "9.7.4",
			"UPDATE (VALUES ROW('a',0," + id + ",5,9,TIMESTAMP'2026-11-22 10:00:00.000001')," +
				" ROW('b',0," + id + ",1,2,CAST(NULL AS DATETIME(6))), ROW('b',1," + id + ",7,8,CAST(NULL AS DATETIME(6)))" +
				") AS v(topic,part,log_id,from_off,next_off,src)" + set,
		},
		{
			"a union", "10.11.6-MariaDB",
			"UPDATE (SELECT 'a' AS topic,0 AS part," + id + " AS log_id,5 AS from_off,9 AS next_off,TIMESTAMP'2026-11-22 10:00:00.000001' AS src" +
				" UNION ALL SELECT 'b',0," + id + ",1,2,CAST(NULL AS DATETIME(6))" +
				" UNION ALL SELECT 'b',1," + id + ",7,8,CAST(NULL AS DATETIME(6))) AS v" + set,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := schema.ParseDialect(c.version)
			require.NoError(t, err)
			l := New(nil, d, "it's", "me", nil)
			got := l.AppendMove(nil, []Move{move("b", 1, 7, 8, 0), move("a", 0, 5, 9, 1795341600000001), move("b", 0, 1, 2, 0)})
			require.Equal(t, c.want, string(got))
		})
	}
}

// TestTimesOfNoCalendar has events that say they are of a year no DATETIME holds.
func TestTimesOfNoCalendar(t *testing.T) {
	for _, micros := range []int64{0, math.MaxInt64, math.MinInt64, 253402300800_000_000} {
		require.Equal(t, "CAST(NULL AS DATETIME(6))", string(appendTime(nil, micros)), micros)
	}
	require.Equal(t, "TIMESTAMP'9999-12-31 23:59:59.999999'", string(appendTime(nil, 253402300799_999_999)))
}

func TestJudge(t *testing.T) {
	old, other := LogID{1}, LogID{2}
	for _, c := range []struct {
		name string
		id   LogID
		next int64
		log  Range
		want Reason
		at   int64
	}{
		{"goes on", old, 10, Range{0, 20}, Resumed, 10},
		{"at the end", old, 20, Range{0, 20}, Resumed, 20},
		{"at the beginning of a shortened log", old, 10, Range{10, 20}, Resumed, 10},
		{"made anew", other, 10, Range{0, 20}, Recreated, 0},
		{"made anew and shortened", other, 10, Range{5, 20}, Recreated, 5},
		{"events expired", old, 10, Range{11, 20}, Expired, 11},
		{"log shrunk", old, 21, Range{3, 20}, Shrunk, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := judge(Position{LogID: old, Next: c.next}, c.id, c.log)
			require.Equal(t, c.want, s.Reason)
			require.Equal(t, c.at, s.Next)
			require.Equal(t, c.id, s.LogID)
			require.Equal(t, c.next, s.Was)
		})
	}
}
