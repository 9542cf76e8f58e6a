package central

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"tributary/schema"
)

// ErrBusy says that somebody else is changing a table, and has not done within the
// time that was given.
var ErrBusy = errors.New("another session is changing it")

// DifferenceError says that a table needs changes the mode does not allow.
type DifferenceError struct {
	Table string
	// Changes are all that it needs, in order.
	Changes []schema.Change
}

func (e *DifferenceError) Error() string {
	statements := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		statements[i] = c.SQL() + ";"
	}
	return fmt.Sprintf("table %q is not what the stores' rows need, and may not be changed by itself (run: %s)",
		e.Table, strings.Join(statements, " "))
}

// PrivilegeError says that the account may not make a change.
type PrivilegeError struct {
	Table, SQL string
	// Err is the server's error.
	Err error
}

func (e *PrivilegeError) Error() string {
	return fmt.Sprintf("changing table %q: %v (grant CREATE and ALTER on the database to the account, or run: %s;)", e.Table, e.Err, e.SQL)
}

// Unwrap returns the server's error.
func (e *PrivilegeError) Unwrap() error { return e.Err }

// denied says whether an error number means missing privileges (manual,
// "Server Error Message Reference").
func denied(number uint16) bool {
	switch number {
	case 1044, // ER_DBACCESS_DENIED_ERROR
		1142, // ER_TABLEACCESS_DENIED_ERROR
		1143, // ER_COLUMNACCESS_DENIED_ERROR
		1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR
		return true
	}
	return false
}

// overtaken says whether a change failed because somebody else has changed the
// table since it was read.
func overtaken(err error) bool {
	var server *mysql.MySQLError
	if !errors.As(err, &server) {
		return false
	}
	switch server.Number {
	case 1050, // ER_TABLE_EXISTS_ERROR
		1054, // ER_BAD_FIELD_ERROR
		1060, // ER_DUP_FIELDNAME
		1146, // ER_NO_SUCH_TABLE
		1412: // ER_TABLE_DEF_CHANGED
		return true
	}
	return false
}
