package writer

import (
	"errors"

	"github.com/go-sql-driver/mysql"
)

// Class is what can be done about an error.
type Class uint8

const (
	// Transient errors pass by themselves: the whole transaction is tried
	// again for as long as it takes. Lost connections are of this class, and
	// so is everything that is not an answer of the server.
	Transient Class = iota
	// Locked rows or a deadlock: transient, and worth telling apart since
	// someone else's transaction is the cause.
	Locked
	// ReadOnly servers (a failover in progress) are transient, but the
	// session is of no use: it may be bound to the old primary.
	ReadOnly
	// Stale knowledge of a table: read its definition again, then retry.
	Stale
	// Data errors are one row's: find it and set it aside.
	Data
	// Environment errors need a person (privileges, a missing database). They
	// are retried slowly and said loudly.
	Environment
	// Moved says that the ledger does not stand where the batch begins:
	// somebody else wrote these events, or our own unanswered commit did.
	Moved
	// Flooded says that more of a partition's events are poison than may be set
	// aside: it is held, and the rest of the batch tried again.
	Flooded
)

func (c Class) String() string {
	return [...]string{"transient", "locked", "read_only", "stale", "data", "environment", "moved", "flooded"}[c]
}

// ErrMoved is returned when the ledger moved under a batch. Nothing was
// written.
var ErrMoved = errors.New("the ledger does not stand where the batch begins")

// Server error numbers, MySQL manual "Server Error Message Reference". Those
// above 1900 and below 3000 that MySQL does not have are MariaDB's.
var classes = map[uint16]Class{
	1020: Locked, // record changed since it was read (MariaDB, innodb_snapshot_isolation)
	1205: Locked, // lock wait timeout
	1213: Locked, // deadlock; the server has rolled back
	3572: Locked, // NOWAIT

	1047: ReadOnly, // Galera: the node is not prepared; else an unknown command
	1290: ReadOnly, // --read-only, --super-read-only
	1792: ReadOnly, // transaction is READ ONLY
	1836: ReadOnly, // read only mode
	3032: ReadOnly, // offline mode

	1054: Stale, // unknown column
	1136: Stale, // column count
	1146: Stale, // no such table
	1364: Stale, // a NOT NULL column that no event fills: somebody has added it
	1412: Stale, // table definition has changed

	1044: Environment, // database access denied
	1045: Environment, // login refused
	1046: Environment, // no database selected: it was dropped under the session
	1049: Environment, // no such database
	1129: Environment, // this host is blocked
	1130: Environment, // this host is not let in
	1142: Environment, // table privilege
	1143: Environment, // column privilege
	1227: Environment, // global privilege
	1197: Environment, // the transaction is larger than max_binlog_cache_size
	1370: Environment, // routine privilege
	1698: Environment, // login refused (MariaDB)
	3098: Environment, // the table is not as group replication needs it

	1021: Transient, // disk full
	1026: Transient, // error writing file
	1028: Transient,
	1030: Transient, // error from the storage engine
	1037: Transient, // out of memory
	1038: Transient,
	1040: Transient, // too many connections
	1041: Transient,
	1053: Transient, // shutdown in progress
	1105: Transient, // unknown error
	1114: Transient, // table is full
	1152: Transient,
	1158: Transient,
	1159: Transient,
	1160: Transient,
	1161: Transient,
	1180: Transient, // error during COMMIT
	1203: Transient, // max_user_connections
	1206: Transient, // lock table size
	1226: Transient, // resource limit
	1297: Transient, // temporary, of the storage engine
	1317: Transient, // query interrupted
	1534: Transient, // error writing a row to the binary log
	1598: Transient, // binary logging not possible
	1637: Transient, // too many transactions
	1927: Transient, // connection was killed (MariaDB)
	1969: Transient, // max_statement_time (MariaDB)
	3024: Transient, // max_execution_time
	3100: Transient, // replication hook
	3101: Transient, // plugin asked for rollback
	3168: Transient, // server not available
	3169: Transient, // session was killed
	3170: Transient, // memory for the statement
	4031: Transient, // disconnected for inactivity
}

// Classify says what can be done about an error of a write. A server error
// that is not listed is taken as the row's own fault: setting one row aside
// where it can be replayed is better than holding all others up.
func Classify(err error) Class {
	if errors.Is(err, ErrMoved) {
		return Moved
	}
	var flood *FloodError
	if errors.As(err, &flood) { // before its reason, which may be a server's
		return Flooded
	}
	var server *mysql.MySQLError
	if !errors.As(err, &server) {
		return Transient
	}
	if class, ok := classes[server.Number]; ok {
		return class
	}
	return Data
}
