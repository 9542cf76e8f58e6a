package deadletter

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"tributary/schema"
	"tributary/sink/ledger"
	"tributary/sink/migrate"
)

// Table is the dead letters' name in the central database.
const Table = "tributary_dead_letters"

// createTable is the definition. Whoever changes it adds a step to Definition.
const createTable = `CREATE TABLE IF NOT EXISTS ` + Table + ` (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  grp           VARCHAR(255) NOT NULL COMMENT 'consumer group',
  topic         VARCHAR(249) NOT NULL,
  part          INT          NOT NULL,
  log_id        BINARY(16)   NOT NULL,
  kafka_offset  BIGINT       NOT NULL,
  store_id      VARCHAR(64)  NOT NULL DEFAULT '',
  table_name    VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'central table',
  kafka_time    DATETIME(3)  NULL COMMENT 'UTC: the record''s timestamp',
  refused_time  DATETIME(6)  NOT NULL COMMENT 'UTC',
  error_code    INT          NOT NULL DEFAULT 0 COMMENT 'MySQL error number, 0 if it never got that far',
  reason        TEXT         NOT NULL,
  record_key    LONGBLOB     NULL COMMENT 'as consumed',
  record_value  LONGBLOB     NULL COMMENT 'as consumed; NULL with value_size > 0: too large to keep, still in Kafka',
  value_size    BIGINT       NOT NULL DEFAULT 0,
  state         ENUM('open','replayed','superseded','discarded') NOT NULL DEFAULT 'open',
  settled_time  DATETIME(6)  NULL COMMENT 'UTC: when it was replayed or discarded',
  UNIQUE KEY by_event (grp, topic, part, log_id, kafka_offset),
  KEY by_store (store_id, table_name, state)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary dead letters v1: events that could not be written'`

// Store writes dead letters of one consumer group.
type Store struct {
	group string
	label ledger.Labeller
}

// NewStore returns a Store.
func NewStore(group string, label ledger.Labeller) *Store {
	return &Store{group: group, label: label}
}

// Definition is the table and how older versions of it become it.
func Definition() migrate.Table { return migrate.Table{Name: Table, Create: createTable} }

// Create makes the table, or brings it to this program's version.
func Create(ctx context.Context, db *sql.DB) error { return migrate.Ensure(ctx, db, Definition()) }

// Letter is one event to set aside.
type Letter struct {
	Tenure *ledger.Tenure
	Offset int64
	// Timestamp is the record's, in ms since the epoch.
	Timestamp int64
	// Key and Value are as consumed; nil where the record had none.
	Key, Value []byte
	Reason     error
	// Table is the central table it is about, where that is not the one its
	// topic's rows are in.
	Table string
}

// AppendInsert appends the statement that stores a letter. Packet is the
// server's limit for a statement: a value that does not fit is left out, with
// its size, since the coordinates still find it in Kafka. The same event
// refused again (after the ledger was set back) replaces its earlier reason.
func (s *Store) AppendInsert(dst []byte, l Letter, packet int) []byte {
	value, key, why := l.Value, l.Key, reason(l.Reason)
	rest := 8192 + 2*len(why) // what else there is, were every byte of it escaped
	if 2*(len(value)+len(key))+rest > packet {
		value = nil
	}
	if 2*len(key)+rest > packet {
		key = nil
	}
	store, table := s.label(l.Tenure.Topic)
	table = cmp.Or(l.Table, table)
	dst = append(dst, "INSERT INTO "+Table+" (grp, topic, part, log_id, kafka_offset, store_id, table_name,"+
		" kafka_time, refused_time, error_code, reason, record_key, record_value, value_size) VALUES ("...)
	dst = schema.AppendText(dst, []byte(s.group))
	dst = schema.AppendText(append(dst, ','), []byte(l.Tenure.Topic))
	dst = strconv.AppendInt(append(dst, ','), int64(l.Tenure.ID), 10)
	dst = appendHex(append(dst, ','), l.Tenure.LogID[:])
	dst = strconv.AppendInt(append(dst, ','), l.Offset, 10)
	dst = schema.AppendText(append(dst, ','), []byte(store))
	dst = schema.AppendText(append(dst, ','), []byte(table))
	dst = appendTime(append(dst, ','), l.Timestamp)
	dst = append(dst, ",UTC_TIMESTAMP(6),"...)
	dst = strconv.AppendInt(dst, int64(code(l.Reason)), 10)
	dst = schema.AppendText(append(dst, ','), why)
	dst = appendHex(append(dst, ','), key)
	dst = appendHex(append(dst, ','), value)
	dst = strconv.AppendInt(append(dst, ','), int64(len(l.Value)), 10)
	return append(dst, ") ON DUPLICATE KEY UPDATE refused_time=UTC_TIMESTAMP(6), reason="+
		"CONCAT('refused again; first: ', LEFT(reason, 16000)), state='open', settled_time=NULL"...)
}

// maxReason keeps a reason within its TEXT column, also where every byte of it
// becomes three.
const maxReason = 16 << 10

// reason is an error's text as its column takes it. A server cuts its messages
// at a number of bytes, in the middle of a character if need be; refused for
// that, the letter would hold up everything behind it.
func reason(err error) []byte {
	text := err.Error()
	return []byte(strings.ToValidUTF8(text[:min(len(text), maxReason)], "\uFFFD"))
}

// code is the server's error number, if the server refused the event.
func code(err error) uint16 {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return server.Number
	}
	return 0
}

// appendTime appends a time in ms since the epoch as a literal, NULL where no
// DATETIME holds it: whoever sends a record says when it was sent.
func appendTime(dst []byte, millis int64) []byte {
	if micros := millis * 1000; micros/1000 == millis && schema.FitsDatetime(micros) {
		return append(schema.AppendDatetime(append(dst, '\''), micros), '\'')
	}
	return append(dst, "NULL"...)
}

// appendHex appends a binary literal, NULL for nil.
func appendHex(dst, data []byte) []byte {
	if data == nil {
		return append(dst, "NULL"...)
	}
	dst = append(dst, "x'"...)
	return append(hex.AppendEncode(dst, data), '\'')
}
