package schema

import (
	"fmt"
	"sort"
	"strings"

	"tributary/debezium"
)

// Names of the columns that are ours. Where a store has a column of the same
// name, the store's is renamed: see [Derive].
const (
	// StoreColumn tells the stores apart. It is the first column of every key.
	StoreColumn = "store_id"
	// SourceTimeColumn is when the store committed the row, UTC.
	SourceTimeColumn = "_source_ts"
	// AppliedColumn is when the row was written centrally, UTC.
	AppliedColumn = "_applied_at"
	// OffsetColumn is the Kafka offset of the event that wrote the row.
	OffsetColumn = "_offset"
	// PartitionColumn is the Kafka partition, for tables without a key, and
	// above 65,535 which of the topics that have had its name.
	PartitionColumn = "_partition"
	// DeletedColumn says that the store has deleted the row (soft deletes).
	DeletedColumn = "_deleted"
)

// fieldPrefix is put before the name of a store's column that collides with
// one of ours.
const fieldPrefix = "source_"

// maxStore is the longest store id in characters.
const maxStore = 64

// Options say how central tables are made.
type Options struct {
	// Dialect is the central server's.
	Dialect Dialect
	// Collation is that of text outside keys; empty leaves it to the
	// server's default for utf8mb4.
	Collation string
	// SoftDelete adds the _deleted column.
	SoftDelete bool
}

// Derive makes the central table for a row's columns and its key's names.
//
// The store column comes first in the table and in its key. Key columns are
// NOT NULL and compare text byte by byte, without padding, so that no two rows
// any store holds apart can meet; all other columns are nullable, whatever the
// store says, as another store may lack them. The store's defaults are not
// copied: what the event calls a default is not one of MySQL's. The service
// columns are added at the end. A table without a key gets the primary key
// (store_id, _partition, _offset): every event is a row of its own.
//
// A store's column that has the name of one of ours is renamed by putting
// "source_" before it: the store's own store_id becomes source_store_id. Names
// MySQL would refuse, names that collide in spite of this and keys that do not
// fit into an index are errors of type [*DeriveError].
func Derive(name string, columns []debezium.Field, key []string, o Options) (Table, error) {
	if err := CheckName(name); err != nil {
		return Table{}, &DeriveError{Table: name, Reason: err.Error(), Hint: "give the table another name by a rule"}
	}
	t := Table{Name: name, Engine: "InnoDB", Charset: textCharset, Collation: o.Collation}
	t.Columns = append(t.Columns, storeColumn(o.Dialect))
	t.Key = []string{StoreColumn}
	for i := range columns {
		c, err := fieldColumn(&columns[i], hasName(key, columns[i].Name), o)
		if err != nil {
			return Table{}, &DeriveError{Table: name, Column: columns[i].Name, Reason: err.Error()}
		}
		if t.Column(c.Name) != nil {
			return Table{}, &DeriveError{
				Table: name, Column: c.Name,
				Reason: "two columns of the store would have this name",
				Hint:   "leave one of them out by a rule, or rename it in the store",
			}
		}
		t.Columns = append(t.Columns, c)
	}
	for _, k := range key {
		c := t.ForField(k)
		if c == nil {
			return Table{}, &DeriveError{
				Table: name, Column: k, Reason: "the key names a column the row does not have",
				Hint: "do not leave out key columns",
			}
		}
		t.Key = append(t.Key, c.Name)
	}
	t.addService(len(key) > 0, o)
	t.fillKey(columns, o.Dialect)
	t.fitRow(nil)
	return t, t.checkKey()
}

// storeColumn is utf8mb4 although ids are ASCII: a join to another utf8mb4
// column could not use the index of an ASCII one.
func storeColumn(d Dialect) Column {
	t := Type{Base: VarChar, Length: maxStore, Charset: textCharset, Collation: d.BinaryCollation()}
	if t.Collation == "" {
		// Ids hold no spaces, so that padding makes no difference.
		t.Collation = labelCollation
	}
	return Column{Name: StoreColumn, Type: t, Required: true}
}

func fieldColumn(f *debezium.Field, key bool, o Options) (Column, error) {
	t, err := TypeOf(f, o.Dialect, key)
	if err != nil {
		return Column{}, err
	}
	if t.textual() && t.Collation == "" {
		t.Collation = o.Collation
	}
	name := ColumnFor(f.ColumnName())
	if err := CheckName(name); err != nil {
		return Column{}, err
	}
	return Column{Name: name, Field: f.Name, Type: t, Nullable: !key, Required: !f.Optional}, nil
}

// ColumnFor returns the central name of a store's column.
func ColumnFor(name string) string {
	if ours(name) {
		return fieldPrefix + name
	}
	return name
}

// ours says whether a name is taken by the store or a service column. All of
// them are taken in every table, so that a setting changed later (soft
// deletes) does not collide with what was derived before.
func ours(name string) bool {
	return hasName([]string{StoreColumn, SourceTimeColumn, AppliedColumn, OffsetColumn, PartitionColumn, DeletedColumn}, name)
}

// addService adds the service columns, and the key of a table that has none.
func (t *Table) addService(keyed bool, o Options) {
	micros := Type{Base: DateTime, Fraction: 6}
	offset := Column{Name: OffsetColumn, Type: Type{Base: BigInt, Unsigned: true}, Nullable: keyed, Required: true}
	if !keyed {
		t.Key = append(t.Key, PartitionColumn, OffsetColumn)
		t.Columns = append(t.Columns,
			Column{Name: PartitionColumn, Type: Type{Base: Int, Unsigned: true}, Required: true})
	}
	t.Columns = append(t.Columns,
		Column{Name: SourceTimeColumn, Type: micros, Nullable: true, Required: true},
		Column{Name: AppliedColumn, Type: micros, Nullable: true, Required: true},
		offset)
	if o.SoftDelete {
		t.Columns = append(t.Columns,
			Column{Name: DeletedColumn, Type: Type{Base: TinyInt, Length: 1}, Nullable: true, Required: true})
	}
}

// fitRow turns the longest VARCHARs and VARBINARYs into TEXT and BLOB until a
// row fits into 65,535 bytes: what fits in a store's latin1 need not in
// utf8mb4. Columns that keep holds are left alone, as they are there already.
func (t *Table) fitRow(keep func(*Column) bool) {
	bytes := 0
	var long []*Column
	for i := range t.Columns {
		c := &t.Columns[i]
		// A bit a column for NULL, rounded up to a byte.
		bytes += c.Type.rowBytes() + 1
		if !t.InKey(c.Name) && (c.Type.Base == VarChar || c.Type.Base == VarBinary) && (keep == nil || !keep(c)) {
			long = append(long, c)
		}
	}
	sort.SliceStable(long, func(i, j int) bool { return long[i].Type.rowBytes() > long[j].Type.rowBytes() })
	for _, c := range long {
		if bytes <= maxRow {
			return
		}
		bytes -= c.Type.rowBytes()
		c.Type = c.Type.outOfRow()
		bytes += c.Type.rowBytes()
	}
}

// outOfRow is the TEXT or BLOB that holds what a VARCHAR or VARBINARY holds.
func (t Type) outOfRow() Type {
	if t.Base == VarBinary {
		return blobFor(t.Length)
	}
	u := textFor(t.Length * maxCharBytes)
	u.Charset, u.Collation = t.Charset, t.Collation
	return u
}

// fillKey shares what room the key has left among its columns of unknown length,
// those that are TEXT or BLOB outside of keys.
func (t *Table) fillKey(columns []debezium.Field, d Dialect) {
	var unknown []*Column
	for i := range columns {
		c := t.ForField(columns[i].Name)
		if c == nil || !t.InKey(c.Name) || c.Type.Length != unknownKeyLength {
			continue
		}
		if outside, err := TypeOf(&columns[i], d, false); err == nil && outside.Size() > 0 {
			unknown = append(unknown, c)
		}
	}
	if len(unknown) == 0 {
		return
	}
	more := max(maxKeyBytes-t.keyBytes(), 0) / len(unknown)
	for _, c := range unknown {
		if c.Type.Base == VarChar {
			c.Type.Length += more / maxCharBytes
		} else {
			c.Type.Length += more
		}
	}
}

func (t *Table) keyBytes() int {
	bytes := 0
	for _, k := range t.Key {
		bytes += t.Column(k).Type.keyBytes()
	}
	return bytes
}

// checkKey refuses a key that no InnoDB index holds.
func (t *Table) checkKey() error {
	bytes := t.keyBytes()
	if bytes <= maxKeyBytes {
		return nil
	}
	return &DeriveError{
		Table: t.Name, Column: strings.Join(t.Key, ", "),
		Reason: fmt.Sprintf("the key takes up to %d bytes, InnoDB allows %d", bytes, maxKeyBytes),
		Hint:   "make the central table by hand with shorter key columns, or choose a shorter unique key with message.key.columns",
	}
}
