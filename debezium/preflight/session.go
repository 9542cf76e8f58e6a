package preflight

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/debezium/fleet"
)

// session is a conversation with one store's server.
type session struct {
	store        fleet.Store
	outage       time.Duration
	db           *sql.DB
	config       *mysql.Config
	checkTimeout time.Duration
	registry     *schemas

	server server
	// tables are the captured base tables, read once.
	tables     []table
	tablesRead bool
	// grants are the account's privileges, read once.
	account *account
	// log is what the replication proof saw of the oldest binary log.
	oldestLog time.Time
	logBytes  int64
}

// server is who answers.
type server struct {
	flavor  fleet.Flavor
	version version
	// comment is the distributor's, "MySQL Community Server - GPL".
	comment string
	text    string
}

type version struct{ major, minor, patch int }

// parseVersion reads the digits that VERSION() begins with, behind the
// "5.5.5-" that MariaDB's handshake puts before them.
func parseVersion(text string) version {
	text = strings.TrimPrefix(text, "5.5.5-")
	var v version
	for i, into := range []*int{&v.major, &v.minor, &v.patch} {
		digits := 0
		for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
			digits++
		}
		*into, _ = strconv.Atoi(text[:digits])
		if i < 2 && digits < len(text) && text[digits] == '.' {
			text = text[digits+1:]
		} else {
			break
		}
	}
	return v
}

func (v version) atLeast(major, minor, patch int) bool {
	if v.major != major {
		return v.major > major
	}
	if v.minor != minor {
		return v.minor > minor
	}
	return v.patch >= patch
}

func (s *session) mariadb() bool { return s.server.flavor == fleet.MariaDB }

// DriverConfig is how to connect to the store as its connector does: the same
// account and the same demands on TLS. The timeout is for connecting and for
// every single read and write.
func DriverConfig(store fleet.Store, password string, timeout time.Duration) *mysql.Config {
	config := mysql.NewConfig()
	config.Net = "tcp"
	config.Addr = net.JoinHostPort(store.Host, strconv.Itoa(store.Port))
	config.User, config.Passwd = store.User, password
	config.Timeout, config.ReadTimeout, config.WriteTimeout = timeout, timeout, timeout
	config.InterpolateParams = true
	config.AllowNativePasswords = true
	config.TLSConfig = map[fleet.TLS]string{
		fleet.TLSDisabled: "false", fleet.TLSPreferred: "preferred",
		fleet.TLSRequired: "skip-verify", fleet.TLSVerify: "true",
	}[store.TLS]
	config.Logger = &mysql.NopLogger{}
	return config
}

// variable returns a global variable as text. The error for one that does not
// exist is the server's 1193.
func (s *session) variable(ctx context.Context, name string) (string, error) {
	var value sql.NullString
	err := s.db.QueryRowContext(ctx, "SELECT @@GLOBAL."+name).Scan(&value)
	return value.String, err
}

// firstVariable returns the first of the names that exists: servers rename
// variables.
func (s *session) firstVariable(ctx context.Context, names ...string) (value string, err error) {
	for _, name := range names {
		if value, err = s.variable(ctx, name); !isError(err, errUnknownVariable) {
			return value, err
		}
	}
	return "", err
}

func (s *session) number(ctx context.Context, name string) (float64, error) {
	text, err := s.variable(ctx, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, not a number", name, text)
	}
	return n, nil
}

// on says whether a switch is on, which servers write as 1, ON or YES.
func on(value string) bool {
	switch strings.ToUpper(value) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// row is a result row by lower case column names; NULL is absent.
type row map[string]string

func (s *session) rows(ctx context.Context, query string, args ...any) ([]row, error) {
	result, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }() // its errors come from Err
	columns, err := result.Columns()
	if err != nil {
		return nil, err
	}
	var all []row
	for result.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := result.Scan(into...); err != nil {
			return nil, err
		}
		r := row{}
		for i, value := range values {
			if value.Valid {
				r[strings.ToLower(columns[i])] = value.String
			}
		}
		all = append(all, r)
	}
	return all, result.Err()
}

// firstRows runs the first of the statements this server knows.
func (s *session) firstRows(ctx context.Context, queries ...string) (rows []row, err error) {
	for _, query := range queries {
		if rows, err = s.rows(ctx, query); !isError(err, errSyntax) {
			return rows, err
		}
	}
	return nil, err
}

// schemas returns the captured schemas as a list for IN (…).
func (s *session) schemas() (placeholders string, args []any) {
	captured := s.store.Captures()
	for _, schema := range captured {
		args = append(args, schema)
	}
	return strings.TrimSuffix(strings.Repeat("?,", len(captured)), ","), args
}

// persist is the statement that changes a variable for good: MySQL 8 writes it
// down, MariaDB needs the same line in my.cnf.
func (s *session) persist(name, value string) (sql, config []string) {
	if s.mariadb() {
		return []string{fmt.Sprintf("SET GLOBAL %s = %s;", name, value)}, []string{name + " = " + strings.Trim(value, "'")}
	}
	return []string{fmt.Sprintf("SET PERSIST %s = %s;", name, value)}, nil
}
