package batch

import "tributary/sink/ledger"

// Erasure removes one row that equals an image: how a table without a key says
// that a row is gone, or how its old version looked.
type Erasure struct {
	Record
	// Where is the condition that the row equals the image.
	Where []byte
}

// Insert adds a row of a table without a key. Image is the row's own content;
// key is where the event stood, which no other event shares. All are copied.
func (b *Batch) Insert(r Record, layout *Layout, key, tuple, image []byte, micros int64) {
	b.enter(r.Tenure)
	b.images[string(image)] = append(b.images[string(image)], int32(len(b.rows)))
	b.Upsert(r, layout, key, tuple, micros)
}

// Take removes one row with the given content: one the batch holds, else one
// of the table, by an erasure that is carried out before the batch's rows are
// written. (Rows of equal content are alike, so it does not matter which.) The
// record is not passed yet: Insert or Skip follows. Where is copied.
func (b *Batch) Take(r Record, image, where []byte) {
	b.enter(r.Tenure)
	if pending := b.images[string(image)]; len(pending) > 0 {
		last := len(pending) - 1
		b.images[string(image)] = pending[:last]
		b.forget(&b.rows[pending[last]])
		return
	}
	b.text += len(where)
	b.erasures = append(b.erasures, Erasure{Record: r, Where: b.arena.copy(where)})
}

// Erasures are the rows to remove before others are written, in order.
func (b *Batch) Erasures() []Erasure { return b.erasures }

// forgetImages takes out what is known of a tenure's rows by content.
func (b *Batch) forgetImages(t *ledger.Tenure) {
	b.erasures = deleteFunc(b.erasures, func(e *Erasure) bool { return e.Tenure == t })
	for image, pending := range b.images {
		kept := pending[:0]
		for _, i := range pending {
			if b.rows[i].Tenure != t {
				kept = append(kept, i)
			}
		}
		b.images[image] = kept
	}
}

// AppendErasure appends the statement that removes one row.
func (b *Batch) AppendErasure(dst []byte, e *Erasure) []byte {
	dst = appendDelete(dst, b.table)
	return append(append(dst, e.Where...), " LIMIT 1"...)
}
