package ddl

import "strings"

// kind is what a token is.
type kind uint8

const (
	end    kind = iota // behind the last token
	word               // a name or keyword without quotes, or a number
	quoted             // a name in backticks
	text               // a string; in double quotes it may be a name (ANSI_QUOTES)
	sign               // one character of anything else
)

// token is one of a statement's.
type token struct {
	kind kind
	// text is a word as written, a quoted name or string without its quotes,
	// or the sign.
	text string
	// double says of a text that its quotes are double.
	double bool
}

// is says whether the token is a keyword, given in capitals.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// sign says whether the token is a sign.
func (t token) sign(c string) bool { return t.kind == sign && t.text == c }

// scanner cuts a statement into tokens.
type scanner struct {
	text string
	at   int
	// escapes says that a backslash escapes within strings, which it does not
	// under NO_BACKSLASH_ESCAPES.
	escapes bool
	// mariadb says that comments for MariaDB alone are run.
	mariadb bool
	broken  bool // a string, name or comment has no end
}

// tokens returns a statement's tokens; none if it has no end of its own in
// either way to read its strings. How a server read it depends on its sql_mode,
// which is not known: where both ways would do, the backslash escapes, as it does
// unless somebody has decided otherwise.
func tokens(text string, mariadb bool) []token {
	for _, escapes := range []bool{true, false} {
		s := scanner{text: text, escapes: escapes, mariadb: mariadb}
		var list []token
		for t := s.next(); t.kind != end; t = s.next() {
			list = append(list, t)
		}
		if !s.broken {
			return list
		}
	}
	return nil
}

// next returns the next token.
func (s *scanner) next() token {
	for s.at < len(s.text) {
		c, rest := s.text[s.at], s.text[s.at:]
		switch {
		case isSpace(c):
			s.at++
		case c == '#', strings.HasPrefix(rest, "--") && (len(rest) == 2 || isSpace(rest[2])):
			s.line()
		case strings.HasPrefix(rest, "/*"):
			s.comment()
		case strings.HasPrefix(rest, "*/"):
			s.at += 2 // of a comment that is run
		case c == '`':
			return token{kind: quoted, text: s.quotes(c, false)}
		case c == '\'', c == '"':
			return token{kind: text, text: s.quotes(c, s.escapes), double: c == '"'}
		case isWord(c):
			return s.word()
		default:
			s.at++
			return token{kind: sign, text: rest[:1]}
		}
	}
	return token{}
}

func (s *scanner) word() token {
	begin := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	return token{kind: word, text: s.text[begin:s.at]}
}

// line skips a comment to the end of its line.
func (s *scanner) line() {
	if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
		s.at += i + 1
		return
	}
	s.at = len(s.text)
}

// comment skips a comment. Of one that is run, /*!50100 … */, only the mark is
// skipped: the versions meant are long those of any server.
func (s *scanner) comment() {
	rest := s.text[s.at:]
	mark := ""
	switch {
	case strings.HasPrefix(rest, "/*!"):
		mark = "/*!"
	case strings.HasPrefix(rest, "/*M!") && s.mariadb:
		mark = "/*M!"
	}
	if mark != "" {
		for s.at += len(mark); s.at < len(s.text) && isDigit(s.text[s.at]); {
			s.at++
		}
		return
	}
	i := strings.Index(rest[2:], "*/")
	if i < 0 {
		s.at, s.broken = len(s.text), true
		return
	}
	s.at += 2 + i + 2
}

// quotes returns what stands between two quotes; a doubled one stands for itself.
func (s *scanner) quotes(quote byte, escapes bool) string {
	var b strings.Builder
	for s.at++; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		switch {
		case c == '\\' && escapes && s.at+1 < len(s.text):
			s.at++
			c = s.text[s.at]
		case c == quote && s.at+1 < len(s.text) && s.text[s.at+1] == quote:
			s.at++
		case c == quote:
			s.at++
			return b.String()
		}
		b.WriteByte(c)
	}
	s.broken = true
	return b.String()
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWord says whether a byte is part of a name without quotes; all beyond ASCII
// are.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
}
