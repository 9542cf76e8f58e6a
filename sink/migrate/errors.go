package migrate

import "fmt"

// NewerError says that a newer program has changed a table beyond what this
// one knows.
type NewerError struct {
	Table string
	// Version is the table's, Oldest the oldest version a program must know to
	// use it, Known the one this program knows.
	Version, Oldest, Known int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was made by a newer tributary (it is at version %d, for programs that know version %d; this one knows %d):"+
		" run that tributary or a newer one; nothing was changed", e.Table, e.Version, e.Oldest, e.Known)
}

// UnmarkedError says that a table has our name and not our COMMENT.
type UnmarkedError struct{ Table, Comment string }

func (e *UnmarkedError) Error() string {
	return fmt.Sprintf("%s does not say its version: its COMMENT is %q and should begin like \"tributary … v1:\""+
		" (restore the COMMENT it was made with, or rename the table if it is not tributary's)", e.Table, e.Comment)
}

// PrivilegeError says that the account may not make or change a table.
type PrivilegeError struct {
	Table, SQL string
	// Err is the server's error.
	Err error
}

func (e *PrivilegeError) Error() string {
	return fmt.Sprintf("making or changing %s: %v (grant it to the account, or run: %s;)", e.Table, e.Err, e.SQL)
}

// Unwrap returns the server's error.
func (e *PrivilegeError) Unwrap() error { return e.Err }

// denied says whether an error number means missing privileges (MySQL manual,
// "Server Error Message Reference").
func denied(number uint16) bool {
	switch number {
	case 1044, // ER_DBACCESS_DENIED_ERROR
		1142, // ER_TABLEACCESS_DENIED_ERROR
		1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR
		return true
	}
	return false
}
