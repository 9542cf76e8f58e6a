package preflight

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"tributary/debezium/fleet"
	"tributary/debezium/registry"
)

// registryChecks are about stores whose events come in Avro.
func registryChecks() []Check {
	return []Check{
		{
			ID: "registry", Title: "the schema registry answers",
			Why: "a connector with an Avro converter fails at its first event, and the sink waits at the first schema it does not know",
			SQL: "GET {registry}/subjects, or {registry}/search/artifacts?limit=1 (from here, not by the store)", ask: askRegistry,
		},
		{
			ID: "avro-defaults", Title: "NULL stays NULL in Avro",
			Why: "Apicurio's AvroConverter writes a nullable column's default where the store has NULL, and nothing behind it can tell the two apart",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE IS_NULLABLE = 'YES' AND COLUMN_DEFAULT IS NOT NULL", ask: askDefaults,
		},
		{
			ID: "avro-points", Title: "no table has two POINT columns in Avro",
			Why: "Apicurio's converter describes a point's type together with its column, and the connector fails where it is to describe it a second time (\"Can't redefine: io.debezium.data.geometry.Point\")",
			SQL: "SELECT … FROM information_schema.COLUMNS", ask: askPoints,
		},
		{
			ID: "avro-names", Title: "columns have different names in Avro",
			Why: "Avro allows letters, digits and underscores; where two columns of a table would get one name the connector fails",
			SQL: "SELECT … FROM information_schema.COLUMNS", ask: askAvroNames,
		},
	}
}

// schemas is what all stores of a preflight have in common: the registry, asked
// once.
type schemas struct {
	kafka fleet.Kafka
	// settings are those of all connectors.
	settings map[string]string
	stores   int // with Avro
	look     func() (registry.Report, error)
}

func newSchemas(ctx context.Context, stores []fleet.Store, kafka fleet.Kafka, settings map[string]string) *schemas {
	s := &schemas{kafka: kafka, settings: settings}
	for _, store := range stores {
		if store.Format == fleet.Avro {
			s.stores++
		}
	}
	s.look = sync.OnceValues(func() (registry.Report, error) {
		password, err := kafka.RegistryPassword.Resolve()
		if err != nil {
			return registry.Report{}, err
		}
		c, err := registry.New(registry.Config{URLs: strings.Split(kafka.Registry, ","), User: kafka.RegistryUser, Password: password, IDBytes: 4})
		if err != nil {
			return registry.Report{}, err
		}
		defer c.Close()
		return c.Check(ctx)
	})
	return s
}

func askRegistry(ctx context.Context, s *session) (outcome, error) {
	switch {
	case s.store.Format != fleet.Avro:
		return skip("the store's events come as JSON")
	case s.registry.kafka.Registry == "":
		return skip("the registry's address is not known here")
	}
	report, err := s.registry.look()
	if err != nil {
		return outcome{
			verdict: Fail, evidence: err.Error(),
			remedy: registry.Hint(err) + "; its address is kafka: registry: in the inventory",
		}, nil
	}
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	needs := 2 * len(tables)
	return pass("it holds %d subjects; this store needs %d, two for each table, and %d stores like it %d",
		report.Subjects, needs, s.registry.stores, needs*s.registry.stores)
}

func askDefaults(ctx context.Context, s *session) (outcome, error) {
	switch {
	case s.store.Format != fleet.Avro:
		return skip("the store's events come as JSON")
	case !strings.Contains(s.registry.kafka.Registry, "/apis/registry/"):
		return skip("Confluent's converter keeps them apart (ignore.default.for.nullables)")
	}
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, COLUMN_NAME AS column_name
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (`+in+`) AND IS_NULLABLE = 'YES'
			AND COLUMN_DEFAULT IS NOT NULL AND COLUMN_DEFAULT <> 'NULL' ORDER BY 1, 2, ORDINAL_POSITION`, args...)
	if err != nil {
		return outcome{}, err
	}
	var found, statements []string
	for _, r := range rows {
		if !s.store.IncludesTable(r["table_schema"], r["table_name"]) {
			continue
		}
		found = append(found, fmt.Sprintf("%s.%s.%s", r["table_schema"], r["table_name"], r["column_name"]))
		statements = append(statements, fmt.Sprintf("-- if new rows shall be NULL there: ALTER TABLE %s.%s ALTER COLUMN %s DROP DEFAULT;",
			quote(r["table_schema"]), quote(r["table_name"]), quote(r["column_name"])))
	}
	if len(found) == 0 {
		return pass("no nullable column has a default")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "give the store format: json, or use Confluent's converter (kafka: registry: http://…:8080/apis/ccompat/v7 reaches Apicurio's registry with it), or drop the defaults;" +
			" the sink counts such values (tributary_doubtful_values_total)",
		sql: statements,
	}, nil
}

func askAvroNames(ctx context.Context, s *session) (outcome, error) {
	if s.store.Format != fleet.Avro {
		return skip("the store's events come as JSON")
	}
	const mode = "field.name.adjustment.mode"
	if s.store.Settings[mode] == "avro_unicode" || s.registry.settings[mode] == "avro_unicode" {
		return skip(mode + "=avro_unicode keeps all names apart")
	}
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	if found := sameInAvro(columns); len(found) > 0 {
		return outcome{
			verdict: Fail, evidence: list(found),
			remedy: "give the store settings: {" + mode + ": avro_unicode}, which spells every other character as its number, or format: json, or rename a column",
		}, nil
	}
	return pass("%d columns", len(columns))
}

// sameInAvro lists the columns whose names are the same in Avro
// (io.debezium.schema.FieldNameUnderscoreReplacementFunction).
func sameInAvro(columns []column) (found []string) {
	type key struct{ table, name string }
	first := map[key]string{}
	for _, c := range columns {
		k := key{c.table, notInAvro.ReplaceAllString(c.name, "_")}
		if other, twice := first[k]; twice {
			found = append(found, fmt.Sprintf("%s.%s and %s", c.table, other, c.name))
			continue
		}
		first[k] = c.name
	}
	return found
}

var notInAvro = regexp.MustCompile(`[^A-Za-z0-9_]`)

func askPoints(ctx context.Context, s *session) (outcome, error) {
	if s.store.Format != fleet.Avro {
		return skip("the store's events come as JSON")
	}
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	if found := sharedPoints(columns); len(found) > 0 {
		return outcome{
			verdict: Fail, evidence: list(found),
			remedy: "give the store format: json, or leave one of the columns out (settings: {column.exclude.list: …})",
		}, nil
	}
	return pass("%d columns", len(columns))
}

// sharedPoints lists the columns of a table that are its second POINT, or third.
func sharedPoints(columns []column) (found []string) {
	first := map[string]string{}
	for _, c := range columns {
		if c.dataType != "point" {
			continue
		}
		if other, twice := first[c.table]; twice {
			found = append(found, fmt.Sprintf("%s.%s and %s", c.table, other, c.name))
			continue
		}
		first[c.table] = c.name
	}
	return found
}
