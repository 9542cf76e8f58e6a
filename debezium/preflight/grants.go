package preflight

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// account is what the store's user may do, as SHOW GRANTS tells it.
type account struct {
	// global are the privileges on *.*, bySchema those on a whole database,
	// denied those taken back from one ("partial revokes").
	global   map[string]bool
	bySchema map[string]map[string]bool
	denied   map[string]map[string]bool
	// tables says that there are privileges on single tables or columns.
	tables bool
	// idle are roles that were granted and are not active at login.
	idle []string
}

// has says whether the account has a privilege everywhere.
func (a *account) has(privileges ...string) bool {
	return a.global["ALL PRIVILEGES"] || slices.ContainsFunc(privileges, func(p string) bool { return a.global[p] })
}

// hasOn says whether it has it on a database.
func (a *account) hasOn(schema, privilege string) bool {
	if a.denied[schema][privilege] {
		return false
	}
	if a.has(privilege) {
		return true
	}
	for pattern, privileges := range a.bySchema {
		if (privileges[privilege] || privileges["ALL PRIVILEGES"]) && matchesGrant(pattern, schema) {
			return true
		}
	}
	return false
}

// matchesGrant compares a schema with a grant's pattern, in which _ and % stand
// for any character and any characters unless a backslash precedes them.
func matchesGrant(pattern, schema string) bool {
	var expression strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			expression.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '%':
			expression.WriteString(".*")
		case c == '_':
			expression.WriteByte('.')
		default:
			expression.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	ok, err := regexp.MatchString("(?s)^"+expression.String()+"$", schema)
	return err == nil && ok
}

// grantLine is "GRANT what ON where TO …" and the same with REVOKE … FROM.
var grantLine = regexp.MustCompile("^(GRANT|REVOKE) (.+?) ON (?:TABLE )?(`(?:[^`]|``)+`|\\*)\\.(`(?:[^`]|``)+`|\\*) (?:TO|FROM) ")

// roleLine is "GRANT `role`@`host`,… TO …".
var roleLine = regexp.MustCompile("^GRANT ((?:[`'](?:[^`'])+[`'](?:@[`'][^`']*[`'])?(?:, ?)?)+) TO ")

// columnList is the "(a, b)" of a privilege on columns.
var columnList = regexp.MustCompile(`\([^)]*\)`)

// parseGrants reads the lines of SHOW GRANTS.
func parseGrants(lines []string) (a *account, roles []string) {
	a = &account{global: map[string]bool{}, bySchema: map[string]map[string]bool{}, denied: map[string]map[string]bool{}}
	for _, line := range lines {
		m := grantLine.FindStringSubmatch(line)
		if m == nil {
			if m = roleLine.FindStringSubmatch(line); m != nil {
				for role := range strings.SplitSeq(m[1], ",") {
					roles = append(roles, strings.TrimSpace(role))
				}
			}
			continue
		}
		a.add(m[1] == "REVOKE", m[2], unquote(m[3]), unquote(m[4]))
	}
	return a, roles
}

func (a *account) add(revoke bool, privileges, schema, object string) {
	if object != "*" {
		a.tables = true
		return
	}
	into := a.global
	if schema != "*" {
		bySchema := a.bySchema
		if revoke {
			bySchema = a.denied
			// A revoke names its database plainly, without patterns.
		}
		if bySchema[schema] == nil {
			bySchema[schema] = map[string]bool{}
		}
		into = bySchema[schema]
	}
	for privilege := range strings.SplitSeq(columnList.ReplaceAllString(privileges, ""), ",") {
		into[strings.TrimSpace(privilege)] = true
	}
}

func unquote(name string) string {
	if len(name) < 2 || name[0] != '`' {
		return name
	}
	return strings.ReplaceAll(name[1:len(name)-1], "``", "`")
}

// privileges reads the account's grants with those of its active roles, once.
func (s *session) privileges(ctx context.Context) (*account, error) {
	if s.account != nil {
		return s.account, nil
	}
	lines, err := s.texts(ctx, "SHOW GRANTS FOR CURRENT_USER()")
	if err != nil {
		return nil, err
	}
	a, granted := parseGrants(lines)
	if len(granted) > 0 {
		if a, err = s.withRoles(ctx, lines, granted); err != nil {
			return nil, err
		}
	}
	s.account = a
	return a, nil
}

// withRoles adds what the active roles may do, because those that are not
// active at login are of no use to a connector.
func (s *session) withRoles(ctx context.Context, lines, granted []string) (*account, error) {
	var active string
	if err := s.db.QueryRowContext(ctx, "SELECT COALESCE(CURRENT_ROLE(), 'NONE')").Scan(&active); err != nil {
		return nil, err
	}
	var current []string
	for role := range strings.SplitSeq(active, ",") {
		if role = strings.TrimSpace(role); role != "" && role != "NONE" {
			current = append(current, role)
		}
	}
	if len(current) > 0 {
		queries := []string{"SHOW GRANTS FOR CURRENT_USER() USING " + strings.Join(current, ", ")}
		if s.mariadb() {
			queries = nil
			for _, role := range current {
				queries = append(queries, "SHOW GRANTS FOR "+quote(role))
			}
		}
		for _, query := range queries {
			more, err := s.texts(ctx, query)
			if err != nil {
				return nil, err
			}
			lines = append(lines, more...)
		}
	}
	a, _ := parseGrants(lines)
	for _, role := range granted {
		plain := roleName(role)
		if !slices.ContainsFunc(current, func(c string) bool { return roleName(c) == plain }) {
			a.idle = append(a.idle, plain)
		}
	}
	return a, nil
}

// roleName is a role without quotes and host.
func roleName(role string) string {
	name, _, _ := strings.Cut(role, "@")
	return strings.Trim(name, "`'\"")
}

func (s *session) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := s.rows(ctx, query)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, r := range rows {
		for _, value := range r {
			lines = append(lines, value)
		}
	}
	return lines, nil
}

// accountName is the account in SQL, 'user'@'host'.
func (s *session) accountName(ctx context.Context) string {
	var who string
	if s.db.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&who) != nil {
		return sqlText(s.store.User) + "@'%'"
	}
	at := strings.LastIndexByte(who, '@')
	return sqlText(who[:at]) + "@" + sqlText(who[at+1:])
}
