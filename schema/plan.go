package schema

// Plan lists the changes that make the table have hold what the table want
// holds, nil when nothing needs changing. A nil have is a table that does not
// exist.
func Plan(have *Table, want Table, d Dialect) ([]Change, error) {
	if have == nil {
		return []Change{{Table: want.Name, Creates: true, Cost: Instant, Why: []string{"the table does not exist"}, statement: want.CreateSQL(d)}}, nil
	}
	return nil, nil
}
