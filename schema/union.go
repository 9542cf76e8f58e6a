package schema

// Union returns the smallest type that holds the values of both a and b, each
// exactly as it is: integers meet in the range of both, decimals keep digits on
// both sides of the point, labels are united in the order of a and then of b,
// text and bytes take the longer, temporal types the finer fraction. Types with
// no such union are a [*ClashError].
//
// Union is idempotent, commutative but for the order of labels and, within a
// kind, associative. What decides nothing about values (ZEROFILL, FLOAT(M,D), a
// spatial column's SRID) remains only where both have it alike. Text takes a's
// collation.
func Union(a, b Type) (Type, error) {
	if a.Base == b.Base && a.Equal(b) {
		return a.openedBy(b), nil
	}
	switch {
	case whole(a) && whole(b):
		return unionWhole(a, b), nil
	case number(a) && number(b):
		return unionNumber(a, b)
	case textLike(a) && textLike(b):
		return unionText(a, b), nil
	case a.Kind() == BinaryKind && b.Kind() == BinaryKind:
		return unionBinary(a, b), nil
	case calendar(a) && calendar(b):
		return unionCalendar(a, b), nil
	case a.Kind() == b.Kind():
		return unionKind(a, b)
	case a.Kind() == JSONKind && b.Kind() == VectorKind, a.Kind() == VectorKind && b.Kind() == JSONKind:
		return Type{Base: JSON}, nil
	}
	return Type{}, clash(a, b)
}

// openedBy takes from b what a leaves open.
func (t Type) openedBy(b Type) Type {
	if t.Charset == "" {
		t.Charset = b.Charset
	}
	if t.Collation == "" {
		t.Collation = b.Collation
	}
	return t
}

// unionKind unites two types of one kind that need no rule of their own.
func unionKind(a, b Type) (Type, error) {
	switch a.Kind() {
	case TimeKind, TimestampKind:
		a.Fraction = max(a.Fraction, b.Fraction)
		return a, nil
	case VectorKind:
		a.Length = max(a.Length, b.Length)
		return a, nil
	case SpatialKind:
		u := Type{Base: Geometry}
		if a.Base == b.Base {
			u.Base = a.Base
		}
		if a.SRID != nil && b.SRID != nil && *a.SRID == *b.SRID {
			u.SRID = a.SRID
		}
		return u, nil
	}
	return Type{}, clash(a, b)
}

func calendar(t Type) bool { return t.Kind() == DateKind || t.Kind() == DateTimeKind }

func unionCalendar(a, b Type) Type {
	return Type{Base: DateTime, Fraction: max(a.Fraction, b.Fraction)}
}

// unionBinary never makes a BINARY longer, which would pad the values of the
// shorter one.
func unionBinary(a, b Type) Type {
	if a.Size() == 0 && b.Size() == 0 {
		return Type{Base: VarBinary, Length: max(a.Length, b.Length)}
	}
	return blobFor(max(a.Length, b.Length, a.Size(), b.Size()))
}

// clash explains why two types do not meet where there is more to say.
func clash(a, b Type) error {
	e := &ClashError{Have: a, Want: b, Hint: "change the column in the stores that differ, give their table another name by a rule, or leave the column out"}
	is := func(k, l Kind) bool { return a.Kind() == k && b.Kind() == l || a.Kind() == l && b.Kind() == k }
	switch {
	case is(DateTimeKind, TimestampKind) || is(DateKind, TimestampKind):
		e.Reason = "one is a wall clock, the other an instant"
	case is(DecimalKind, FloatKind):
		e.Reason = "a float does not keep a decimal's digits"
	case is(IntegerKind, FloatKind):
		e.Reason = "a float does not keep every integer of that size"
	case is(TextKind, BinaryKind):
		e.Reason = "one is characters, the other bytes"
	case a.Kind() == DecimalKind && b.Kind() == DecimalKind:
		e.Reason = "together they need more than 65 digits"
	}
	return e
}
