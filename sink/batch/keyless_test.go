package batch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/sink/ledger"
)

// keyless is a partition of a table without a key: rows come and go by their
// content.
type keyless struct {
	log       []keylessEvent
	committed int // how far the table has it
	next      int // how far the batch has it
	tenure    *ledger.Tenure
}

type keylessEvent struct {
	content string
	removes bool
}

// take begins a tenure where the table stands, ending the one before.
func (k *keyless) take(topic string) {
	if k.tenure != nil {
		k.tenure.End()
	}
	k.tenure, k.next = tenure(topic, int64(k.committed)), k.committed
}

// rows are what the first events leave, sorted.
func (k *keyless) rows(events int) []string {
	var rows []string
	for _, e := range k.log[:events] {
		if e.removes {
			i := slices.Index(rows, e.content)
			rows = slices.Delete(rows, i, i+1)
		} else {
			rows = append(rows, e.content)
		}
	}
	return slices.Sorted(slices.Values(rows))
}

// happen adds an event to the log: a row that comes, or one of those there that
// goes.
func (k *keyless) happen(t *rapid.T) {
	there := k.rows(len(k.log))
	if len(there) > 0 && rapid.Bool().Draw(t, "removes") {
		k.log = append(k.log, keylessEvent{rapid.SampledFrom(there).Draw(t, "row"), true})
		return
	}
	k.log = append(k.log, keylessEvent{content: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "content")})
}

// TestKeylessIsSequential holds batches of a table without a key against their
// events one by one, while partitions are given up and taken over again in the
// middle of a batch: where every repetition or loss is a wrong row.
func TestKeylessIsSequential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := []string{"store_id", "_partition", "_offset", "v"}
		layout := NewLayout(mysql97(t), "t", columns, columns[:3])
		partitions := map[string]*keyless{"e.1.s.t": {}, "e.2.s.t": {}}
		topic := func() string { return rapid.SampledFrom([]string{"e.1.s.t", "e.2.s.t"}).Draw(t, "topic") }
		for name, k := range partitions {
			k.take(name)
		}
		b, table := New("t"), map[string]string{} // key → topic and content
		t.Repeat(map[string]func(*rapid.T){
			"read": func(t *rapid.T) {
				name := topic()
				k := partitions[name]
				if k.next == len(k.log) {
					k.happen(t)
				}
				e, r := k.log[k.next], Record{Tenure: k.tenure, Offset: int64(k.next)}
				k.next++
				image := name + e.content
				if e.removes {
					b.Take(r, []byte(image), []byte(image))
					b.Skip(r, 0)
					return
				}
				b.Insert(r, layout, fmt.Appendf(nil, "%s,%d", name, r.Offset), []byte(image), []byte(image), 0)
			},
			"give up and take over": func(*rapid.T) {
				name := topic()
				partitions[name].take(name)
			},
			"commit": func(t *rapid.T) {
				for _, m := range slices.Clone(b.Moves()) {
					if m.Tenure.Ended() {
						b.Drop(m.Tenure)
					}
				}
				for _, e := range b.Erasures() {
					removeOne(t, table, string(e.Where))
				}
				apply(b, table)
				for _, m := range b.Moves() {
					partitions[m.Tenure.Topic].committed = int(m.Next)
				}
				b.Reset()
			},
			"": func(t *rapid.T) {
				for name, k := range partitions {
					var have []string
					for _, content := range table {
						if after, ok := strings.CutPrefix(content, name); ok {
							have = append(have, after)
						}
					}
					require.Equal(t, k.rows(k.committed), slices.Sorted(slices.Values(have)), name)
				}
			},
		})
	})
}

// removeOne is what an erasure does: DELETE … LIMIT 1.
func removeOne(t *rapid.T, table map[string]string, content string) {
	for key, is := range table {
		if is == content {
			delete(table, key)
			return
		}
	}
	t.Fatalf("no row is %q", content)
}
