package ddl

import "slices"

// Kind is what happens.
type Kind uint8

// The kinds of effects.
const (
	// TableDropped is a table that is gone with its rows.
	TableDropped Kind = iota + 1
	// DatabaseDropped is a database that is gone with its tables.
	DatabaseDropped
	// TableRenamed is a table whose rows go on under the name in Other.
	TableRenamed
	// PartitionsDropped are partitions that are gone with their rows.
	PartitionsDropped
	// PartitionsTruncated are partitions that have lost their rows.
	PartitionsTruncated
	// PartitionExchanged is a partition that has changed rows with the table
	// Other.
	PartitionExchanged
	// PartitionConverted is a partition that has become the table Other, or
	// that has been it (MariaDB).
	PartitionConverted
	// TablespaceReplaced is a table whose rows are gone, or others, with the
	// file that holds them.
	TablespaceReplaced
	// BytesAsText are columns of bytes by the name of a text type.
	BytesAsText
	// ForeignKeyActs is a foreign key that changes or deletes the table's rows
	// when rows of the table Other change.
	ForeignKeyActs
	// ColumnsFilled are columns the server gives values of its own making in
	// every row: generated ones, numbers, defaults that are expressions.
	ColumnsFilled
	// TableRecoded is a table whose texts are in another character set, Names,
	// that does not have every letter.
	TableRecoded
	// ColumnsMoved are columns that are added, dropped or renamed.
	ColumnsMoved
)

// Effect is something a statement does to rows that no row event tells.
type Effect struct {
	Kind  Kind
	Table Name
	// Other is the other table, where there is one.
	Other Name
	// Names are the partitions or columns, or what a foreign key does.
	Names []string
	// Moves are what becomes of columns that do not stay, in the order of the
	// text.
	Moves []Move
}

// Move is a column that a statement renames. From is empty where it adds the
// column, To where it drops it.
type Move struct{ From, To string }

// Name is a table's as a statement has it; Database is empty where it does not
// say one.
type Name struct{ Database, Table string }

// Read returns what a statement does to rows that no event tells, in the order of
// the text. Comments that only MariaDB runs are read if the store is one.
//
// Besides statements it reads the part of a RENAME TABLE that Debezium makes a
// message of: old TO new.
func Read(text string, mariadb bool) []Effect {
	p := parser{list: first(tokens(text, mariadb))}
	if p.words("SET", "STATEMENT") {
		for !p.done() && !p.words("FOR") {
			p.at++
		}
	}
	switch {
	case p.words("DROP"):
		return p.drop()
	case p.words("RENAME"):
		if p.words("TABLE") || p.words("TABLES") {
			p.words("IF", "EXISTS")
			return p.pairs()
		}
	case p.words("CREATE"):
		return p.create()
	case p.words("ALTER"):
		return p.alter()
	}
	return nil
}

// first cuts off what stands behind a statement.
func first(list []token) []token {
	if i := slices.IndexFunc(list, func(t token) bool { return t.sign(";") }); i >= 0 {
		return list[:i]
	}
	return list
}

// drop reads on behind DROP.
func (p *parser) drop() (effects []Effect) {
	if p.words("DATABASE") || p.words("SCHEMA") {
		p.words("IF", "EXISTS")
		if name, ok := p.name(); ok {
			return []Effect{{Kind: DatabaseDropped, Table: Name{Database: name.Table}}}
		}
		return nil
	}
	if !p.words("TABLE") && !p.words("TABLES") { // TEMPORARY among others
		return nil
	}
	p.words("IF", "EXISTS")
	for more := true; more; more = p.sign(",") {
		if name, ok := p.name(); ok {
			effects = append(effects, Effect{Kind: TableDropped, Table: name})
		}
	}
	return effects
}

// pairs reads old TO new, as often as there is a comma behind it.
func (p *parser) pairs() (effects []Effect) {
	for {
		from, ok := p.name()
		if !ok {
			return nil
		}
		p.wait()
		if !p.words("TO") {
			return nil
		}
		to, ok := p.name()
		if !ok {
			return nil
		}
		effects = append(effects, Effect{Kind: TableRenamed, Table: from, Other: to})
		if !p.sign(",") {
			return effects
		}
	}
}

// create reads on behind CREATE.
func (p *parser) create() []Effect {
	p.words("OR", "REPLACE") // what it replaces, no connector tells
	if !p.words("TABLE") {
		return nil
	}
	p.words("IF", "NOT", "EXISTS")
	table, ok := p.name()
	if !ok {
		return nil
	}
	var made definitions
	if p.peek().sign("(") {
		for _, d := range p.group() {
			made.read(d)
		}
	}
	return made.effects(table)
}
