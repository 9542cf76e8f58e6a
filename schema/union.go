package schema

// Union returns the smallest type that holds the values of both a and b.
func Union(a, b Type) (Type, error) {
	if a.Equal(b) {
		return a, nil
	}
	return Type{}, &ClashError{Have: a, Want: b}
}
