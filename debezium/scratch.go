package debezium

// Memory kept between messages. What a rare huge message needed beyond this is
// given back with the next ordinary one.
const (
	keepText   = 1 << 20
	keepValues = 1 << 13
)

// scratch is the memory one decoded message lives in: a copy of its payload,
// in which strings are unescaped and base64 is undone in place (both only
// shrink), and the values that point into it.
type scratch struct {
	text   []byte
	values []Value
	// taken counts the values handed out since load.
	taken int
}

// load copies the payload into the scratch and returns the copy, followed by
// padding zero bytes so that scanning needs no length checks: a zero byte is
// not allowed anywhere in JSON.
func (s *scratch) load(payload []byte, padding int) []byte {
	need := len(payload) + padding
	if cap(s.text) < need || cap(s.text) > keepText && need <= keepText {
		s.text = make([]byte, need, need+need/4)
	}
	s.text = s.text[:need]
	n := copy(s.text, payload)
	clear(s.text[n:])
	if cap(s.values) > keepValues {
		s.values = nil
	}
	s.values, s.taken = s.values[:0], 0
	return s.text
}

// take returns n Absent values. When the current block is full a larger one
// takes its place; rows already handed out keep the old one.
func (s *scratch) take(n int) []Value {
	s.taken += n
	used := len(s.values)
	if used+n > cap(s.values) {
		s.values = make([]Value, 0, max(2*cap(s.values), n, 32))
		used = 0
	}
	s.values = s.values[:used+n]
	taken := s.values[used : used+n : used+n]
	clear(taken)
	return taken
}
