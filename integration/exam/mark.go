package exam

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/integration/compare"
	"tributary/schema"
)

// mark compares every room with its central database.
func (t *taking) mark(ctx context.Context, s *sinks) (*Sheet, error) {
	sheet := &Sheet{Rooms: t.Rooms, Cases: t.Cases, Outcomes: map[string]map[string]Outcome{}}
	for i := range t.Rooms {
		r := &t.Rooms[i]
		t.say("comparing room %s", r.Name)
		db, err := t.centralDB(r.Environment)
		if err != nil {
			return nil, err
		}
		outcomes, err := t.markRoom(ctx, r, db, s.reports)
		_ = db.Close()
		if err != nil {
			return nil, fmt.Errorf("room %s: %w", r.Name, err)
		}
		sheet.Outcomes[r.Name] = outcomes
	}
	return sheet, nil
}

// compareLimit is how long the comparison may wait for the last rows.
const compareLimit = 2 * time.Second

func (t *taking) markRoom(ctx context.Context, r *Room, central *sql.DB, held *reports) (map[string]Outcome, error) {
	store, err := t.stores[r.Flavor].DB()
	if err != nil {
		return nil, err
	}
	var tables []string
	var cases []*Case
	for i := range t.Cases {
		if c := &t.Cases[i]; r.takes(c) {
			tables, cases = append(tables, c.Table), append(cases, c)
		}
	}
	limited, cancel := context.WithTimeout(ctx, compareLimit)
	defer cancel()
	report, err := compare.Eventually(limited, compare.Central{DB: central, Schema: r.Environment},
		[]compare.Store{{ID: r.Store, DB: store, Schema: r.Schema, Tables: tables}},
		compare.Options{Definitions: !r.Plain, Limit: 30, CentralTable: centralTable, CentralColumn: centralColumn})
	if err != nil {
		return nil, err
	}
	outcomes := map[string]Outcome{}
	for i := range report.Tables {
		letters, told, err := t.letters(ctx, central, r, cases[i].Table)
		if err != nil {
			return nil, err
		}
		topic := strings.Join([]string{r.Environment, r.Store, r.Schema, topicName(cases[i].Table)}, ".")
		kept, warned := held.of(topic)
		o := judge(&report.Tables[i], letters, told, kept, warned)
		if why := t.stopped[r.Name]; why != "" {
			o = Outcome{Verdict: Stopped, Details: []string{why}}
		}
		outcomes[cases[i].Table] = o
	}
	t.foretell(ctx, r, outcomes)
	return outcomes, nil
}

var illegal = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// topicName is what Debezium makes of a table's name.
func topicName(table string) string { return illegal.ReplaceAllString(table, "_") }

func centralTable(_, table string) string { return topicName(table) }

// centralColumn is where the sink puts a column that has the name of one of its own.
func centralColumn(column string) string {
	switch column {
	case schema.StoreColumn, schema.SourceTimeColumn, schema.AppliedColumn, schema.OffsetColumn, schema.PartitionColumn, schema.DeletedColumn:
		return "source_" + column
	}
	return column
}

// letters are the reasons of a table's dead letters. Told says that one of them is
// a schema change, which speaks of the table as a whole.
func (t *taking) letters(ctx context.Context, central *sql.DB, r *Room, table string) (list []string, told bool, err error) {
	rows, err := central.QueryContext(ctx, "SELECT topic, reason FROM tributary_dead_letters WHERE store_id = ? AND table_name = ? ORDER BY topic, kafka_offset", r.Store, topicName(table))
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var topic, reason string
		if err := rows.Scan(&topic, &reason); err != nil {
			return nil, false, err
		}
		_, kind := debezium.ParseTopic(r.Environment, topic)
		told = told || kind == debezium.SchemaChangeTopic
		list = append(list, reason)
	}
	return list, told, rows.Err()
}

// judge makes a verdict of what was found. Rows that differ are reported only
// if there are dead letters enough for them or one tells of the whole table, or the
// table is held; they are warned of if the sink has named a column, which says
// nothing of whole rows.
func judge(found *compare.Table, letters []string, told bool, held string, warned []string) Outcome {
	o := Outcome{Verdict: Equal, Rows: found.Rows}
	rows := found.Missing + found.Extra + found.Different
	for _, d := range found.Differences {
		o.Details = append(o.Details, d.String())
		switch d.Kind {
		case compare.NoColumn, compare.NoTable:
			rows = max(rows, 1)
		}
	}
	switch {
	case rows > 0 && (told || held != "" || int64(len(letters)) >= rows):
		o.Verdict = Reported
	case rows > 0 && rows == found.Different && len(warned) > 0:
		o.Verdict = Warned
	case rows > 0:
		o.Verdict = Different
	case held != "" || len(letters) > 0:
		o.Verdict = Reported
	case found.Definitions > 0:
		o.Verdict = Wider
	}
	for _, reason := range letters {
		o.Details = append(o.Details, "dead letter: "+reason)
	}
	if held != "" {
		o.Details = append(o.Details, "held: "+held)
	}
	for _, warning := range warned {
		o.Details = append(o.Details, "warned: "+warning)
	}
	return o
}
