package debezium

// failure is where and why a body turned out wrong. Readers return -1 for the
// next offset then.
type failure struct {
	reason, path string
	at           int
}

// fail records what is wrong at offset i. The first record stays.
func (f *failure) fail(i int, reason string) int {
	if f.reason == "" {
		f.reason, f.at = reason, i
	}
	return -1
}

// within puts the name of the enclosing field in front of the path, while a
// failure makes its way out.
func (f *failure) within(name string) int {
	switch {
	case f.path == "", f.path[0] == '[':
		f.path = name + f.path
	default:
		f.path = name + "." + f.path
	}
	return -1
}

// malformed returns the failure as an error. The body begins at offset base of
// the message.
func (f *failure) malformed(base int) error {
	return &MalformedError{Path: f.path, Offset: base + f.at, Reason: f.reason}
}
