package debezium

import "sync"

// Shapes are the lists of fields that the schemas of many topics have in common.
// The tables of a fleet's stores are alike: their schemas name the store around
// the row, and the row, the source block and the key are the same to the letter.
// Readers that share Shapes read such a list once, and keep it once, however
// many topics there are: [Schema.Columns] of two stores' topics are then the
// same slice. It is safe for concurrent use. The zero Shapes is ready for use.
type Shapes struct {
	mu    sync.Mutex
	lists map[string][]Field  // by the list's text in a schema; guarded by mu
	nodes map[*Field]jsonNode // by a list's first field; guarded by mu
}

// maxShapes bounds what is remembered. A list that is forgotten lives on in the
// schemas that have it.
const maxShapes = 10_000

// Reader returns a Reader that has seen no message yet and shares its fields'
// lists with others; see [NewReaderWith].
func (s *Shapes) Reader(registry Registry) *Reader {
	return &Reader{registry: registry, shapes: s}
}

// list returns the fields that a list's text stands for, nil if it has not been
// seen.
func (s *Shapes) list(text string) []Field {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists[text]
}

// keep remembers what a list's text stands for, and returns what everybody is to
// use: somebody else may have read the same list meanwhile.
func (s *Shapes) keep(text string, fields []Field) []Field {
	if s == nil || len(fields) == 0 {
		return fields
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.lists[text]; ok {
		return known
	}
	if s.lists == nil || len(s.lists) >= maxShapes {
		s.lists, s.nodes = make(map[string][]Field), make(map[*Field]jsonNode)
	}
	s.lists[text] = fields
	s.nodes[&fields[0]] = jsonNode{} // to be planned
	return fields
}

// node returns the node of a list that is kept; ok is false if there is none yet.
func (s *Shapes) node(first *Field) (n jsonNode, ok bool) {
	if s == nil {
		return n, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n = s.nodes[first]
	return n, n.members != nil
}

// planned remembers the node of a list that is kept.
func (s *Shapes) planned(first *Field, n jsonNode) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, kept := s.nodes[first]; kept {
		s.nodes[first] = n
	}
}
