package writer

import (
	"fmt"

	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// Quota says how many of the events that a move passes may become dead
// letters, reports left aside. A nil Quota sets no bound.
type Quota func(m *ledger.Move) int

// FloodError says that more events of one partition are poison than its quota
// allows. Nothing was written.
type FloodError struct {
	Tenure *ledger.Tenure
	// Dead is how many were found before the attempt was broken off, Events
	// how many of the partition are in the batch.
	Dead, Events int
	// Reason is the last one's.
	Reason error
}

func (e *FloodError) Error() string {
	return fmt.Sprintf("%d of %d events cannot be written, the last since: %v", e.Dead, e.Events, e.Reason)
}

// Unwrap returns the last event's reason.
func (e *FloodError) Unwrap() error { return e.Reason }

// tally counts the dead letters of one attempt.
type tally struct {
	left map[*ledger.Tenure]*account // nil without a quota
}

type account struct{ quota, dead, events int }

func newTally(b *batch.Batch, quota Quota) tally {
	if quota == nil {
		return tally{}
	}
	t := tally{left: make(map[*ledger.Tenure]*account, len(b.Moves()))}
	for i := range b.Moves() {
		m := &b.Moves()[i]
		t.left[m.Tenure] = &account{quota: quota(m), events: m.Events}
	}
	return t
}

// add counts a dead letter that is no report; the error is a [*FloodError].
func (t *tally) add(d *batch.DeadLetter) error {
	a := t.left[d.Tenure]
	if a == nil || d.Reported {
		return nil
	}
	if a.dead++; a.dead > a.quota {
		return &FloodError{Tenure: d.Tenure, Dead: a.dead, Events: a.events, Reason: d.Reason}
	}
	return nil
}
