package batch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/schema"
	"tributary/sink/ledger"
)

func mysql97(t require.TestingT) schema.Dialect {
	d, err := schema.ParseDialect("9.7.4")
	require.NoError(t, err)
	return d
}

func tenure(topic string, next int64) *ledger.Tenure {
	return ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: topic}, Next: next})
}

// apply replays what a batch would send on a table of key → tuple.
func apply(b *Batch, table map[string]string) {
	for _, store := range b.Wiped() {
		maps.DeleteFunc(table, func(key, _ string) bool { return strings.HasPrefix(key, store+",") })
	}
	for group := range b.Groups() {
		for _, r := range group {
			if r.Deletes() {
				delete(table, string(r.key))
			} else {
				table[string(r.key)] = string(r.tuple)
			}
		}
	}
}

// TestBatchIsSequential holds a batch against applying its events one by one:
// whatever is upserted, deleted, truncated and dropped, in whatever order, the
// table and the ledger end up the same.
func TestBatchIsSequential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		layout := NewLayout(mysql97(t), "t", []string{"store_id", "id", "v"}, []string{"store_id", "id"})
		erase := NewLayout(mysql97(t), "t", []string{"store_id", "id"}, []string{"store_id", "id"})
		before := map[string]string{"'1',1": "old", "'2',1": "old", "'2',3": "old"}
		tenures := []*ledger.Tenure{tenure("e.1.s.t", 10), tenure("e.2.s.t", 20), tenure("e.3.s.t", 0)}
		model, next := make([]map[string]string, len(tenures)), make([]int64, len(tenures))
		for i := range tenures {
			model[i] = make(map[string]string)
			for k, v := range before {
				if strings.HasPrefix(k, fmt.Sprintf("'%d',", i+1)) {
					model[i][k] = v
				}
			}
			next[i] = tenures[i].Next
		}
		start := slices.Clone(next)
		original := []map[string]string{maps.Clone(model[0]), maps.Clone(model[1]), maps.Clone(model[2])}
		dropped := make([]bool, len(tenures))
		b := New("t")
		b.Reset()

		event := func(t *rapid.T) (i int, r Record, key string) {
			i = rapid.IntRange(0, len(tenures)-1).Draw(t, "store")
			if dropped[i] {
				t.Skip("dropped")
			}
			r = Record{Tenure: tenures[i], Offset: next[i] + rapid.Int64Range(0, 2).Draw(t, "gap"), Timestamp: 1}
			next[i] = r.Offset + 1
			return i, r, fmt.Sprintf("'%d',%d", i+1, rapid.IntRange(1, 4).Draw(t, "id"))
		}
		t.Repeat(map[string]func(*rapid.T){
			"upsert": func(t *rapid.T) {
				i, r, key := event(t)
				tuple := fmt.Sprintf("(%s,%d)", key, r.Offset)
				b.Upsert(r, layout, []byte(key), []byte(tuple), r.Offset)
				model[i][key] = tuple
			},
			"delete": func(t *rapid.T) {
				i, r, key := event(t)
				b.Delete(r, erase, []byte(key), 0)
				delete(model[i], key)
			},
			"truncate": func(t *rapid.T) {
				i, r, _ := event(t)
				b.Truncate(r, fmt.Sprintf("'%d'", i+1), false, 0)
				clear(model[i])
			},
			"skip": func(t *rapid.T) {
				_, r, _ := event(t)
				b.Skip(r, 0)
			},
			"drop": func(t *rapid.T) {
				i := rapid.IntRange(0, len(tenures)-1).Draw(t, "store")
				b.Drop(tenures[i])
				dropped[i], model[i], next[i] = true, original[i], start[i]
			},
			"": func(t *rapid.T) {
				table := maps.Clone(before)
				apply(b, table)
				want := make(map[string]string)
				for i := range model {
					maps.Copy(want, model[i])
				}
				require.Equal(t, want, table)
				for _, m := range b.Moves() {
					i := slices.Index(tenures, m.Tenure)
					require.Equal(t, start[i], m.From)
					require.Equal(t, next[i], m.Next)
					require.Greater(t, m.Next, m.From)
				}
				split := maps.Clone(before)
				for _, part := range b.Split() {
					require.Len(t, part.Moves(), 1)
					apply(part, split)
				}
				require.Equal(t, want, split)
				live := 0
				for group := range b.Groups() {
					live += len(group)
				}
				require.Equal(t, live, b.Len())
			},
		})
	})
}

// TestDropForgetsTruncate pins that a truncate of a tenure that ended is not
// carried out: the next owner will meet it.
func TestDropForgetsTruncate(t *testing.T) {
	b, t7, t9 := New("t"), tenure("e.7.s.t", 0), tenure("e.9.s.t", 0)
	b.Truncate(Record{Tenure: t7}, "7", false, 0)
	b.Truncate(Record{Tenure: t9}, "9", false, 0)
	b.Drop(t7)
	require.Equal(t, []string{"9"}, b.Wiped())
	require.Len(t, b.Moves(), 1)
}

func TestGroupsAreOneStatementEach(t *testing.T) {
	d := mysql97(t)
	key := []string{"store_id", "id"}
	narrow := NewLayout(d, "t", []string{"store_id", "id"}, key)
	wide := NewLayout(d, "t", []string{"store_id", "id", "v"}, key)
	b := New("t")
	for i, store := range []string{"9", "7", "10"} { // three stores, interleaved
		ten := tenure("e."+store+".s.t", 0)
		for id := range 3 {
			k := fmt.Sprintf("'%s',%d", store, 8+id)
			b.Upsert(Record{Tenure: ten, Offset: int64(id)}, wide, []byte(k), []byte("("+k+",1)"), 0)
		}
		k := fmt.Sprintf("'%s',%d", store, i)
		b.Delete(Record{Tenure: ten, Offset: 4}, narrow, []byte(k), 0)
	}
	var statements []string
	for group := range b.Groups() {
		statements = append(statements, string(AppendStatement(nil, group)))
	}
	require.Equal(t, []string{
		"DELETE FROM `t` WHERE (`store_id`,`id`) IN (('7',1),('9',0),('10',2))",
		"INSERT INTO `t` (`store_id`,`id`,`v`) VALUES " +
			"('7',8,1),('7',9,1),('9',8,1),('9',9,1),('10',8,1),('10',9,1),('7',10,1),('9',10,1),('10',10,1)" +
			" AS new ON DUPLICATE KEY UPDATE `v`=new.`v`",
	}, statements)
}

func TestLayoutDialects(t *testing.T) {
	maria, err := schema.ParseDialect("10.11.6-MariaDB")
	require.NoError(t, err)
	key := []string{"store_id", "or`der"}
	for _, c := range []struct {
		name   string
		d      schema.Dialect
		column []string
		want   string
	}{
		{"row alias", mysql97(t), []string{"store_id", "or`der", "v"}, " AS new ON DUPLICATE KEY UPDATE `v`=new.`v`"},
		{"values", maria, []string{"store_id", "or`der", "v"}, " ON DUPLICATE KEY UPDATE `v`=VALUES(`v`)"},
		{"key alone", mysql97(t), key, " AS new ON DUPLICATE KEY UPDATE `store_id`=new.`store_id`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, string(NewLayout(c.d, "t", c.column, key).update))
		})
	}
}

func TestResetForgetsEverything(t *testing.T) {
	d := mysql97(t)
	l := NewLayout(d, "t", []string{"store_id"}, []string{"store_id"})
	b, ten := New("t"), tenure("e.7.s.t", 0)
	for range 3 {
		b.Upsert(Record{Tenure: ten, Offset: ten.Tail(), ValueRest: make([]byte, 100)}, l, []byte("'7'"), []byte("('7')"), 5)
		b.Bury(Record{Tenure: ten, Offset: ten.Tail()}, fmt.Errorf("poison"))
		b.Truncate(Record{Tenure: ten, Offset: ten.Tail()}, "7", false, 0)
		require.NotZero(t, b.Memory())
		require.NotEmpty(t, b.Dead())
		b.Reset()
		require.True(t, b.Empty())
		require.Zero(t, b.Len()+b.Memory()+b.TextSize()+b.Events())
		require.Empty(t, b.Wiped())
		require.Empty(t, b.Dead())
		require.True(t, b.Begun().IsZero())
	}
}

// TestArenaKeepsTexts pins that texts stay put while the arena grows: the
// batch's index points into them.
func TestArenaKeepsTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a arena
		for range 2 {
			var want, got [][]byte
			for range rapid.IntRange(1, 50).Draw(t, "texts") {
				text := make([]byte, rapid.IntRange(0, chunkSize+10).Draw(t, "size"))
				for i := range text {
					text[i] = byte(len(want))
				}
				want, got = append(want, text), append(got, a.copy(text))
			}
			for i := range want {
				require.Equal(t, string(want[i]), string(got[i]))
			}
			a.reset()
		}
	})
}

func BenchmarkUpsert(b *testing.B) {
	d := mysql97(b)
	l := NewLayout(d, "t", []string{"store_id", "id", "v"}, []string{"store_id", "id"})
	ten := tenure("e.7.s.t", 0)
	tuple := []byte("('0007',123456," + strings.Repeat("x", 200) + ")")
	keys := make([][]byte, 2000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "'0007',%d", i)
	}
	batch, statement := New("t"), []byte(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		batch.Upsert(Record{Tenure: ten, Offset: int64(i)}, l, keys[i%2000], tuple, 1)
		if i%2000 == 1999 {
			for group := range batch.Groups() {
				statement = AppendStatement(statement[:0], group)
			}
			batch.Reset()
		}
	}
}
