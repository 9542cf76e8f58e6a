package tables

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// VersionsTable is the name of the table that remembers the last version of
// every store's table.
const VersionsTable = "tributary_versions"

const createVersions = `CREATE TABLE IF NOT EXISTS ` + VersionsTable + ` (
  topic         VARCHAR(249) NOT NULL,
  table_name    VARCHAR(64)  NOT NULL COMMENT 'central table',
  definition    MEDIUMTEXT   NOT NULL COMMENT 'JSON: the columns of the store''s rows, and those it once had',
  changed_time  DATETIME(6)  NOT NULL COMMENT 'UTC: when the first event of this version came',
  PRIMARY KEY (topic, table_name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary versions v1: the last version of every store''s table'`

// Rows are a store's in one central table.
type Rows struct {
	Topic, Store string
	// Source is the true name of the store's table.
	Source string
	// Fields are the columns of the store's rows, all of them.
	Fields []debezium.Field
	// Want is the table as derived from those that are kept, Have the table as
	// it is.
	Want, Have *schema.Table
}

// ErrTwoTables says that a topic carries events of another table than the one its
// rows come from: merging them would be silent.
var ErrTwoTables = errors.New("the topic carries two tables whose names differ only in characters Kafka does not allow: rename one of them, or give it a topic of its own")

// Step brings the rows that are there to a new version of the store's table.
type Step struct {
	rows     Rows
	from, to string // definitions
	set      []string
	turns    []turn
	unknown  []string // columns whose values no event tells
	attempts int
}

// Version is the last version of a store's table; the zero Version is not known.
type Version struct {
	topic, definition string
	version           version
}

// Last returns the last versions of the tables that topics' rows come from, by
// topic, without those that are not known. They are to be read by [Version.Of].
func (k *Keeper) Last(ctx context.Context, table string, topics []string) (map[string]Version, error) {
	if ok, err := k.versions(ctx); err != nil || !ok {
		return nil, err
	}
	args := []any{table}
	for _, topic := range topics {
		args = append(args, topic)
	}
	rows, err := k.db.QueryContext(ctx, "SELECT topic, definition FROM "+VersionsTable+" WHERE table_name=? AND topic IN ("+
		schema.Marks(len(topics))+")", args...)
	if err != nil {
		return nil, wrapVersions(err)
	}
	defer func() { _ = rows.Close() }()
	found := make(map[string]Version)
	for rows.Next() {
		var v Version
		if err := rows.Scan(&v.topic, &v.definition); err != nil {
			return nil, wrapVersions(err)
		}
		found[v.topic] = v
	}
	return found, wrapVersions(rows.Err())
}

// Of reads the version, and returns [ErrTwoTables] where it is of another table of
// the store than the one named.
func (v *Version) Of(source string) error {
	if v.definition == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(v.definition), &v.version); err != nil {
		return fmt.Errorf("reading the definition of %s in %s: %w (delete the row, it is made again)", v.topic, VersionsTable, err)
	}
	if v.version.Table != source {
		return ErrTwoTables
	}
	return nil
}

// Next compares the version of a store's table with the last one. It returns nil
// where the rows that are there stay as they are.
//
// When a column is added or renamed, the rows that a store has show the default,
// or the values under the new name, and when it is given another type, what that
// makes of them; no event says so. The step is to be done when all earlier events of
// the topic are committed and before any later one is.
func (k *Keeper) Next(ctx context.Context, last Version, r Rows) (*Step, error) {
	if ok, err := k.versions(ctx); err != nil || !ok {
		return nil, err
	}
	is := versionOf(r.Source, r.Fields, k.Dialect())
	if last.definition == "" {
		_, err := k.db.ExecContext(ctx, "INSERT IGNORE INTO "+VersionsTable+" VALUES (?,?,?,UTC_TIMESTAMP(6))", r.Topic, r.Have.Name, definition(is))
		return nil, wrapVersions(err)
	}
	to := definition(is.after(&last.version))
	switch last.definition {
	case to:
		return nil, nil
	case definition(is.after(&last.version).plain()):
		// An earlier release has remembered less of it.
		_, err := k.db.ExecContext(ctx, "UPDATE "+VersionsTable+" SET definition=? WHERE topic=? AND table_name=? AND definition=?", to, r.Topic, r.Have.Name, last.definition)
		return nil, wrapVersions(err)
	}
	s := &Step{rows: r, from: last.definition, to: to}
	s.plan(&last.version, &is, k.Dialect())
	return s, nil
}

func definition(v version) string {
	b, _ := json.Marshal(v) // strings always can be
	return string(b)
}

func wrapVersions(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("asking %s for the last version of a table: %w", VersionsTable, err)
}

// plan works out what changes.
func (s *Step) plan(old, is *version, d schema.Dialect) {
	diff := compare(old, is)
	for _, pair := range diff.renamed {
		from, to := s.rows.Have.Column(schema.ColumnFor(pair[0])), s.column(pair[1])
		if from != nil && to != nil {
			s.set = append(s.set, schema.Quote(to.Name)+"="+schema.Quote(from.Name))
		}
	}
	for _, name := range diff.added {
		c := s.column(name)
		if c == nil {
			continue
		}
		value, known := startValue(s.field(name), c.Type, d)
		switch {
		case !known:
			s.unknown = append(s.unknown, name)
		case value != "NULL" || old.had(name):
			s.set = append(s.set, schema.Quote(c.Name)+"="+value)
		}
	}
	for _, name := range diff.unclear {
		if s.column(name) != nil {
			s.unknown = append(s.unknown, name)
		}
	}
	s.turn(old, is, diff.renamed)
}

func (s *Step) field(column string) *debezium.Field {
	for i := range s.rows.Fields {
		if s.rows.Fields[i].ColumnName() == column {
			return &s.rows.Fields[i]
		}
	}
	return nil
}

// column is where a store's column is written, nil if it is not.
func (s *Step) column(name string) *schema.Column {
	want := s.rows.Want.ForField(s.field(name).Name)
	if want == nil || s.rows.Want.InKey(want.Name) {
		return nil
	}
	if c := s.rows.Have.Column(want.Name); c != nil && c.Generated == "" {
		return c
	}
	return nil
}

// startValue is the literal of what rows have in a column that was added: its
// default, NULL, or what the server takes for NOT NULL without a default (manual,
// "Data Type Default Values"). CURRENT_TIMESTAMP and expressions are not known.
func startValue(f *debezium.Field, target schema.Type, d schema.Dialect) (value string, known bool) {
	if f.Default != nil {
		if f.Type == debezium.String && (bytes.Contains(f.Default, []byte(`\`)) || bytes.Contains(f.Default, []byte("''"))) {
			// Debezium sends what stood between the quotes of the DDL.
			return "", false
		}
		value, ok, err := literal.Default(f, target, d)
		return string(value), ok && err == nil
	}
	if f.Optional {
		return "NULL", true
	}
	source, err := schema.TypeOf(f, d, false)
	if err != nil || source.Kind() != target.Kind() {
		return "", false
	}
	switch target.Kind() {
	case schema.IntegerKind, schema.DecimalKind, schema.FloatKind, schema.BitKind, schema.YearKind:
		return "0", true
	case schema.TimeKind:
		return "'00:00:00'", true
	case schema.TextKind, schema.BinaryKind, schema.SetKind:
		return "''", true
	case schema.EnumKind:
		if len(source.Labels) > 0 {
			return string(schema.AppendText(nil, []byte(source.Labels[0]))), true
		}
	}
	return "", false
}

// giveUpAfter is how often a step may fail because it takes too long.
const giveUpAfter = 2

// Do makes a step, in one transaction with the note that it is made: whoever
// comes later, or wakes up late, finds it made. What the server refuses, and
// what takes too long, is left to a person and said. An error of class
// [writer.Locked] means that somebody else has locked a row.
func (k *Keeper) Do(ctx context.Context, s *Step) error {
	log := k.log.With(zap.String("topic", s.rows.Topic), zap.String("table", s.rows.Have.Name))
	changed, err := k.do(ctx, s, true)
	if err != nil && ctx.Err() == nil {
		var refused *statementError
		if !errors.As(err, &refused) {
			return err
		}
		class := writer.Classify(err)
		if class == writer.Locked {
			return err // somebody else's transaction, which will end
		}
		s.attempts++
		if class != writer.Data && class != writer.Environment && s.attempts < giveUpAfter {
			return err
		}
		log.Warn("the store has changed its table, but the rows that are here cannot be brought up to date; run the statement by hand while the store is closed",
			zap.Strings("statements", s.updates()), zap.Error(err))
		s.unknown = append(s.unknown, s.asked()...)
		_, err = k.do(ctx, s, false)
	}
	if err != nil {
		return err
	}
	if changed > 0 {
		log.Info("the store has changed its table: the rows that are here were brought up to date", zap.Int64("rows", changed), zap.Strings("statements", s.updates()))
	}
	if len(s.unknown) > 0 {
		log.Warn("the store has changed its table, and no event tells what its rows have in these columns until it writes them again; have the table captured again",
			zap.Strings("columns", s.unknown))
	}
	return nil
}

// statementError is an error of a step's statement itself.
type statementError struct{ error }

func (e *statementError) Unwrap() error { return e.error }

// updates are the statements that may have to be run.
func (s *Step) updates() (list []string) {
	if len(s.set) > 0 {
		list = append(list, s.update(strings.Join(s.set, ", "), ""))
	}
	for i := range s.turns {
		if t := &s.turns[i]; t.Value != "" {
			list = append(list, s.update(t.column+"="+t.Value, t.When))
		}
	}
	return list
}

func (s *Step) update(set, when string) string {
	if s.rows.Have.Column(schema.AppliedColumn) != nil {
		set += ", " + schema.Quote(schema.AppliedColumn) + "=UTC_TIMESTAMP(6)"
	}
	return "UPDATE " + schema.Quote(s.rows.Have.Name) + " SET " + set + s.where(when)
}

// where finds the store's rows that meet a condition.
func (s *Step) where(when string) string {
	where := " WHERE " + schema.Quote(schema.StoreColumn) + "=" + string(schema.AppendText(nil, []byte(s.rows.Store)))
	if s.rows.Have.Column(schema.DeletedColumn) != nil {
		where += " AND " + schema.Quote(schema.DeletedColumn) + " IS NOT TRUE"
	}
	if when != "" {
		where += " AND (" + when + ")"
	}
	return where
}

// do makes the step unless somebody has made it before; run says whether with its
// statements.
func (k *Keeper) do(ctx context.Context, s *Step, run bool) (changed int64, err error) {
	tx, err := k.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, wrapVersions(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, "SET SESSION innodb_lock_wait_timeout=2"); err != nil {
		return 0, wrapVersions(err)
	}
	var now string
	err = tx.QueryRowContext(ctx, "SELECT definition FROM "+VersionsTable+" WHERE topic=? AND table_name=? FOR UPDATE", s.rows.Topic, s.rows.Have.Name).Scan(&now)
	if err != nil || now != s.from {
		return 0, wrapVersions(err)
	}
	others, err := partitions(ctx, tx, s.rows.Topic)
	if err != nil {
		return 0, err
	}
	if others > 0 && len(s.set)+len(s.turns) > 0 {
		// Another partition may be behind this version, or beyond.
		s.unknown, s.set = append(s.unknown, s.set...), nil
		for _, t := range s.turns {
			s.unknown = append(s.unknown, t.name)
		}
		s.turns = nil
	}
	var unknown []string
	if run {
		if changed, unknown, err = s.run(ctx, tx); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE "+VersionsTable+" SET definition=?, changed_time=UTC_TIMESTAMP(6) WHERE topic=? AND table_name=?",
		s.to, s.rows.Topic, s.rows.Have.Name); err != nil {
		return 0, wrapVersions(err)
	}
	if err := tx.Commit(); err != nil {
		return 0, wrapVersions(err)
	}
	s.unknown = append(s.unknown, unknown...)
	return changed, nil
}

// partitions counts those a topic has besides the one that tells of versions.
func partitions(ctx context.Context, tx *sql.Tx, topic string) (n int, err error) {
	err = tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+ledger.Table+" WHERE topic=? AND part>0", topic).Scan(&n)
	return n, wrapVersions(err)
}
