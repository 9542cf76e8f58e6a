package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Check is one question put to a store's server.
type Check struct {
	// ID is the check's short name, Title what is good if it passes.
	ID, Title string
	// Why says what goes wrong otherwise.
	Why string
	// SQL is what the server is asked, for those who want to ask it
	// themselves.
	SQL string

	ask func(ctx context.Context, s *session) (outcome, error)
}

// outcome is a check's answer before the check's own texts are added.
type outcome struct {
	verdict  Verdict
	evidence string
	remedy   string
	sql      []string
	config   []string
}

// Checks returns every check in the order they are run. The first four decide
// whether there is a connection at all, which the others need.
func Checks() []Check {
	var all []Check
	for _, group := range [][]Check{
		binlogChecks(), retentionChecks(), serverChecks(), replicaChecks(),
		accessChecks(), tableChecks(), contentChecks(), valueChecks(), statementChecks(), registryChecks(),
	} {
		all = append(all, group...)
	}
	return append(connectionChecks(), all...)
}

func pass(format string, args ...any) (outcome, error) {
	return outcome{verdict: Pass, evidence: fmt.Sprintf(format, args...)}, nil
}

func skip(evidence string) (outcome, error) {
	return outcome{verdict: Skip, evidence: evidence}, nil
}

func info(format string, args ...any) (outcome, error) {
	return outcome{verdict: Info, evidence: fmt.Sprintf(format, args...)}, nil
}

// run asks and turns what came back, errors too, into a finding.
func (c Check) run(ctx context.Context, s *session) Finding {
	ctx, cancel := context.WithTimeout(ctx, s.checkTimeout)
	defer cancel()
	o, err := c.ask(ctx, s)
	if err != nil {
		o = unreadable(err)
	}
	return c.finding(o)
}

func (c Check) finding(o outcome) Finding {
	f := Finding{Check: c.ID, Title: c.Title, Verdict: o.verdict, Evidence: o.evidence}
	if o.verdict != Pass && o.verdict != Skip {
		f.Why, f.Remedy, f.SQL, f.Config = c.Why, o.remedy, o.sql, o.config
	}
	return f
}

// unreadable is the outcome of a question the server did not answer: never a
// pass. A variable that does not exist means that the server has no such
// feature.
func unreadable(err error) outcome {
	if isError(err, errUnknownVariable) {
		return outcome{verdict: Skip, evidence: "this server has no such setting"}
	}
	o := outcome{verdict: Warn, evidence: "could not be read: " + err.Error()}
	switch {
	case isError(err, errSpecificAccess, errTableAccess, errAccessDenied, errDatabaseAccess, errColumnAccess):
		o.remedy = "give the account the privilege the message names, or look with another account"
	case errors.Is(err, context.DeadlineExceeded):
		o.remedy = "the server answers too slowly; run the preflight again when it is less busy, or with a longer --timeout"
	default:
		o.remedy = "run the preflight again; if it stays, ask the server with the check's SQL by hand"
	}
	return o
}

// Numbers from MySQL's server error reference.
const (
	errAccessDenied    = 1045
	errDatabaseAccess  = 1044
	errTableAccess     = 1142
	errColumnAccess    = 1143
	errNoSuchTable     = 1146
	errUnknownVariable = 1193
	errSpecificAccess  = 1227
	errSyntax          = 1064
	errHostBlocked     = 1129
	errHostDenied      = 1130
	errSecureTransport = 3159
)

func isError(err error, numbers ...uint16) bool {
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) {
		return false
	}
	for _, number := range numbers {
		if refused.Number == number {
			return true
		}
	}
	return false
}

// quote writes an identifier.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// list shortens a list of names for people.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
