package schema

// changes writes the statements: one that adds columns, which servers do at
// once, and one for all that may rewrite the table, so that it is rewritten
// once.
func (p *planner) changes() []Change {
	cheap := Change{Table: p.have.Name, Rows: p.have.Rows, Bytes: p.have.Bytes}
	dear := cheap
	for i := range p.result.Columns {
		c := &p.result.Columns[i]
		was := p.have.Column(c.Name)
		if was != nil && was.Type.same(c.Type) && was.Nullable == c.Nullable {
			continue
		}
		clause, cost := " ADD COLUMN ", InPlace
		if was != nil {
			clause, cost = " MODIFY COLUMN ", costOf(was, c, p.dialect)
		} else if p.dialect.InstantAdd() {
			cost = Instant
		}
		to := &dear
		if cost == Instant {
			to = &cheap
		}
		to.add(clause, c, cost, p.dialect)
		if was == nil {
			to.Added = append(to.Added, c.Name)
		}
		to.Why = append(to.Why, p.reasons[c.Name]...)
	}
	var changes []Change
	for _, c := range []Change{cheap, dear} {
		if len(c.Columns) > 0 {
			changes = append(changes, c)
		}
	}
	return changes
}

// add appends a clause to an ALTER TABLE. It does not insist on an ALGORITHM:
// servers take the cheapest that will do, and refuse to insist on one that
// will not.
func (c *Change) add(clause string, column *Column, cost Cost, d Dialect) {
	b := []byte(c.statement)
	if len(b) == 0 {
		b = AppendIdent([]byte("ALTER TABLE "), c.Table)
	} else {
		b = append(b, ',')
	}
	c.statement = string(column.append(append(b, clause...), d))
	c.Columns = append(c.Columns, column.Name)
	c.Cost = max(c.Cost, cost)
}

// costOf tells what changing a column costs (manual, "Online DDL Operations").
func costOf(was, is *Column, d Dialect) Cost {
	relaxed := was.Nullable != is.Nullable
	switch {
	case was.Type.same(is.Type):
		if d.maria(10, 3, 2) {
			return Instant
		}
		return InPlace
	case relaxed:
		return Copy
	case appendsLabels(was.Type, is.Type):
		return Instant
	case lengthens(was.Type, is.Type):
		return InPlace
	}
	return Copy
}

// appendsLabels says whether labels are only added at the end and still fit
// into the bytes a value takes.
func appendsLabels(was, is Type) bool {
	if was.Base != is.Base || len(is.Labels) < len(was.Labels) || was.Collation != is.Collation {
		return false
	}
	for i := range was.Labels {
		if was.Labels[i] != is.Labels[i] {
			return false
		}
	}
	switch was.Base {
	case Enum:
		return (len(was.Labels) > 255) == (len(is.Labels) > 255)
	case Set:
		return setBytes(len(was.Labels)) == setBytes(len(is.Labels))
	}
	return false
}

// setBytes is what a SET of so many labels takes: 1, 2, 3, 4 or 8 bytes.
func setBytes(labels int) int {
	if n := (labels + 7) / 8; n <= 4 {
		return n
	}
	return 8
}

// lengthens says whether a VARCHAR or VARBINARY grows without its length
// needing a second byte.
func lengthens(was, is Type) bool {
	if was.Base != is.Base || was.Base != VarChar && was.Base != VarBinary ||
		was.Charset != is.Charset || was.Collation != is.Collation {
		return false
	}
	return (was.rowBytes()-2 > 255) == (is.rowBytes()-2 > 255)
}
