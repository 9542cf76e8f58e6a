package events

import "math/rand/v2"

// Mix is how often stores create, update and delete rows, in percent; what is
// missing from a hundred is creates.
type Mix struct {
	Updates, Deletes int
	// Hot is how many of a store's newest rows the updates and deletes hit.
	Hot int
}

// Life is what happens to one store's table, change by change, and what it
// holds afterwards. The same topic and mix always have the same life.
type Life struct {
	topic *Topic
	mix   Mix
	rand  *rand.Rand
	last  uint64
	rows  map[uint64]uint32 // id -> version
	hot   []uint64
}

// NewLife returns the life of an empty table.
func NewLife(t *Topic, m Mix) *Life {
	return &Life{topic: t, mix: m, rand: rand.New(rand.NewPCG(t.seed, 1)), rows: make(map[uint64]uint32)}
}

// Next makes the next change.
func (l *Life) Next(micros int64) Change {
	if dice := l.rand.IntN(100); dice < l.mix.Updates+l.mix.Deletes && len(l.hot) > 0 {
		i := l.rand.IntN(len(l.hot))
		id := l.hot[i]
		if dice < l.mix.Updates {
			l.rows[id]++
			return Change{Op: 'u', ID: id, Version: l.rows[id], Micros: micros}
		}
		version := l.rows[id]
		delete(l.rows, id)
		l.hot = append(l.hot[:i], l.hot[i+1:]...)
		return Change{Op: 'd', ID: id, Version: version, Micros: micros}
	}
	l.last++
	l.rows[l.last] = 1
	if l.mix.Hot > 0 {
		if len(l.hot) >= l.mix.Hot {
			l.hot = append(l.hot[:0], l.hot[1:]...)
		}
		l.hot = append(l.hot, l.last)
	}
	return Change{Op: 'c', ID: l.last, Version: 1, Micros: micros}
}

// Rows calls yield for every row the table holds.
func (l *Life) Rows(yield func(id uint64, version uint32)) {
	for id := uint64(1); id <= l.last; id++ {
		if version, there := l.rows[id]; there {
			yield(id, version)
		}
	}
}
