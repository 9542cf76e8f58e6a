package batch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/sink/ledger"
)

// TestEventsAreCountedOnce makes sure that what is written partition by
// partition counts as many events as the whole batch.
func TestEventsAreCountedOnce(t *testing.T) {
	b := New("t")
	for id, events := range []int{3, 1, 5} {
		tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "t", ID: int32(id)}})
		for offset := range events {
			b.Skip(Record{Tenure: tenure, Offset: int64(2 * offset)}, 0)
		}
	}
	require.Equal(t, 9, b.Events())
	written := 0
	for _, part := range b.Split() {
		written += part.Events()
		b.Drop(part.Moves()[0].Tenure)
		require.Equal(t, 9, written+b.Events())
	}
}
