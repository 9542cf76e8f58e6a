package schema

// Cost is how much work a change is for the server.
type Cost uint8

// The costs, cheapest first.
const (
	// Instant changes only the table's description.
	Instant Cost = iota + 1
	// InPlace may read or rewrite the table while others write to it.
	InPlace
	// Copy rewrites the table and holds up every writer meanwhile.
	Copy
)

// String says what the cost means to whoever reads a log.
func (c Cost) String() string {
	switch c {
	case Instant:
		return "instant"
	case InPlace:
		return "in place"
	case Copy:
		return "copies the table, writers wait"
	}
	return "unknown"
}

// Change is one statement that brings a table closer to what is wanted.
type Change struct {
	// Table is the table's name.
	Table string
	// Creates says that the table is made, not altered.
	Creates bool
	// Columns are the columns that are added or changed, Added those of them
	// that are added.
	Columns, Added []string
	// Why says in a few words what the change is for.
	Why []string
	// Cost is what it costs the server, as far as can be told beforehand.
	Cost Cost
	// Rows and Bytes are the server's estimate of the table that is changed.
	Rows, Bytes uint64

	statement string
}

// SQL returns the statement.
func (c Change) SQL() string { return c.statement }
