package batch

import "tributary/sink/ledger"

// Split returns a batch for each partition, in the order of the moves. The
// parts share the batch's texts and are valid until it is reset; their memory
// stays counted in the batch alone.
func (b *Batch) Split() []*Batch {
	parts := make([]*Batch, len(b.moves))
	of := make(map[*ledger.Tenure]*Batch, len(b.moves))
	for i, m := range b.moves {
		p := New(b.table)
		p.moves, p.oldest, p.begun = []ledger.Move{m}, b.oldest, b.begun
		parts[i], of[m.Tenure] = p, p
	}
	for _, r := range b.rows {
		if !r.gone {
			p := of[r.Tenure]
			p.rows = append(p.rows, r)
			p.live++
		}
	}
	for _, d := range b.dead {
		of[d.Tenure].dead = append(of[d.Tenure].dead, d)
	}
	for _, e := range b.erasures {
		of[e.Tenure].erasures = append(of[e.Tenure].erasures, e)
	}
	for store, w := range b.wiped {
		of[w.by].wiped[store] = w
	}
	return parts
}
