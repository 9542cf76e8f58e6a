package ddl

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
	return append(a.effects, a.made.effects(table)...)
}

// alteration collects what the items of an ALTER TABLE do.
type alteration struct {
	table   Name
	effects []Effect
	made    definitions
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
	case p.words("DISCARD"), p.words("IMPORT"):
		if p.words("TABLESPACE") || p.words("PARTITION") {
			a.add(TablespaceReplaced, Name{})
		}
	case p.words("RENAME"):
		a.rename(p)
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
	if p.words("COLUMN") || p.words("INDEX") || p.words("KEY") {
		return
	}
	if !p.words("TO") && !p.words("AS") {
		p.sign("=")
	}
	if other, ok := p.name(); ok {
		a.add(TableRenamed, other)
	}
}

// define reads columns and constraints that are added or changed.
func (a *alteration) define(p parser) {
	add := p.words("ADD")
	change := !add && p.words("CHANGE")
	if !add && !change && !p.words("MODIFY") || p.peek().is("PARTITION") {
		return
	}
	p.words("COLUMN")
	p.words("IF", "NOT", "EXISTS")
	p.words("IF", "EXISTS")
	if add && p.peek().sign("(") {
		for _, d := range p.group() {
			a.made.read(d)
		}
		return
	}
	if change {
		p.part() // the old name
	}
	a.made.read(p.list[p.at:])
}
