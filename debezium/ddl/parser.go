package ddl

import "slices"

// parser goes through a statement's tokens.
type parser struct {
	list []token
	at   int
}

func (p *parser) done() bool { return p.at >= len(p.list) }

func (p *parser) peek() token {
	if p.done() {
		return token{}
	}
	return p.list[p.at]
}

// words steps over these keywords if they are next, all of them.
func (p *parser) words(keywords ...string) bool {
	for i, keyword := range keywords {
		if p.at+i >= len(p.list) || !p.list[p.at+i].is(keyword) {
			return false
		}
	}
	p.at += len(keywords)
	return true
}

// sign steps over a sign if it is next.
func (p *parser) sign(c string) bool {
	if !p.peek().sign(c) {
		return false
	}
	p.at++
	return true
}

// name steps over a name, of a table with its database or of anything else.
func (p *parser) name() (n Name, ok bool) {
	if n.Table, ok = p.part(); ok && p.peek().sign(".") {
		p.at++
		n.Database = n.Table
		n.Table, ok = p.part()
	}
	return n, ok
}

func (p *parser) part() (string, bool) {
	t := p.peek()
	if t.kind == word || t.kind == quoted || t.kind == text && t.double {
		p.at++
		return t.text, true
	}
	return "", false
}

// wait steps over what MariaDB has about locks.
func (p *parser) wait() {
	if p.words("WAIT") {
		p.at++ // the seconds
		return
	}
	p.words("NOWAIT")
}

// group steps over what parentheses hold and returns its items.
func (p *parser) group() [][]token {
	p.at++
	begin, depth := p.at, 1
	for ; !p.done() && depth > 0; p.at++ {
		switch {
		case p.peek().sign("("):
			depth++
		case p.peek().sign(")"):
			depth--
		}
	}
	if depth > 0 {
		return nil
	}
	return items(p.list[begin : p.at-1])
}

// items parts a list at its commas, but for those in parentheses.
func items(list []token) (parts [][]token) {
	depth, begin := 0, 0
	for i, t := range list {
		switch {
		case t.sign("("):
			depth++
		case t.sign(")"):
			depth--
		case t.sign(",") && depth == 0:
			parts = append(parts, list[begin:i])
			begin = i + 1
		}
	}
	return append(parts, list[begin:])
}

// skipGroup steps over parentheses with all they hold, if they are next.
func (p *parser) skipGroup() {
	if p.peek().sign("(") {
		p.group()
	}
}

// definitions are what is of interest in the columns and constraints of a
// statement.
type definitions struct {
	bytes []string // columns
	acts  []string // of foreign keys
	on    Name     // the table of the first such key
}

// read takes in one column or constraint.
func (d *definitions) read(list []token) {
	p := parser{list: list}
	if column, ok := p.part(); ok && p.bytesAsText() {
		d.bytes = append(d.bytes, column)
	}
	p.at = slices.IndexFunc(list, func(t token) bool { return t.is("REFERENCES") })
	if p.at < 0 {
		return
	}
	p.at++
	on, ok := p.name()
	if !ok {
		return
	}
	p.skipGroup()
	for !p.done() {
		act, found := p.act()
		if !found {
			p.at++
			continue
		}
		if len(d.acts) == 0 {
			d.on = on
		}
		if !slices.Contains(d.acts, act) {
			d.acts = append(d.acts, act)
		}
	}
}

// textTypes are the types that BYTE makes types of bytes.
var textTypes = []string{"CHAR", "CHARACTER", "VARCHAR", "VARCHARACTER", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"}

// bytesAsText says whether a type that is next is one of text with BYTE behind it.
func (p *parser) bytesAsText() bool {
	if !slices.ContainsFunc(textTypes, func(name string) bool { return p.words(name) }) {
		return false
	}
	p.words("VARYING")
	p.skipGroup()
	return p.words("BYTE")
}

// act steps over what a foreign key does to rows.
func (p *parser) act() (string, bool) {
	for _, when := range []string{"DELETE", "UPDATE"} {
		for _, does := range [][]string{{"CASCADE"}, {"SET", "NULL"}, {"SET", "DEFAULT"}} {
			if p.words(append([]string{"ON", when}, does...)...) {
				return "ON " + when + " " + does[0] + suffix(does[1:]), true
			}
		}
	}
	return "", false
}

func suffix(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " " + words[0]
}

func (d *definitions) effects(table Name) (effects []Effect) {
	if len(d.bytes) > 0 {
		effects = append(effects, Effect{Kind: BytesAsText, Table: table, Names: d.bytes})
	}
	if len(d.acts) > 0 {
		effects = append(effects, Effect{Kind: ForeignKeyActs, Table: table, Other: d.on, Names: d.acts})
	}
	return effects
}
