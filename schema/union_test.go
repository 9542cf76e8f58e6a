package schema_test

import (
	"math/big"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/schema"
)

func parse(t require.TestingT, text string) schema.Type {
	parsed, err := schema.ParseType(text)
	require.NoError(t, err, text)
	if k := parsed.Kind(); k == schema.TextKind || k == schema.EnumKind || k == schema.SetKind {
		parsed.Charset = "utf8mb4"
	}
	return parsed
}

func TestUnion(t *testing.T) {
	for _, c := range [][3]string{
		// Integers meet in the range of both.
		{"int", "int", "int"},
		{"int", "int unsigned", "bigint"},
		{"int", "bigint", "bigint"},
		{"tinyint", "tinyint unsigned", "smallint"},
		{"smallint unsigned", "smallint", "mediumint"},
		{"mediumint unsigned", "int", "int"},
		{"bigint", "bigint unsigned", "decimal(20,0)"},
		{"int unsigned", "bigint unsigned", "bigint unsigned"},
		{"int(5) unsigned zerofill", "int unsigned", "int unsigned"},
		{"int(5) unsigned zerofill", "int(7) unsigned zerofill", "int(7) unsigned zerofill"},
		// What is spelled differently and means the same.
		{"tinyint(1)", "tinyint(1)", "tinyint(1)"},
		{"tinyint(1)", "bit(1)", "tinyint(1)"},
		{"tinyint(1)", "tinyint", "tinyint"},
		{"bit(1)", "bit(9)", "bit(9)"},
		{"bit(1)", "tinyint", "tinyint"},
		{"bit(9)", "smallint", "smallint"},
		{"bit(8)", "tinyint", "smallint"},
		{"bit(64)", "bigint", "decimal(20,0)"},
		{"year", "smallint", "smallint"},
		{"year", "tinyint", "smallint"},
		{"year", "year", "year"},
		// Decimals keep digits on both sides.
		{"decimal(10,2)", "decimal(8,4)", "decimal(12,4)"},
		{"decimal(10,2)", "int", "decimal(12,2)"},
		{"decimal(3,1)", "tinyint unsigned", "decimal(4,1)"},
		{"decimal(5,0) unsigned", "decimal(5,0)", "decimal(5,0)"},
		{"decimal(6,2) unsigned", "int unsigned", "decimal(12,2) unsigned"},
		{"decimal(20,0)", "bigint unsigned", "decimal(20,0)"},
		// Floats.
		{"float", "double", "double"},
		{"float(7,3)", "float(7,3)", "float(7,3)"},
		{"float(7,3)", "float", "float"},
		{"float", "smallint", "float"},
		{"float", "mediumint", "double"}, // of a float MySQL shows six digits
		{"float", "int", "double"},
		{"double", "int unsigned", "double"},
		{"double unsigned", "double", "double"},
		// Text climbs a ladder.
		{"char(3)", "char(5)", "char(5)"},
		{"char(3)", "varchar(2)", "varchar(3)"},
		{"varchar(20)", "varchar(300)", "varchar(300)"},
		{"varchar(20)", "tinytext", "tinytext"},
		{"varchar(100)", "tinytext", "text"},
		{"varchar(16383)", "text", "text"},
		{"text", "mediumtext", "mediumtext"},
		{"longtext", "char(1)", "longtext"},
		{"json", "text", "longtext"},
		{"json", "json", "json"},
		{"uuid", "varchar(10)", "varchar(36)"},
		{"inet4", "inet6", "varchar(39)"},
		// Labels unite in the first one's order.
		{"enum('a','b')", "enum('b','c')", "enum('a','b','c')"},
		{"enum('b','c')", "enum('a','b')", "enum('b','c','a')"},
		{"enum('a','b')", "enum('a')", "enum('a','b')"},
		{"set('x','y')", "set('z')", "set('x','y','z')"},
		{"enum('a','long one')", "varchar(3)", "varchar(8)"},
		{"set('x','y','zz')", "varchar(3)", "varchar(6)"},
		{"enum('ä','long')", "text", "text"},
		// Bytes: a longer BINARY would pad.
		{"binary(4)", "binary(4)", "binary(4)"},
		{"binary(4)", "binary(8)", "varbinary(8)"},
		{"binary(4)", "varbinary(2)", "varbinary(4)"},
		{"varbinary(300)", "tinyblob", "blob"},
		{"blob", "longblob", "longblob"},
		// Times keep the finer fraction.
		{"time", "time(3)", "time(3)"},
		{"datetime(6)", "datetime", "datetime(6)"},
		{"timestamp(1)", "timestamp(2)", "timestamp(2)"},
		{"date", "datetime(3)", "datetime(3)"},
		{"date", "date", "date"},
		// The rest.
		{"point", "polygon", "geometry"},
		{"point", "point", "point"},
		{"vector(3)", "vector(5)", "vector(5)"},
		{"vector(3)", "json", "json"},
	} {
		a, b := parse(t, c[0]), parse(t, c[1])
		u, err := schema.Union(a, b)
		require.NoError(t, err, "%s and %s", a, b)
		require.Equal(t, c[2], u.String(), "%s and %s", a, b)
	}
}

func TestUnionClashes(t *testing.T) {
	for _, c := range []struct{ a, b, reason string }{
		{"int", "varchar(10)", ""},
		{"int", "datetime", ""},
		{"bigint", "double", "a float does not keep every integer"},
		{"int", "json", ""},
		{"decimal(10,2)", "double", "a float does not keep a decimal's digits"},
		{"decimal(65,0)", "decimal(30,30)", "more than 65 digits"},
		{"datetime", "timestamp", "a wall clock, the other an instant"},
		{"date", "timestamp(6)", "a wall clock, the other an instant"},
		{"time", "datetime", ""},
		{"text", "blob", "one is characters, the other bytes"},
		{"uuid", "binary(16)", ""},
		{"point", "json", ""},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		for _, pair := range [][2]schema.Type{{a, b}, {b, a}} {
			_, err := schema.Union(pair[0], pair[1])
			var clash *schema.ClashError
			require.ErrorAs(t, err, &clash, "%s and %s", a, b)
			require.ErrorContains(t, err, "no type holds both "+pair[0].String()+" and "+pair[1].String())
			require.ErrorContains(t, err, c.reason)
			require.ErrorContains(t, err, "change the column in the stores that differ")
		}
	}
}

func TestUnionOfManyLabelsIsText(t *testing.T) {
	labels := func(from, n int) (l []string) {
		for i := range n {
			l = append(l, string(rune('A'+(from+i)/26))+string(rune('a'+(from+i)%26)))
		}
		return l
	}
	u, err := schema.Union(schema.Type{Base: schema.Set, Labels: labels(0, 60)}, schema.Type{Base: schema.Set, Labels: labels(60, 10)})
	require.NoError(t, err)
	require.Equal(t, "varchar(209)", u.String()) // 70 labels of two and 69 commas
}

func TestUnionAsksForACollationThatHoldsLabelsApart(t *testing.T) {
	u, err := schema.Union(parse(t, "enum('a')"), parse(t, "enum('A')"))
	require.NoError(t, err)
	require.Equal(t, "enum('a','A') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", u.SQL(mysql9))
	latin := parse(t, "enum('a')")
	latin.Charset, latin.Collation = "latin1", "latin1_swedish_ci"
	u, err = schema.Union(latin, parse(t, "enum('b')"))
	require.NoError(t, err)
	require.Equal(t, "utf8mb4", u.Charset)
	require.Empty(t, u.Collation)
}

// anyType draws types of every kind but those that only differ in name.
func anyType() *rapid.Generator[schema.Type] {
	return rapid.Custom(func(t *rapid.T) schema.Type {
		u := schema.Type{Base: schema.Base(rapid.IntRange(int(schema.TinyInt), int(schema.Inet6)).Draw(t, "base"))}
		flag := func(label string) bool { return rapid.Bool().Draw(t, label) }
		switch u.Kind() {
		case schema.IntegerKind:
			u.Unsigned = flag("unsigned")
			if u.Base == schema.TinyInt && !u.Unsigned && flag("bool") {
				u.Length = 1
			}
		case schema.DecimalKind:
			u.Length = rapid.IntRange(1, 65).Draw(t, "digits")
			u.Scale = rapid.IntRange(0, min(30, u.Length)).Draw(t, "scale")
			u.Unsigned = flag("unsigned")
		case schema.FloatKind:
			u.Unsigned = flag("unsigned")
		case schema.BitKind:
			u.Length = rapid.IntRange(1, 64).Draw(t, "bits")
		case schema.TimeKind, schema.DateTimeKind, schema.TimestampKind:
			u.Fraction = rapid.IntRange(0, 6).Draw(t, "fraction")
		case schema.EnumKind, schema.SetKind:
			u.Labels = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "dd", "é", "A", ""}), 1, 5, rapid.ID).Draw(t, "labels")
			u.Charset = "utf8mb4"
		case schema.VectorKind:
			u.Length = rapid.IntRange(1, 100).Draw(t, "entries")
		case schema.TextKind, schema.BinaryKind:
			if u.Size() == 0 {
				u.Length = rapid.IntRange(0, map[schema.Base]int{schema.Char: 255, schema.Binary: 255, schema.VarChar: 16383, schema.VarBinary: 65000}[u.Base]).Draw(t, "length")
			}
			if u.Kind() == schema.TextKind {
				u.Charset = "utf8mb4"
			}
		}
		return u
	})
}

// capacity is what a type holds, told independently of how unions are made:
// the values of one type fit another of the same kind if all of the numbers do.
type capacity struct {
	low, high *big.Int // of numbers
	scale     int      // digits behind the point, of exact numbers
	mantissa  int      // bits, of floats: 24 or 53; 0 for exact numbers
	length    int      // characters or bytes
	pads      bool     // BINARY: only values of just this length
	fraction  int
	labels    []string
	kind      string
	anyShape  bool
	shape     schema.Base
}

func capacityOf(u schema.Type) capacity {
	pow := func(base, exp int) *big.Int {
		return new(big.Int).Exp(big.NewInt(int64(base)), big.NewInt(int64(exp)), nil)
	}
	minus := func(n *big.Int) *big.Int { return new(big.Int).Sub(n, big.NewInt(1)) }
	neg := func(n *big.Int) *big.Int { return new(big.Int).Neg(n) }
	zero := new(big.Int)
	number := func(low, high *big.Int, scale int) capacity {
		if u.Unsigned {
			low = zero
		}
		return capacity{kind: "number", low: low, high: high, scale: scale}
	}
	switch u.Kind() {
	case schema.IntegerKind:
		low, high := u.IntegerRange()
		return number(big.NewInt(low), new(big.Int).SetUint64(high), 0)
	case schema.BitKind:
		return number(zero, minus(pow(2, u.Length)), 0)
	case schema.YearKind:
		return number(zero, big.NewInt(2155), 0)
	case schema.DecimalKind:
		return number(neg(minus(pow(10, u.Length-u.Scale))), minus(pow(10, u.Length-u.Scale)), u.Scale)
	case schema.FloatKind:
		c := number(neg(pow(10, 300)), pow(10, 300), 300)
		c.mantissa = 24
		if u.Base == schema.Double {
			c.mantissa = 53
		}
		return c
	case schema.TextKind, schema.JSONKind, schema.AddressKind, schema.EnumKind, schema.SetKind:
		c := capacity{kind: "text", length: textLength(u)}
		if u.Kind() == schema.EnumKind || u.Kind() == schema.SetKind {
			c.labels = u.Labels
		}
		return c
	case schema.BinaryKind:
		return capacity{kind: "bytes", length: max(u.Size(), u.Length), pads: u.Base == schema.Binary}
	case schema.DateKind:
		return capacity{kind: "calendar"}
	case schema.DateTimeKind:
		return capacity{kind: "calendar", fraction: u.Fraction, anyShape: true}
	case schema.TimeKind, schema.TimestampKind:
		return capacity{kind: u.Base.String(), fraction: u.Fraction}
	case schema.SpatialKind:
		return capacity{kind: "spatial", shape: u.Base, anyShape: u.Base == schema.Geometry}
	case schema.VectorKind:
		return capacity{kind: "vector", length: u.Length}
	}
	panic("no capacity for " + u.String())
}

// textLength is in characters; TEXT is counted as if all took four bytes.
func textLength(u schema.Type) int {
	longest := 0
	switch u.Base {
	case schema.Char, schema.VarChar:
		return u.Length
	case schema.UUID:
		return 36
	case schema.Inet4:
		return 15
	case schema.Inet6:
		return 39
	case schema.Enum:
		for _, l := range u.Labels {
			longest = max(longest, utf8.RuneCountInString(l))
		}
		return longest
	case schema.Set:
		for _, l := range u.Labels {
			longest += utf8.RuneCountInString(l) + 1
		}
		return longest - 1
	}
	return u.Size() / 4
}

// holds says whether every value of type b is one of type a.
func holds(a, b schema.Type) bool {
	x, y := capacityOf(a), capacityOf(b)
	switch {
	case x.kind == "vector" && y.kind == "vector":
		return x.length >= y.length
	case x.kind == "text" && y.kind == "vector":
		return a.Base == schema.JSON
	case x.kind != y.kind:
		return false
	case x.kind == "number" && x.mantissa > 0 && y.mantissa > 0:
		return x.mantissa >= y.mantissa && (!a.Unsigned || b.Unsigned)
	case x.kind == "number" && x.mantissa > 0:
		size := max(y.high.BitLen(), new(big.Int).Not(y.low).BitLen())
		return b.Kind() != schema.DecimalKind && size <= x.mantissa && (!a.Unsigned || y.low.Sign() >= 0)
	case x.kind == "number":
		return x.low.Cmp(y.low) <= 0 && x.high.Cmp(y.high) >= 0 && x.scale >= y.scale
	case x.kind == "text" && x.labels != nil:
		for _, l := range y.labels {
			if !slices.Contains(x.labels, l) {
				return false
			}
		}
		return y.labels != nil && a.Base == b.Base
	case x.kind == "bytes" && x.pads:
		return y.pads && x.length == y.length
	case x.kind == "spatial":
		return x.anyShape || x.shape == y.shape
	}
	// CHAR drops spaces at the end, which only another CHAR, and types that
	// never end with one, do without.
	if a.Base == schema.Char && b.Base != schema.Char && b.Base != schema.UUID {
		return false
	}
	return x.length >= y.length && x.fraction >= y.fraction && (x.anyShape || !y.anyShape)
}

func TestUnionHoldsBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyType().Draw(t, "a"), anyType().Draw(t, "b")
		u, err := schema.Union(a, b)
		if err != nil {
			var clash *schema.ClashError
			require.ErrorAs(t, err, &clash)
			require.False(t, holds(a, b) || holds(b, a), "%s and %s do not meet, though one holds the other", a, b)
			return
		}
		require.True(t, holds(u, a), "%s does not hold %s", u, a)
		require.True(t, holds(u, b), "%s does not hold %s", u, b)
		parsed, err := schema.ParseType(u.String())
		require.NoError(t, err)
		require.Equal(t, u.String(), parsed.String())
	})
}

func TestUnionIsIdempotentAndCommutative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyType().Draw(t, "a"), anyType().Draw(t, "b")
		same, err := schema.Union(a, a)
		require.NoError(t, err)
		require.Equal(t, a.String(), same.String())

		ab, err1 := schema.Union(a, b)
		ba, err2 := schema.Union(b, a)
		require.Equal(t, err1 == nil, err2 == nil)
		if err1 != nil {
			return
		}
		slices.Sort(ab.Labels)
		slices.Sort(ba.Labels)
		require.Equal(t, ab, ba)

		// The union is a fixed point: uniting again changes nothing.
		for _, one := range []schema.Type{a, b} {
			again, err := schema.Union(ab, one)
			require.NoError(t, err)
			require.True(t, again.Equal(ab), "%s and %s make %s, and with %s again %s", a, b, ab, one, again)
		}
	})
}

func TestUnionIsAssociativeWithinAKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyType().Draw(t, "a")
		same := anyType().Filter(func(u schema.Type) bool { return u.Kind() == a.Kind() })
		b, c := same.Draw(t, "b"), same.Draw(t, "c")
		left := unite(unite(a, b), &c)
		right := unite(a, unite(b, &c))
		if left == nil || right == nil { // decimals beyond 65 digits
			require.Equal(t, left == nil, right == nil)
			return
		}
		require.Equal(t, left.String(), right.String(), "%s, %s, %s", a, b, c)
	})
}

// unite is Union for what may have clashed before.
func unite(a any, b any) *schema.Type {
	get := func(v any) *schema.Type {
		if t, ok := v.(schema.Type); ok {
			return &t
		}
		return v.(*schema.Type)
	}
	x, y := get(a), get(b)
	if x == nil || y == nil {
		return nil
	}
	u, err := schema.Union(*x, *y)
	if err != nil {
		return nil
	}
	return &u
}

func TestTypesPrintAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := anyType().Draw(t, "type")
		parsed, err := schema.ParseType(u.String())
		require.NoError(t, err)
		parsed.Charset = u.Charset
		require.Equal(t, u, parsed)
	})
}
