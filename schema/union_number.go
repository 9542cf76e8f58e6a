package schema

import "math/bits"

// whole says whether t holds whole numbers of up to 64 bits. A BIT is one to
// everybody but its notation, a YEAR one of 0 to 2155.
func whole(t Type) bool {
	return t.Kind() == IntegerKind || t.Kind() == BitKind || t.Kind() == YearKind
}

func number(t Type) bool {
	return whole(t) || t.Kind() == DecimalKind || t.Kind() == FloatKind
}

// lastYear is the greatest YEAR.
const lastYear = 2155

// wholeRange is the least and the greatest value of a whole type.
func wholeRange(t Type) (low int64, high uint64) {
	switch t.Kind() {
	case BitKind:
		return 0, ^uint64(0) >> (64 - t.Length)
	case YearKind:
		return 0, lastYear
	}
	return t.IntegerRange()
}

func unionWhole(a, b Type) Type {
	switch {
	case a.Base == Bit && b.Base == Bit:
		return Type{Base: Bit, Length: max(a.Length, b.Length)}
	case a.truth() && b.truth():
		return Type{Base: TinyInt, Length: 1}
	}
	low, high := wholeRange(a)
	low2, high2 := wholeRange(b)
	u := wholeFor(min(low, low2), max(high, high2))
	if a.Zerofill && b.Zerofill && u.Base != Decimal {
		u.Zerofill, u.Length = true, max(a.Length, b.Length)
	}
	return u
}

// truth says whether t is how MySQL or Debezium spells BOOL.
func (t Type) truth() bool { return t.Boolean() || t.Base == Bit && t.Length == 1 }

// wholeFor is the smallest type with a range: an integer, or DECIMAL(20) for
// what is both negative and beyond 2^63.
func wholeFor(low int64, high uint64) Type {
	for b := TinyInt; b <= BigInt; b++ {
		t := Type{Base: b, Unsigned: low >= 0}
		if l, h := t.IntegerRange(); l <= low && h >= high {
			return t
		}
	}
	return Type{Base: Decimal, Length: 20}
}

// unionNumber unites numbers of which one is no integer.
func unionNumber(a, b Type) (Type, error) {
	if a.Kind() == FloatKind || b.Kind() == FloatKind {
		return unionFloat(a, b)
	}
	before := max(digitsBefore(a), digitsBefore(b))
	u := Type{Base: Decimal, Scale: max(scale(a), scale(b)), Unsigned: nonNegative(a) && nonNegative(b)}
	if u.Length = before + u.Scale; u.Length > 65 {
		return Type{}, clash(a, b)
	}
	u.Zerofill = a.Zerofill && b.Zerofill
	return u, nil
}

// scale is the digits behind the point; whole types use the field otherwise.
func scale(t Type) int {
	if t.Kind() == DecimalKind {
		return t.Scale
	}
	return 0
}

func digitsBefore(t Type) int {
	if t.Kind() == DecimalKind {
		return t.Length - t.Scale
	}
	_, high := wholeRange(t)
	digits := 1
	for ; high >= 10; high /= 10 {
		digits++
	}
	return digits
}

func nonNegative(t Type) bool {
	return t.Unsigned || t.Kind() == BitKind || t.Kind() == YearKind
}

// shownBits is the size of whole numbers that FLOAT, of whose 24 bits MySQL
// shows six digits, shows in full.
const shownBits = 19

// unionFloat lets integers into a float whose mantissa holds them all.
func unionFloat(a, b Type) (Type, error) {
	u := Type{Base: Float, Unsigned: nonNegative(a) && nonNegative(b)}
	for _, t := range [...]Type{a, b} {
		switch {
		case t.Kind() == DecimalKind:
			return Type{}, clash(a, b)
		case whole(t):
			low, high := wholeRange(t)
			// A negative number's complement has its magnitude, less one.
			switch size := max(bits.Len64(high), bits.Len64(uint64(low^low>>63))); {
			case size > 53:
				return Type{}, clash(a, b)
			case size > shownBits:
				u.Base = Double
			}
		case t.Base == Double:
			u.Base = Double
		}
	}
	return u, nil
}
