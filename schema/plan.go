package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Plan lists the changes that make the table have hold what the table want
// holds, nil when nothing needs changing. A nil have is a table that does not
// exist.
//
// Tables are created, columns added (nullable) and widened to the union of both
// types, NOT NULL columns that the store may leave out become nullable, and
// text in the key gets a collation that merges nothing. Nothing is dropped,
// narrowed or made NOT NULL. A table made by hand keeps types that hold the
// store's values in another way (see [Holds]) and need not have the service
// columns.
//
// Types that do not meet are a [*ClashError]; a key or a unique index that
// would merge rows is a [*KeyError]; a table whose engine has no transactions is
// an [*EngineError].
func Plan(have *Table, want Table, d Dialect) ([]Change, error) {
	if have == nil {
		return []Change{{
			Table: want.Name, Creates: true, Cost: Instant, Columns: columnNames(want.Columns),
			Why: []string{"the table does not exist"}, statement: want.CreateSQL(d),
		}}, nil
	}
	if err := checkEngine(have); err != nil {
		return nil, err
	}
	if err := checkKeys(have, &want, d); err != nil {
		return nil, err
	}
	p := planner{have: have, want: &want, dialect: d}
	p.result = Table{Name: have.Name, Columns: slices.Clone(have.Columns), Key: have.Key}
	for i := range want.Columns {
		if err := p.column(&want.Columns[i]); err != nil {
			return nil, err
		}
	}
	p.relax()
	// What was there fits; what is new may have to move out of the row.
	p.result.fitRow(func(c *Column) bool { return have.Column(c.Name) != nil && have.Column(c.Name).Type.Equal(c.Type) })
	return p.changes(), nil
}

func columnNames(columns []Column) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// planner works out the columns of the changed table, and why.
type planner struct {
	have, want *Table
	result     Table
	dialect    Dialect
	reasons    map[string][]string
}

func (p *planner) because(column, why string) {
	if p.reasons == nil {
		p.reasons = make(map[string][]string)
	}
	p.reasons[column] = append(p.reasons[column], why)
}

// column makes room for one wanted column.
func (p *planner) column(want *Column) error {
	have := p.result.Column(want.Name)
	if have == nil {
		if want.Field == "" && want.Name != DeletedColumn {
			return nil // a service column that this table does without
		}
		c := *want
		c.Nullable = true
		p.result.Columns = append(p.result.Columns, c)
		p.because(c.Name, "the column is missing")
		return nil
	}
	if want.Field == "" && want.Name != StoreColumn {
		return nil
	}
	if have.Generated != "" {
		return nil // the server computes it; the sink leaves it out
	}
	t, err := widened(have.Type, want.Type)
	if err != nil {
		var clash *ClashError
		if errors.As(err, &clash) {
			clash.Table, clash.Column = p.have.Name, have.Name
			clash.SQL = p.settling(have, want)
		}
		return err
	}
	exact := want.Name == StoreColumn && strings.HasSuffix(t.Collation, "_bin")
	if p.have.InKey(have.Name) && (t.Kind() == TextKind || t.Kind() == BinaryKind) && !exact {
		if t, err = t.inKey(p.dialect); err != nil {
			return err
		}
		if t.Base == have.Type.Base {
			t.Length = max(t.Length, have.Type.Length) // what a TEXT asks for is a guess
		}
	}
	if !t.same(have.Type) {
		p.because(have.Name, fmt.Sprintf("%s must hold %s", describe(have.Type), describe(want.Type)))
		have.Type = t
		have.retime()
	}
	return nil
}

// now is how the server shows the one default that depends on the type.
var now = regexp.MustCompile(`(?i)current_timestamp(\(\d*\))?`)

// retime gives CURRENT_TIMESTAMP the column's fraction, without which the
// server refuses it as a default.
func (c *Column) retime() {
	if c.Type.Kind() != DateTimeKind && c.Type.Kind() != TimestampKind {
		return
	}
	fitting := fmt.Sprintf("CURRENT_TIMESTAMP(%d)", c.Type.Fraction)
	c.Default = now.ReplaceAllString(c.Default, fitting)
	c.Extra = now.ReplaceAllString(c.Extra, fitting)
}

// describe names a type with the collation that may be all that differs.
func describe(t Type) string {
	if t.Collation != "" {
		return t.String() + " " + t.Collation
	}
	return t.String()
}

// widened is what a column that is there must become to hold another type: its
// own type where it holds it anyhow, else the union in its own charset.
func widened(have, want Type) (Type, error) {
	if Holds(have, want) {
		return have, nil
	}
	u, err := Union(have, want)
	if err != nil {
		if t, ok := stretched(have, want); ok {
			return t, nil
		}
		return Type{}, err
	}
	if have.textual() && have.Charset != "" && u.Kind() == have.Kind() {
		// The collation of a column made by hand is its maker's choice,
		// unless labels need another.
		if u.Collation != labelCollation {
			u.Charset, u.Collation = have.Charset, have.Collation
		}
	}
	if have.Kind() == SpatialKind && u.Base == have.Base {
		u.SRID = have.SRID
	}
	return u, nil
}

// Holds says whether a column that is there holds the values of another type
// exactly though the two have no union, or the union is another type: what a
// person or another sink has made need not be changed if it loses nothing.
// Instants go into a DATETIME in UTC, numbers and times into text, temporal
// values as sent into a BIGINT, decimals of up to 15 digits into a DOUBLE.
func Holds(have, want Type) bool {
	switch have.Kind() {
	case DateTimeKind:
		return want.Kind() == TimestampKind && have.Fraction >= want.Fraction
	case TextKind:
		width := textWidth(want)
		return width > 0 && width <= max(have.Length, have.Size())
	case IntegerKind:
		return have.Base == BigInt && !have.Unsigned &&
			(want.Kind() == DateKind || want.Kind() == TimeKind || want.Kind() == DateTimeKind)
	case FloatKind:
		return have.Base == Double && have.Length == 0 && want.Kind() == DecimalKind && want.Length <= 15
	}
	return false
}

// stretched is a longer form of a type that then [Holds] the other one: a VARCHAR
// the text of a number, a DATETIME an instant's fraction.
func stretched(have, want Type) (Type, bool) {
	width := textWidth(want)
	switch {
	case have.Kind() == DateTimeKind && want.Kind() == TimestampKind:
		have.Fraction = max(have.Fraction, want.Fraction)
	case have.Kind() == TextKind && width > 0 && width <= maxVarChar:
		t := longerText(have, Type{Base: VarChar, Length: width})
		t.Charset, t.Collation = have.Charset, have.Collation
		have = t
	default:
		return have, false
	}
	return have, true
}

// textWidth is the most characters the text of a number, a time or a vector
// has, 0 for all other types.
func textWidth(t Type) int {
	switch t.Kind() {
	case IntegerKind, YearKind:
		return digitsBefore(t) + 1
	case DecimalKind:
		return t.Length + len("-0.")
	case FloatKind:
		return len("-1.7976931348623157E+308")
	case DateKind:
		return len("2006-01-02")
	case TimeKind:
		return len("-838:59:59.000000")
	case DateTimeKind:
		return len("2006-01-02 15:04:05.000000")
	case TimestampKind: // as sent
		return len("2006-01-02T15:04:05.000000+00:00")
	case VectorKind:
		return 1 << 19
	}
	return 0
}

// same says whether a column of type t and one of type u are the same to the
// server. SRID is left out: it restricts what a column takes and says nothing
// about what the store sends.
func (t Type) same(u Type) bool {
	t.SRID, u.SRID = nil, nil
	return t.Equal(u)
}

// relax makes nullable what the store may leave out: a column it does not have,
// or one it sends NULL in.
func (p *planner) relax() {
	for i := range p.result.Columns {
		c := &p.result.Columns[i]
		if c.Nullable || p.have.Column(c.Name) == nil || p.have.InKey(c.Name) || c.Generated != "" ||
			strings.Contains(c.Extra, "auto_increment") {
			continue
		}
		want := p.want.Column(c.Name)
		switch {
		case want == nil && c.Default == "":
			p.because(c.Name, "NOT NULL, and the store does not have it")
		case want != nil && !want.Required:
			p.because(c.Name, "NOT NULL, and the store sends NULL")
		default:
			continue
		}
		c.Nullable = true
	}
}
