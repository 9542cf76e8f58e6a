package preflight

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"

	"tributary/debezium/fleet"
)

const (
	checkPassword = "password"
	checkFlavor   = "flavor"
)

// connectionChecks are what every other check needs.
func connectionChecks() []Check {
	return []Check{
		{
			ID: checkPassword, Title: "the password can be read here",
			Why: "the preflight logs in as the connector will, and Kafka Connect reads the same reference on its workers",
		},
		{
			ID: "reach", Title: "the server is reachable",
			Why: "a connector for a store that cannot be reached blocks Kafka Connect for a minute at every change of its configuration",
			SQL: "(a TCP connection)", ask: askReach,
		},
		{
			ID: "login", Title: "the account can log in",
			Why: "the connector would fail at once",
			SQL: "SELECT CURRENT_USER()", ask: askLogin,
		},
		{
			ID: checkFlavor, Title: "the server is of the flavour the inventory says",
			Why: "MySQL and MariaDB have connectors of their own, which fail on the other's binary log",
			SQL: "SELECT VERSION(), @@version_comment", ask: askFlavor,
		},
	}
}

func judgePassword(store fleet.Store, err error) outcome {
	if err != nil {
		return outcome{verdict: Fail, evidence: err.Error(), remedy: "make the reference in the inventory readable where the preflight runs and on every Connect worker"}
	}
	return outcome{verdict: Pass, evidence: store.Password.String()}
}

func askReach(ctx context.Context, s *session) (outcome, error) {
	dialer := net.Dialer{Timeout: s.config.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.config.Addr)
	if err == nil {
		_ = conn.Close()
		return pass("%s", s.config.Addr)
	}
	o := outcome{verdict: Fail, evidence: err.Error()}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		o.remedy = "correct host in the inventory, or make the name known to this machine and to the Connect workers"
	case errors.Is(err, syscall.ECONNREFUSED):
		o.remedy = fmt.Sprintf("start the server, or correct port in the inventory (now %d); bind_address must not be 127.0.0.1", s.store.Port)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		o.remedy = fmt.Sprintf("nothing answered within %s: look at the store's VPN, at firewalls and at host in the inventory", s.config.Timeout)
	default:
		o.remedy = "look at the network between here and the store, and at host and port in the inventory"
	}
	return o, nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func askLogin(ctx context.Context, s *session) (outcome, error) {
	if err := s.open(); err != nil {
		return outcome{}, err
	}
	var who string
	err := s.db.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&who)
	if err == nil {
		return pass("%s", who)
	}
	o := outcome{verdict: Fail, evidence: err.Error()}
	switch {
	case isError(err, errAccessDenied):
		o.remedy = "correct user or the password, or create the account"
		o.sql = createUser(s)
	case isError(err, errHostDenied, errHostBlocked):
		o.remedy = "allow the account from this address; FLUSH HOSTS if it was blocked after too many failures"
	case isError(err, errSecureTransport):
		o.remedy = "the server takes encrypted connections only: write tls: required into the inventory"
	case errors.Is(err, mysql.ErrNoTLS):
		o.remedy = "the server offers no TLS: set it up there, or write tls: preferred into the inventory"
	case strings.Contains(err.Error(), "x509"):
		o.remedy = "the server's certificate is not one this machine trusts for that host: install the authority's certificate, or write tls: required to encrypt without checking"
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn), errors.Is(err, context.DeadlineExceeded):
		o.evidence = "it takes the connection and does not answer as MySQL does: " + o.evidence
		o.remedy = "look at host and port in the inventory, at proxies and firewalls in between, and whether the server hangs"
	default:
		o.remedy = "look at the server's error log; a server that has just started may need a moment"
	}
	return o, nil
}

func createUser(s *session) []string {
	user := sqlText(s.store.User) + "@'%'"
	return []string{
		"-- with a password of your own: CREATE USER IF NOT EXISTS " + user + " IDENTIFIED BY '…';",
		"GRANT " + strings.Join(neededGlobally, ", ") + " ON *.* TO " + user + ";",
	}
}

func sqlText(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
}

func askFlavor(ctx context.Context, s *session) (outcome, error) {
	var text, comment string
	if err := s.db.QueryRowContext(ctx, "SELECT VERSION(), @@version_comment").Scan(&text, &comment); err != nil {
		return outcome{}, err
	}
	s.server = server{flavor: fleet.MySQL, version: parseVersion(text), comment: comment, text: "MySQL " + text}
	if strings.Contains(strings.ToLower(text+comment), "mariadb") {
		s.server.flavor, s.server.text = fleet.MariaDB, "MariaDB "+strings.TrimPrefix(text, "5.5.5-")
	}
	if s.server.flavor != s.store.Flavor {
		return outcome{
			verdict: Fail, evidence: fmt.Sprintf("%s, the inventory says %s", s.server.text, s.store.Flavor),
			remedy: fmt.Sprintf("write flavor: %s into the inventory", s.server.flavor),
		}, nil
	}
	return pass("%s (%s)", s.server.text, comment)
}
