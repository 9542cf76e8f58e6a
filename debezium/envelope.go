package debezium

// role is what is done with a member of an envelope or of its source block.
type role uint8

const (
	ignored role = iota
	beforeImage
	afterImage
	sourceBlock
	operation
	sourceDatabase
	sourceTable
	sourceSnapshot
	sourceMillis
	sourceMicros
	sourceFile
	sourcePosition
)

// envelopeRoles are the members of an envelope
// (io.debezium.data.Envelope.FieldName).
var envelopeRoles = map[string]role{
	"before": beforeImage, "after": afterImage, "source": sourceBlock, "op": operation,
}

// sourceRoles are the members of a source block that the sink uses
// (io.debezium.connector.mysql.MySqlSourceInfoStructMaker and its parents).
var sourceRoles = map[string]role{
	"db": sourceDatabase, "table": sourceTable, "snapshot": sourceSnapshot,
	"ts_ms": sourceMillis, "ts_us": sourceMicros,
	"file": sourceFile, "pos": sourcePosition,
}

// rolesOf returns what is done with each member of a struct.
func rolesOf(f *Field, byName map[string]role) []role {
	roles := make([]role, len(f.Fields))
	for i := range f.Fields {
		roles[i] = byName[f.Fields[i].Name]
	}
	return roles
}

// rowOf returns the field of an envelope that is its row, the one after the
// change where there is one; nil if root is not an envelope.
func rowOf(root *Field) *Field {
	op := root.Member("op")
	if root.Type != Struct || op == nil || op.Type != String {
		return nil
	}
	for _, name := range []string{"after", "before"} {
		if row := root.Member(name); row != nil && row.Type == Struct && len(row.Fields) > 0 {
			return row
		}
	}
	return nil
}
