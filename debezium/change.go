package debezium

import "strings"

// SchemaChange is one message of a store's schema change topic: a statement, and
// what it made of a table. A statement about several tables makes a message for
// each (io.debezium.connector.binlog.BinlogDatabaseSchema.parseDdl).
type SchemaChange struct {
	Source ChangeSource
	// Database is the one the statement was about, or ran in.
	Database string
	// DDL is the statement's text. Of a DROP TABLE or RENAME TABLE of several
	// tables it is one made up for the message's own.
	DDL string
	// Tables are what the connector makes of it, none for statements that
	// change no table it knows.
	Tables []TableChange
}

// ChangeSource is the source block of a schema change.
type ChangeSource struct {
	// Connector is "mysql" or "mariadb".
	Connector string
	// Snapshot is as in [Source]; see FromSnapshot.
	Snapshot string
	// Database is as in [Source].
	Database string
	// Tables are the tables the whole statement is about under the names they
	// have after it. A name with a comma comes apart.
	Tables []string
	// Micros is when the statement ran, in µs since the epoch, of which the
	// connector keeps whole milliseconds at best.
	Micros int64
	// File and Position are the coordinates in the store's binary log.
	File     string
	Position int64
}

// FromSnapshot says whether a snapshot made the statement up to describe what
// is there. It then has not run.
func (s *ChangeSource) FromSnapshot() bool { return s.Snapshot != "" && s.Snapshot != "false" }

// TableChange is what a statement did to one table.
type TableChange struct {
	// Type is CREATE, ALTER or DROP.
	Type string
	// ID is the table's name after the statement: of a table that is renamed
	// the new one, and the old one stands in the DDL alone.
	ID TableID
	// Columns are the table's after the statement; nil if the connector does
	// not know the table, or knows it no more.
	Columns []ChangedColumn
}

// TableID names a table of a store.
type TableID struct{ Database, Table string }

// ChangedColumn is a column as a statement left it.
type ChangedColumn struct {
	Name string
	// Type is the upper case type without its length: "VARCHAR".
	Type string
	// Charset is the character set; empty for columns that have none.
	Charset string
}

// IsSchemaChange says whether the messages are schema changes.
func (s *Schema) IsSchemaChange() bool {
	source, ddl, tables := s.root.Member("source"), s.root.Member("ddl"), s.root.Member("tableChanges")
	return source != nil && source.Type == Struct && ddl != nil && ddl.Type == String &&
		tables != nil && tables.Type == Array && tables.Items.Type == Struct
}

// DecodeChange reads the payload of a schema change. What it returns does not
// point into rest. The errors are [ErrNotSchemaChange], [ErrNullPayload] or a
// [*MalformedError].
func (s *Schema) DecodeChange(rest []byte) (*SchemaChange, error) {
	if !s.IsSchemaChange() {
		return nil, ErrNotSchemaChange
	}
	var k Key
	if err := s.DecodeKey(rest, &k); err != nil {
		return nil, err
	}
	root := node{field: &s.root, value: Value{Kind: Members, Items: k.Row}}
	c := &SchemaChange{Database: root.text("databaseName"), DDL: root.text("ddl")}
	c.Source.read(root.member("source"))
	for change := range root.member("tableChanges").items {
		c.Tables = append(c.Tables, tableChange(change))
	}
	return c, nil
}

func (s *ChangeSource) read(n node) {
	s.Connector, s.Snapshot, s.Database, s.File = n.text("connector"), n.text("snapshot"), n.text("db"), n.text("file")
	s.Position = n.member("pos").value.Int
	if s.Micros = n.member("ts_us").value.Int; s.Micros == 0 {
		s.Micros = 1000 * n.member("ts_ms").value.Int
	}
	if names := n.text("table"); names != "" {
		s.Tables = strings.Split(names, ",")
	}
}

func tableChange(n node) TableChange {
	t := TableChange{Type: n.text("type"), ID: tableID(n.text("id"))}
	for column := range n.member("table").member("columns").items {
		t.Columns = append(t.Columns, ChangedColumn{
			Name: column.text("name"), Type: column.text("typeName"), Charset: column.text("charsetName"),
		})
	}
	return t
}

// tableID reads a name as io.debezium.relational.TableId.toDoubleQuotedString
// writes it: "pos"."sale".
func tableID(text string) (id TableID) {
	for more := text != ""; more; {
		var part string
		part, text = quotedPart(text)
		id.Database, id.Table = id.Table, part
		text, more = strings.CutPrefix(text, ".")
		more = more && text != ""
	}
	return id
}

// quotedPart cuts a quoted name off, in which a quote is doubled. What is not
// quoted is the whole rest.
func quotedPart(text string) (part, rest string) {
	if text[0] != '"' {
		return text, ""
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] == '"' {
			if i+1 == len(text) || text[i+1] != '"' {
				return b.String(), text[i+1:]
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}

// node is a value with its field, so that members are found by their names. The
// zero node is a value that is not there.
type node struct {
	field *Field
	value Value
}

func (n node) member(name string) node {
	if n.field == nil || n.value.Kind != Members {
		return node{}
	}
	for i := range n.field.Fields {
		if n.field.Fields[i].Name == name {
			return node{&n.field.Fields[i], n.value.Items[i]}
		}
	}
	return node{}
}

func (n node) text(name string) string {
	if v := n.member(name).value; v.Kind == Text {
		return string(v.Bytes)
	}
	return ""
}

// items yields a list's elements.
func (n node) items(yield func(node) bool) {
	if n.value.Kind != List {
		return
	}
	for _, v := range n.value.Items {
		if !yield(node{n.field.Items, v}) {
			return
		}
	}
}
