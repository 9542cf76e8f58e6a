package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseType reads a column type in the notation of information_schema's
// COLUMN_TYPE and of SHOW CREATE TABLE: "bigint unsigned", "decimal(10,2)",
// "enum('a','b”c')". The synonyms that only DDL uses (INTEGER, NUMERIC, BOOL,
// CHARACTER VARYING, …) are understood too, as are attributes that follow the
// type (CHARACTER SET, COLLATE). Letter case does not matter.
func ParseType(columnType string) (Type, error) {
	p := typeParser{text: columnType}
	t, err := p.parse()
	if err != nil {
		return Type{}, fmt.Errorf("reading column type %q: %w", columnType, err)
	}
	return t, nil
}

// typeParser reads one type from left to right.
type typeParser struct {
	text string
	at   int
}

func (p *typeParser) parse() (Type, error) {
	words, args, err := p.head()
	if err != nil {
		return Type{}, err
	}
	t, rest, err := named(words)
	if err != nil {
		return Type{}, err
	}
	if err := t.give(args); err != nil {
		return Type{}, err
	}
	for {
		if len(rest) == 0 {
			if rest, err = p.words(); err != nil || len(rest) == 0 {
				break
			}
		}
		if rest, err = p.attribute(&t, rest); err != nil {
			break
		}
	}
	if err != nil {
		return Type{}, err
	}
	return t.settled()
}

// argument is what stands between a type's parentheses: numbers or labels.
type argument struct {
	number int
	label  string
	quoted bool
}

// head reads the type's words and the arguments in parentheses behind them.
func (p *typeParser) head() (words []string, args []argument, err error) {
	if words, err = p.words(); err != nil {
		return nil, nil, err
	}
	if len(words) == 0 {
		return nil, nil, fmt.Errorf("no type name")
	}
	if p.at < len(p.text) && p.text[p.at] == '(' {
		p.at++
		args, err = p.arguments()
	}
	return words, args, err
}

// words reads words up to a parenthesis or the end. MariaDB's comments on old
// temporal columns (/* mariadb-5.3 */) are passed over.
func (p *typeParser) words() ([]string, error) {
	var words []string
	for {
		p.blanks()
		start := p.at
		for p.at < len(p.text) && isWord(p.text[p.at]) {
			p.at++
		}
		switch {
		case p.at > start:
			words = append(words, strings.ToLower(p.text[start:p.at]))
		case strings.HasPrefix(p.text[p.at:], "/*"):
			end := strings.Index(p.text[p.at:], "*/")
			if end < 0 {
				return nil, fmt.Errorf("a comment does not end")
			}
			p.at += end + 2
		case p.at == len(p.text), p.text[p.at] == '(' && len(words) > 0:
			return words, nil
		default:
			return nil, fmt.Errorf("unexpected %q at byte %d", p.text[p.at], p.at)
		}
	}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func (p *typeParser) blanks() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\n' || p.text[p.at] == '\r') {
		p.at++
	}
}

func (p *typeParser) arguments() ([]argument, error) {
	var args []argument
	for {
		p.blanks()
		if p.at == len(p.text) {
			return nil, fmt.Errorf("a parenthesis is not closed")
		}
		arg, err := p.argument()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		p.blanks()
		if p.at == len(p.text) {
			return nil, fmt.Errorf("a parenthesis is not closed")
		}
		c := p.text[p.at]
		p.at++
		switch c {
		case ')':
			return args, nil
		case ',':
		default:
			return nil, fmt.Errorf("unexpected %q at byte %d", c, p.at-1)
		}
	}
}

func (p *typeParser) argument() (argument, error) {
	if p.text[p.at] == '\'' {
		label, err := p.label()
		return argument{label: label, quoted: true}, err
	}
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil {
		return argument{}, fmt.Errorf("no number or label at byte %d", start)
	}
	return argument{number: n}, nil
}

// label reads a quoted label. A quote is written twice, and the characters
// that would break a line or end a string are escaped with a backslash
// (append_unescaped in MySQL's sql/unireg.cc, used by Field_enum::sql_type).
func (p *typeParser) label() (string, error) {
	var label strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case '\'':
			if p.at++; p.at == len(p.text) || p.text[p.at] != '\'' {
				return label.String(), nil
			}
			label.WriteByte('\'')
		case '\\':
			if p.at++; p.at < len(p.text) {
				label.WriteByte(unescaped(p.text[p.at]))
			}
		default:
			label.WriteByte(c)
		}
	}
	return "", fmt.Errorf("a label is not closed")
}

func unescaped(c byte) byte {
	switch c {
	case '0':
		return 0
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'Z':
		return 26
	}
	return c
}
