package debezium

import (
	"strings"
	"sync"
)

// Shapes are the lists of fields that the schemas of many topics have in common.
// The tables of a fleet's stores are alike: their schemas name the store around
// the row, and the row, the source block and the key are the same to the letter.
// Readers that share Shapes read such a list once, and keep it and its text once,
// however many topics there are: [Schema.Columns] of two stores' topics are then
// the same slice. It is safe for concurrent use. The zero Shapes is ready for use.
type Shapes struct {
	mu    sync.Mutex
	lists map[string]list     // by the list's text in a schema; guarded by mu
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

// list is a struct's members as they stand in a schema, and what they are.
type list struct {
	text   string
	fields []Field
	shared bool // text and fields are those that everybody has
}

// list returns what a list's text stands for, if it has been seen.
func (s *Shapes) list(text string) (known list, ok bool) {
	if s == nil {
		return list{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok = s.lists[text]
	return known, ok
}

// keep remembers a list, and returns the one that everybody is to use: somebody
// else may have read the same meanwhile.
func (s *Shapes) keep(l list) list {
	if s == nil || len(l.fields) == 0 {
		return l
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.lists[l.text]; ok {
		return known
	}
	if s.lists == nil || len(s.lists) >= maxShapes {
		s.lists, s.nodes = make(map[string]list), make(map[*Field]jsonNode)
	}
	l.text, l.shared = strings.Clone(l.text), true // the text it is part of is not kept
	s.lists[l.text] = l
	s.nodes[&l.fields[0]] = jsonNode{} // to be planned
	return l
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
