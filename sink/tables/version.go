package tables

import (
	"slices"
	"strings"

	"tributary/debezium"
	"tributary/schema"
)

// version is how the rows of a store's table look: what must be known of it to
// tell, when another one comes, what ALTER TABLE has done to the rows that no
// event tells of.
type version struct {
	// Table is the true name of the store's table, which the topic's name may
	// only resemble.
	Table   string          `json:"table"`
	Columns []versionColumn `json:"columns"`
	// Former are the columns that earlier versions had: rows may still have
	// values in them centrally.
	Former []string `json:"former,omitempty"`
}

type versionColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Holds is the store's type as SQL, empty in versions of earlier releases
	// and where it is not known; Null says that NULL is among its values.
	Holds string `json:"holds,omitempty"`
	Null  bool   `json:"null,omitempty"`
}

// versionOf describes the columns of an event's rows, all of them, whatever the
// rules leave out.
func versionOf(table string, fields []debezium.Field, d schema.Dialect) version {
	v := version{Table: table, Columns: make([]versionColumn, len(fields))}
	for i := range fields {
		f := &fields[i]
		t := f.Type.String() + " " + f.Logical
		for _, name := range []string{"__debezium.source.column.type", "__debezium.source.column.length", "__debezium.source.column.scale", "length", "scale", "allowed"} {
			if p, ok := f.Parameters[name]; ok {
				t += " " + p
			}
		}
		v.Columns[i] = versionColumn{Name: f.ColumnName(), Type: t}
		if holds, err := schema.TypeOf(f, d, false); err == nil {
			v.Columns[i].Holds, v.Columns[i].Null = holds.String(), f.Optional
		}
	}
	return v
}

// plain is the version as earlier releases have it.
func (v version) plain() version {
	v.Columns = slices.Clone(v.Columns)
	for i := range v.Columns {
		v.Columns[i].Holds, v.Columns[i].Null = "", false
	}
	return v
}

func (v *version) column(name string) *versionColumn {
	for i := range v.Columns {
		if strings.EqualFold(v.Columns[i].Name, name) {
			return &v.Columns[i]
		}
	}
	return nil
}

// has says whether the version has a column. Like the server, it does not mind
// letter case.
func (v *version) has(name string) bool {
	return v.column(name) != nil
}

func (v *version) had(name string) bool {
	return slices.ContainsFunc(v.Former, func(n string) bool { return strings.EqualFold(n, name) })
}

// after returns v as the version that follows old.
func (v version) after(old *version) version {
	v.Former = slices.Clone(old.Former)
	for _, c := range old.Columns {
		if !v.has(c.Name) && !v.had(c.Name) {
			v.Former = append(v.Former, c.Name)
		}
	}
	return v
}

// difference is what one step from a version to the next did to the columns.
type difference struct {
	// renamed are pairs of an old and a new name.
	renamed [][2]string
	// added are new columns, whose values are the default in all rows.
	added []string
	// unclear may be added or be another column under a new name: a column
	// vanished in the same step.
	unclear []string
}

// compare tells columns that were renamed from such that were added. The binary
// log has only the columns before and after: a rename leaves a column's place
// and type as they were and touches no other column's.
func compare(old, is *version) (d difference) {
	var vanished []versionColumn
	for _, c := range old.Columns {
		if !is.has(c.Name) {
			vanished = append(vanished, c)
		}
	}
	renamed := len(vanished) > 0 && len(old.Columns) == len(is.Columns)
	for i := 0; renamed && i < len(is.Columns); i++ {
		a, b := &old.Columns[i], &is.Columns[i]
		switch {
		case strings.EqualFold(a.Name, b.Name):
		case is.has(a.Name) || old.has(b.Name) || a.Type != b.Type:
			renamed = false
		default:
			d.renamed = append(d.renamed, [2]string{a.Name, b.Name})
		}
	}
	if renamed {
		return d
	}
	d.renamed = nil
	for i, c := range is.Columns {
		switch {
		case old.has(c.Name):
		case mayBe(c, vanished) || len(old.Columns) == len(is.Columns) && !is.has(old.Columns[i].Name):
			d.unclear = append(d.unclear, c.Name)
		default:
			d.added = append(d.added, c.Name)
		}
	}
	return d
}

// mayBe says whether a column may be one of those that vanished: it is of their
// type, or of one that ALTER TABLE may have made of it.
func mayBe(c versionColumn, vanished []versionColumn) bool {
	return slices.ContainsFunc(vanished, func(v versionColumn) bool { return v.Type == c.Type || v.family() != 0 && v.family() == c.family() })
}

// family is a kind of values that other types hold as well, 0 if it is not known.
func (c *versionColumn) family() schema.Kind {
	t, err := schema.ParseType(c.Holds)
	if err != nil {
		return 0
	}
	switch t.Kind() {
	case schema.IntegerKind, schema.DecimalKind, schema.FloatKind:
		return schema.DecimalKind
	case schema.DateKind, schema.DateTimeKind, schema.TimestampKind:
		return schema.DateTimeKind
	case schema.TextKind, schema.EnumKind, schema.SetKind:
		return schema.TextKind
	}
	return t.Kind()
}
