package preflight

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"tributary/debezium"
)

// tableChecks are about how the tables are built.
func tableChecks() []Check {
	return []Check{
		{
			ID: "primary-keys", Title: "every table has a primary key",
			Why: "without one an update cannot be told from another row; Debezium quietly takes some unique key, or none",
			SQL: "SELECT TABLE_NAME FROM information_schema.TABLES t WHERE … AND NOT EXISTS (… INDEX_NAME = 'PRIMARY')", ask: askPrimaryKeys,
		},
		{
			ID: "foreign-keys", Title: "no foreign key changes rows by itself",
			Why: "what ON DELETE CASCADE and SET NULL do to the children never reaches the binary log (before MySQL 9.6): the central rows stay as orphans",
			SQL: "SELECT … FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE DELETE_RULE IN ('CASCADE','SET NULL') OR …", ask: askForeignKeys,
		},
		{
			ID: "engine", Title: "every table is an InnoDB table",
			Why: "other engines stand outside the snapshot's consistent view and are locked while it reads them",
			SQL: "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES", ask: askEngine,
		},
		{
			ID: "partitions", Title: "no table has partitions",
			Why: "DROP, TRUNCATE and EXCHANGE PARTITION remove rows without deleting them: the central rows stay",
			SQL: "SELECT … FROM information_schema.PARTITIONS WHERE PARTITION_NAME IS NOT NULL", ask: askPartitions,
		},
		{
			ID: "names", Title: "the tables' names make topic names of their own",
			Why: "characters that Kafka does not allow become _, and two tables could meet in one topic",
			SQL: "SHOW FULL TABLES IN …", ask: askNames,
		},
	}
}

func askPrimaryKeys(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	var keyless, promoted []string
	for _, t := range tables {
		if len(t.key) > 0 || len(s.store.Keys[t.name()]) > 0 {
			continue
		}
		key, sound, err := s.promotedKey(ctx, t)
		switch {
		case err != nil:
			return outcome{}, err
		case key == "":
			keyless = append(keyless, t.name())
		case sound:
			promoted = append(promoted, fmt.Sprintf("%s (takes %s)", t.name(), key))
		default:
			keyless = append(keyless, fmt.Sprintf("%s (would take %s, which may be NULL)", t.name(), key))
		}
	}
	if len(keyless) > 0 {
		first, _, _ := strings.Cut(keyless[0], " ")
		return outcome{
			verdict: Fail, evidence: "without a primary key: " + list(append(keyless, promoted...)),
			remedy: fmt.Sprintf("add a primary key, name columns that tell the rows apart (keys: {%s: [a, b]}), or leave the table out (exclude)", first),
			sql:    []string{fmt.Sprintf("-- when the shop is closed, unless columns it has can be the key: ALTER TABLE %s ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY;", quoteTable(first))},
		}, nil
	}
	if len(promoted) > 0 {
		return outcome{
			verdict: Warn, evidence: "Debezium takes a unique key instead: " + list(promoted),
			remedy: "make it the primary key, or write it under keys in the inventory so that it stays this one",
		}, nil
	}
	return pass("%d tables", len(tables))
}

func quoteTable(name string) string {
	schema, table, _ := strings.Cut(name, ".")
	return quote(schema) + "." + quote(table)
}

// promotedKey is the unique index that Debezium takes for a table's key: the
// first one of SHOW CREATE TABLE, which lists them as SHOW INDEX does. Sound says
// that none of its columns can be NULL.
func (s *session) promotedKey(ctx context.Context, t table) (key string, sound bool, err error) {
	rows, err := s.rows(ctx, "SHOW INDEX FROM "+t.sql())
	if err != nil {
		return "", false, err
	}
	type index struct {
		columns []string
		sound   bool
	}
	indexes := map[string]*index{}
	var order []string
	for _, r := range rows {
		if r["non_unique"] != "0" {
			continue
		}
		name := r["key_name"]
		if indexes[name] == nil {
			indexes[name] = &index{sound: true}
			order = append(order, name)
		}
		indexes[name].columns = append(indexes[name].columns, r["column_name"])
		indexes[name].sound = indexes[name].sound && r["null"] != "YES" && r["column_name"] != ""
	}
	// A sound one goes first, as Debezium has it.
	sort.SliceStable(order, func(i, j int) bool { return indexes[order[i]].sound && !indexes[order[j]].sound })
	if len(order) == 0 {
		return "", false, nil
	}
	first := indexes[order[0]]
	return fmt.Sprintf("%s(%s)", order[0], strings.Join(first.columns, ", ")), first.sound, nil
}

func askForeignKeys(ctx context.Context, s *session) (outcome, error) {
	if !s.mariadb() && s.server.version.atLeast(9, 6, 0) {
		if native, err := s.variable(ctx, "innodb_native_foreign_keys"); err == nil && !on(native) {
			return pass("cascades are logged (innodb_native_foreign_keys is OFF)")
		}
	}
	ask := s.cascades
	if s.mariadb() {
		ask = s.cascadesShown
	}
	found, err := ask(ctx)
	if err != nil {
		return outcome{}, err
	}
	if len(found) == 0 {
		return pass("none that cascades")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "delete the children by statements of their own, or compare these tables now and then",
	}, nil
}

// cascades lists the foreign keys of captured tables that change rows.
func (s *session) cascades(ctx context.Context) ([]string, error) {
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT CONSTRAINT_SCHEMA AS s, TABLE_NAME AS t, REFERENCED_TABLE_NAME AS parent,
			DELETE_RULE AS on_delete, UPDATE_RULE AS on_update
		FROM information_schema.REFERENTIAL_CONSTRAINTS
		WHERE CONSTRAINT_SCHEMA IN (`+in+`) AND (DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL'))
		ORDER BY 1, 2`, args...)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, r := range rows {
		if s.store.IncludesTable(r["s"], r["t"]) {
			found = append(found, fmt.Sprintf("%s.%s → %s (delete %s, update %s)", r["s"], r["t"], r["parent"], r["on_delete"], r["on_update"]))
		}
	}
	return found, nil
}

// cascadingKey is a foreign key with such a rule in SHOW CREATE TABLE.
var cascadingKey = regexp.MustCompile("FOREIGN KEY \\([^)]*\\) REFERENCES (`(?:[^`]|``)+`(?:\\.`(?:[^`]|``)+`)?) \\([^)]*\\)((?: ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|NO ACTION|RESTRICT|SET DEFAULT))*)")

// cascadesShown is cascades for MariaDB, which shows the rows of
// REFERENTIAL_CONSTRAINTS only to accounts that may do more than SELECT: to
// Debezium's the table is empty.
func (s *session) cascadesShown(ctx context.Context) ([]string, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, t := range tables {
		rows, err := s.rows(ctx, "SHOW CREATE TABLE "+t.sql())
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		for _, key := range cascadingKey.FindAllStringSubmatch(rows[0]["create table"], -1) {
			if strings.Contains(key[2], "CASCADE") || strings.Contains(key[2], "SET NULL") {
				parent := strings.ReplaceAll(key[1], "`", "")
				found = append(found, fmt.Sprintf("%s → %s (%s)", t.name(), parent, strings.TrimSpace(key[2])))
			}
		}
	}
	return found, nil
}

func askEngine(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	var others, statements []string
	for _, t := range tables {
		if !strings.EqualFold(t.engine, "InnoDB") {
			others = append(others, fmt.Sprintf("%s (%s)", t.name(), t.engine))
			statements = append(statements, "-- when the shop is closed: ALTER TABLE "+t.sql()+" ENGINE = InnoDB;")
		}
	}
	if len(others) == 0 {
		return pass("%d tables", len(tables))
	}
	return outcome{verdict: Warn, evidence: list(others), remedy: "turn them into InnoDB tables when the shop is closed", sql: statements}, nil
}

func askPartitions(ctx context.Context, s *session) (outcome, error) {
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, COUNT(*) AS n FROM information_schema.PARTITIONS
		WHERE TABLE_SCHEMA IN (`+in+`) AND PARTITION_NAME IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`, args...)
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, r := range rows {
		if s.store.IncludesTable(r["s"], r["t"]) {
			found = append(found, fmt.Sprintf("%s.%s (%s)", r["s"], r["t"], r["n"]))
		}
	}
	if len(found) == 0 {
		return pass("none")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "delete old rows with DELETE before their partition is dropped, or accept that the central table keeps them",
	}, nil
}

func askNames(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	topics := map[string][]string{}
	var odd []string
	for _, t := range tables {
		topic := debezium.TopicName(t.name())
		topics[topic] = append(topics[topic], t.name())
		if topic != t.name() {
			odd = append(odd, t.name())
		}
	}
	var clashes []string
	for _, names := range topics {
		if len(names) > 1 {
			clashes = append(clashes, strings.Join(names, " and "))
		}
	}
	slices.Sort(clashes)
	switch {
	case len(clashes) > 0:
		return outcome{verdict: Fail, evidence: "one topic for " + list(clashes), remedy: "rename one of them, or leave one out (exclude)"}, nil
	case len(odd) > 0:
		return outcome{verdict: Info, evidence: "spelt with _ in topic names: " + list(odd), remedy: "nothing: the events carry the true names"}, nil
	}
	return pass("%d tables", len(tables))
}
