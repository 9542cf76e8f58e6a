package changes

import (
	"slices"
	"strings"

	"tributary/debezium"
	"tributary/debezium/ddl"
)

// event is something that happened to rows without an event of theirs.
type event struct {
	kind ddl.Kind
	// table is the one it happened to; of a rename it has the new name.
	table debezium.TableID
	// other is the other table, or the old name.
	other debezium.TableID
	names []string
	moves []ddl.Move
	// strange says of a rename that the connector did not know the table, handed
	// on that the same statement gave the old name to another one.
	strange, handedOn bool
}

// defect is what makes a table's rows arrive changed.
type defect struct {
	kind  defectKind
	table debezium.TableID
	other debezium.TableID
	names []string // columns, or what a foreign key does
	sets  []string // character sets
}

type defectKind uint8

const (
	wrongCharset defectKind = iota + 1
	bytesAsText
	silentKey
)

// find reads a schema change. It knows nothing of the central tables.
func find(c *debezium.SchemaChange) (events []event, defects []defect) {
	mariadb := c.Source.Connector == "mariadb"
	for _, e := range ddl.Read(c.DDL, mariadb) {
		table, other := resolve(c, e)
		switch e.Kind {
		case ddl.ForeignKeyActs:
			// MySQL's servers have them in their binary log from 9.6 on;
			// preflight knows which server it is.
			if mariadb {
				defects = append(defects, defect{kind: silentKey, table: table, other: other, names: e.Names})
			}
		case ddl.BytesAsText:
			if !c.Source.FromSnapshot() {
				defects = append(defects, defect{kind: bytesAsText, table: table, names: e.Names})
			}
		default:
			if c.Source.FromSnapshot() {
				continue
			}
			events = append(events, event{
				kind: e.Kind, table: table, other: other, names: e.Names, moves: e.Moves, strange: len(c.Tables) == 0,
				handedOn: other.Database == c.Database && slices.Contains(c.Source.Tables, other.Table),
			})
		}
	}
	for i := range c.Tables {
		defects = append(defects, charsets(c, &c.Tables[i])...)
	}
	return events, defects
}

// resolve returns an effect's tables with their databases: of a rename the new
// name first. Where the connector names the table it is believed, since the
// store may write names in another case than it keeps them in.
func resolve(c *debezium.SchemaChange, e ddl.Effect) (table, other debezium.TableID) {
	full := func(n ddl.Name) debezium.TableID {
		if n == (ddl.Name{}) {
			return debezium.TableID{}
		}
		if n.Database == "" {
			n.Database = c.Database
		}
		return debezium.TableID(n)
	}
	table, other = full(e.Table), full(e.Other)
	if e.Kind == ddl.TableRenamed {
		table, other = other, table
	}
	if len(c.Tables) == 1 && strings.EqualFold(table.Table, c.Tables[0].ID.Table) {
		if lower := strings.ToLower(table.Table); lower != table.Table && lower == c.Tables[0].ID.Table {
			other.Table = strings.ToLower(other.Table)
		}
		table = c.Tables[0].ID
	}
	return table, other
}

// misread are the character sets that a connector reads from the binary log as
// another one, as the exam has found: Java does not know them, or Debezium names
// another (io.debezium.connector.binlog.charset.BinlogCharsetRegistry).
var misread = map[string][]string{
	"mysql":   {"koi8u", "armscii8", "geostd8", "hp8", "swe7", "keybcs2"},
	"mariadb": {"koi8u", "armscii8", "geostd8", "hp8", "swe7", "keybcs2", "cp932"},
}

// bytesCharset is no character set: the column is one of bytes, whatever its type
// is called. A snapshot calls it by its right name.
const bytesCharset = "binary"

func charsets(c *debezium.SchemaChange, t *debezium.TableChange) (defects []defect) {
	wrong := defect{kind: wrongCharset, table: t.ID}
	odd := defect{kind: bytesAsText, table: t.ID}
	for _, column := range t.Columns {
		switch {
		case column.Charset == bytesCharset && (strings.Contains(column.Type, "CHAR") || strings.Contains(column.Type, "TEXT")):
			odd.names = append(odd.names, column.Name)
		case slices.Contains(misread[c.Source.Connector], column.Charset):
			wrong.names = append(wrong.names, column.Name)
			if !slices.Contains(wrong.sets, column.Charset) {
				wrong.sets = append(wrong.sets, column.Charset)
			}
		}
	}
	for _, d := range []defect{wrong, odd} {
		if len(d.names) > 0 {
			defects = append(defects, d)
		}
	}
	return defects
}
