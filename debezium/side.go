package debezium

import "strings"

// side is what stands on one side of a message's payload, in parts: those that
// the schemas of other topics have too are the same strings there. Of the 8 kB
// around an event of a fleet's table nearly all are the same for every store, so
// that thousands of topics take little memory, and what messages are compared
// with stays in the CPU's cache.
type side struct {
	parts []string
	size  int // bytes in all
}

// whole is a side that shares nothing.
func whole(text string) side {
	if text == "" {
		return side{}
	}
	return side{parts: []string{text}, size: len(text)}
}

// leads says whether the text begins with the side.
func (s *side) leads(text []byte) bool {
	if len(text) < s.size {
		return false
	}
	for _, part := range s.parts {
		if string(text[:len(part)]) != part {
			return false
		}
		text = text[len(part):]
	}
	return true
}

func (s *side) append(to []byte) []byte {
	for _, part := range s.parts {
		to = append(to, part...)
	}
	return to
}

// span is a part of a text that is shared.
type span struct {
	from, to int
	shared   string
}

// patch makes a side of a text of which some spans, in order, are shared. What
// is left of the text is copied, so that the text itself is not kept.
func patch(text string, spans []span) side {
	if len(spans) == 0 {
		return whole(text)
	}
	s := side{parts: make([]string, 0, 2*len(spans)+1), size: len(text)}
	end := 0
	for _, shared := range spans {
		s.parts = append(s.parts, strings.Clone(text[end:shared.from]), shared.shared)
		end = shared.to
	}
	s.parts = append(s.parts, strings.Clone(text[end:]))
	return s
}
