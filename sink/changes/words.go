package changes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/debezium/ddl"
)

// say adds something that happened to tables.
func (v *verdict) say(words string, tables ...debezium.TableID) {
	v.happened = append(v.happened, words)
	v.about(tables...)
}

func (v *verdict) about(tables ...debezium.TableID) {
	for _, id := range tables {
		if name := v.central(id); !slices.Contains(v.tables, name) {
			v.tables = append(v.tables, name)
		}
	}
}

// defect adds what makes a table's rows arrive changed, if the table is carried.
// That of a tool's copy is said when it takes the original's place.
func (v *verdict) defect(d defect) {
	if !v.wanted(d.table) || d.kind == wrongCharset && Original(d.table.Table) != "" {
		return
	}
	v.defects = append(v.defects, v.defectWords(d))
	v.about(d.table)
}

func sentence(parts []string) string { return strings.Join(parts, "; besides, ") }

// when is the time of the change.
func (v *verdict) when() string {
	return time.UnixMicro(v.change.Source.Micros).UTC().Format("2006-01-02 15:04:05 UTC")
}

func (v *verdict) again() string {
	return fmt.Sprintf("capture the table again (`tributary connectors restart --snapshot %s`)", v.store)
}

func (v *verdict) sweep(id debezium.TableID) string {
	return fmt.Sprintf("`tributary sweep %s %s` shows and deletes them", v.store, v.central(id))
}

// words says what happened to a table, its partitions or its file.
func (v *verdict) words(e event) string {
	table, names := name(e.table), strings.Join(e.names, ", ")
	lost := fmt.Sprintf("the rows they had stay in central table %q: %s, then %s", v.central(e.table), v.again(), v.sweep(e.table))
	mixed := fmt.Sprintf("central table %q keeps rows that the store's has no more, and lacks those it was given: %s, then %s",
		v.central(e.table), v.again(), v.sweep(e.table))
	switch e.kind {
	case ddl.PartitionsDropped:
		return fmt.Sprintf("ALTER TABLE %s DROP PARTITION %s at %s: %s", table, names, v.when(), lost)
	case ddl.PartitionsTruncated:
		return fmt.Sprintf("ALTER TABLE %s TRUNCATE PARTITION %s at %s: %s", table, names, v.when(), lost)
	case ddl.PartitionExchanged:
		return fmt.Sprintf("ALTER TABLE %s EXCHANGE PARTITION %s WITH TABLE %s at %s: %s", table, names, name(e.other), v.when(), mixed)
	case ddl.PartitionConverted:
		return fmt.Sprintf("ALTER TABLE %s CONVERT PARTITION %s, table %s, at %s: %s", table, names, name(e.other), v.when(), mixed)
	case ddl.TablespaceReplaced:
		return fmt.Sprintf("ALTER TABLE %s DISCARD or IMPORT TABLESPACE at %s: %s", table, v.when(), mixed)
	case ddl.ColumnsFilled:
		return fmt.Sprintf("ALTER TABLE %s at %s: the server has given every row values in column %s (generated, numbered, or an expression's);"+
			" the rows in central table %q that the store has not written since lack them: %s", table, v.when(), names, v.central(e.table), v.again())
	case ddl.TableRecoded:
		return fmt.Sprintf("ALTER TABLE %s CONVERT TO CHARACTER SET %s at %s: letters it does not have have become question marks, unless sql_mode forbade that;"+
			" central table %q still has them: %s", table, names, v.when(), v.central(e.table), v.again())
	case ddl.ColumnsMoved:
		return fmt.Sprintf("ALTER TABLE %s at %s: the name %s has gone over to another column;"+
			" the rows in central table %q that the store has not written since have the former one's values under it: %s", table, v.when(), names, v.central(e.table), v.again())
	}
	return fmt.Sprintf("DROP TABLE %s at %s: the rows it had stay in central table %q, among those of a table that was made in its place; %s",
		table, v.when(), v.central(e.table), v.sweep(e.table))
}

func (v *verdict) databaseWords(e event, tables []debezium.TableID) string {
	names := make([]string, len(tables))
	for i, id := range tables {
		names[i] = fmt.Sprintf("%q", v.central(id))
	}
	return fmt.Sprintf("DROP DATABASE %s at %s: the rows its tables had stay in the central ones, %s; `tributary sweep %s` shows and deletes them",
		e.table.Database, v.when(), strings.Join(names, ", "), v.store)
}

func (v *verdict) renamedWords(e event) string {
	return fmt.Sprintf("RENAME TABLE %s TO %s at %s: its rows stay in central table %q, and %q begins without them: %s, then %s",
		name(e.other), name(e.table), v.when(), v.central(e.other), v.central(e.table), v.again(), v.sweep(e.other))
}

func (v *verdict) replacedWords(e event) string {
	return fmt.Sprintf("RENAME TABLE %s TO %s at %s: central table %q keeps the rows of a table that had the name before, and lacks those this one brings: %s, then %s",
		name(e.other), name(e.table), v.when(), v.central(e.table), v.again(), v.sweep(e.table))
}

func (v *verdict) defectWords(d defect) string {
	columns := strings.Join(d.names, ", ")
	switch d.kind {
	case bytesAsText:
		return fmt.Sprintf("columns of %s are bytes by the name of a text type (%s), and Debezium changes them when it reads the binary log:"+
			" make them BINARY, VARBINARY or BLOB, then %s", name(d.table), columns, v.again())
	case silentKey:
		return fmt.Sprintf("a foreign key of %s changes its rows with those of %s (%s), of which MariaDB's binary log has no event:"+
			" let the application change them in place of the key, then %s", name(d.table), name(d.other), columns, v.again())
	}
	return fmt.Sprintf("columns of %s have a character set that Debezium takes for another when it reads the binary log (%s: %s), so that letters beyond ASCII arrive changed:"+
		" ALTER TABLE %s CONVERT TO CHARACTER SET utf8mb4, then %s", name(d.table), strings.Join(d.sets, ", "), columns, name(d.table), v.again())
}

func name(id debezium.TableID) string { return id.Database + "." + id.Table }
