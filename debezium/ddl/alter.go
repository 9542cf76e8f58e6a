package ddl

import (
	"slices"
	"strings"
)

// alter reads on behind ALTER.
func (p *parser) alter() (effects []Effect) {
	p.words("ONLINE")
	p.words("IGNORE")
	if !p.words("TABLE") {
		return nil
	}
	p.words("IF", "EXISTS")
	table, ok := p.name()
	if !ok {
		return nil
	}
	p.wait()
	a := alteration{table: table}
	for _, list := range items(p.list[p.at:]) {
		a.read(parser{list: list})
	}
	if len(a.filled) > 0 {
		a.add(ColumnsFilled, Name{}, a.filled...)
	}
	if len(a.moves) > 0 {
		a.effects = append(a.effects, Effect{Kind: ColumnsMoved, Table: table, Moves: a.moves})
	}
	return append(a.effects, a.made.effects(table)...)
}

// alteration collects what the items of an ALTER TABLE do.
type alteration struct {
	table   Name
	effects []Effect
	made    definitions
	filled  []string
	moves   []Move
	// partitions says that the last item was the first of several partitions.
	partitions bool
}

func (a *alteration) add(kind Kind, other Name, names ...string) {
	a.effects = append(a.effects, Effect{Kind: kind, Table: a.table, Other: other, Names: names})
}

// read takes in one item, up to a comma.
func (a *alteration) read(p parser) {
	listed := a.partitions
	a.partitions = false
	switch {
	case listed && len(p.list) == 1:
		last := &a.effects[len(a.effects)-1]
		if name, ok := p.part(); ok {
			last.Names, a.partitions = append(last.Names, name), true
		}
	case p.words("DROP", "PARTITION"):
		p.words("IF", "EXISTS")
		a.some(p, PartitionsDropped)
	case p.words("TRUNCATE", "PARTITION"):
		a.some(p, PartitionsTruncated)
	case p.words("EXCHANGE", "PARTITION"):
		a.with(p, PartitionExchanged, "WITH", "TABLE")
	case p.words("CONVERT", "PARTITION"):
		a.with(p, PartitionConverted, "TO", "TABLE")
	case p.words("CONVERT", "TABLE"):
		if other, ok := p.name(); ok && p.words("TO", "PARTITION") {
			name, _ := p.part()
			a.add(PartitionConverted, other, name)
		}
	case p.words("CONVERT", "TO"):
		a.recode(p)
	case p.words("DISCARD"), p.words("IMPORT"):
		if p.words("TABLESPACE") || p.words("PARTITION") {
			a.add(TablespaceReplaced, Name{})
		}
	case p.words("RENAME"):
		a.rename(p)
	case p.words("DROP"):
		a.drop(p)
	default:
		a.define(p)
	}
}

// some reads the first of several partitions.
func (a *alteration) some(p parser, kind Kind) {
	if name, ok := p.part(); ok && p.done() {
		a.add(kind, Name{}, name)
		a.partitions = true
	}
}

// with reads a partition and the other table behind these keywords.
func (a *alteration) with(p parser, kind Kind, keywords ...string) {
	p.words("IF", "EXISTS")
	name, ok := p.part()
	if !ok || !p.words(keywords...) {
		return
	}
	if other, ok := p.name(); ok {
		a.add(kind, other, name)
	}
}

func (a *alteration) rename(p parser) {
	if p.words("COLUMN") {
		p.words("IF", "EXISTS")
		if from, ok := p.part(); ok && p.words("TO") {
			to, _ := p.part()
			a.moves = append(a.moves, Move{from, to})
		}
		return
	}
	if p.words("INDEX") || p.words("KEY") {
		return
	}
	if !p.words("TO") && !p.words("AS") {
		p.sign("=")
	}
	if other, ok := p.name(); ok {
		a.add(TableRenamed, other)
	}
}

// whole are the beginnings of the names of character sets that have every letter.
var whole = []string{"utf", "ucs", "gb18030", "default", "binary"}

// recode reads the character set a table is converted to.
func (a *alteration) recode(p parser) {
	if !p.words("CHARACTER", "SET") && !p.words("CHARSET") {
		return
	}
	p.sign("=")
	name := strings.ToLower(p.peek().text)
	if name != "" && !slices.ContainsFunc(whole, func(begin string) bool { return strings.HasPrefix(name, begin) }) {
		a.add(TableRecoded, Name{}, name)
	}
}

// drop reads what is dropped, if it is a column.
func (a *alteration) drop(p parser) {
	if p.words("COLUMN") || !p.noColumn() {
		p.words("IF", "EXISTS")
		if from, ok := p.part(); ok {
			a.moves = append(a.moves, Move{From: from})
		}
	}
}

// define reads columns and constraints that are added or changed.
func (a *alteration) define(p parser) {
	add := p.words("ADD")
	change := !add && p.words("CHANGE")
	if !add && !change && !p.words("MODIFY") || p.peek().is("PARTITION") {
		return
	}
	column := p.words("COLUMN") || !p.noColumn()
	p.words("IF", "NOT", "EXISTS")
	p.words("IF", "EXISTS")
	if add && p.peek().sign("(") {
		for _, d := range p.group() {
			each := parser{list: d}
			if !each.noColumn() {
				a.column(each, Move{}, true)
			}
			a.made.read(d)
		}
		return
	}
	var move Move
	if change {
		move.From, _ = p.part() // the old name
	}
	if column {
		a.column(p, move, add)
	}
	a.made.read(p.list[p.at:])
}

// column reads a column's new definition.
func (a *alteration) column(p parser, move Move, add bool) {
	var ok bool
	if move.To, ok = p.part(); !ok {
		return
	}
	if add || move.From != "" && !strings.EqualFold(move.From, move.To) {
		a.moves = append(a.moves, move)
	}
	if p.filled(add) {
		a.filled = append(a.filled, move.To)
	}
}

// others are what else than columns is added and dropped.
var others = []string{
	"INDEX", "KEY", "UNIQUE", "PRIMARY", "FULLTEXT", "SPATIAL", "VECTOR", "CONSTRAINT", "FOREIGN", "CHECK", "PERIOD", "SYSTEM", "PARTITION", "DEFAULT",
}

// noColumn says whether what is next is none.
func (p *parser) noColumn() bool {
	return slices.ContainsFunc(others, p.peek().is)
}

// filled says whether the server fills a column by what its definition says
// behind the name. Defaults and numbers are for columns that are added.
func (p *parser) filled(added bool) bool {
	if added && p.peek().is("SERIAL") {
		return true
	}
	for !p.done() {
		switch {
		case p.peek().sign("("):
			p.group()
		case p.peek().is("AS"), p.peek().is("GENERATED"), added && p.peek().is("AUTO_INCREMENT"):
			return true
		case p.words("DEFAULT"):
			if added && p.expression() {
				return true
			}
		default:
			p.at++
		}
	}
	return false
}

// now are names of the time of the statement, which a default may be; what the
// rows then have is asked of their events.
var now = []string{"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"}

// expression says whether a default that is next is one, or digits that Debezium
// takes for text (0x7F, X'7F'); no other literal, nor the time.
func (p *parser) expression() bool {
	t := p.peek()
	if t.sign("(") {
		return true
	}
	if t.kind != word || slices.ContainsFunc(now, t.is) {
		return false
	}
	var behind token
	if p.at+1 < len(p.list) {
		behind = p.list[p.at+1]
	}
	hexadecimal := strings.HasPrefix(strings.ToLower(t.text), "0x") || t.is("X") && behind.kind == text
	return hexadecimal || behind.sign("(") || t.is("CURRENT_DATE") || t.is("CURRENT_TIME") || t.is("NEXT")
}
