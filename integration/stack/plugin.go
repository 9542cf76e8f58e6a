package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tributary/integration/stack/fetch"
)

// A Plugin is something Kafka Connect can be given.
type Plugin uint8

const (
	// DebeziumMySQL is Debezium's MySQL source. Connect always has it.
	DebeziumMySQL Plugin = iota
	// DebeziumMariaDB is Debezium's MariaDB source.
	DebeziumMariaDB
	// DebeziumJDBC is Debezium's JDBC sink, for comparisons.
	DebeziumJDBC
	// AvroConverter is Apicurio's converter, which needs a [Registry].
	AvroConverter
)

// fetch returns the folder with the plugin's jars.
func (p Plugin) fetch(ctx context.Context, cache *fetch.Cache) (string, error) {
	debezium := func(name, version string) (string, error) {
		return cache.Archive(ctx, fetch.Artifact{
			Group: "io.debezium", Name: "debezium-connector-" + name, Version: version,
			Type: "tar.gz", Classifier: "plugin",
		})
	}
	switch p {
	case DebeziumMariaDB:
		return debezium("mariadb", "3.5.0.Final")
	case DebeziumJDBC:
		return debezium("jdbc", "3.6.0.Final")
	case AvroConverter:
		// Its archive is not in every copy of the repository, the jars are.
		return cache.Jars(ctx, "apicurio-converter-"+apicurioVersion, fetch.Artifact{
			Group: "io.apicurio", Name: "apicurio-registry-utils-converter", Version: apicurioVersion,
		})
	default:
		return debezium("mysql", "3.6.1.Final")
	}
}

// discovery is how Connect looks for plugins. Reading their manifests alone is
// seconds faster than looking into every class, but Apicurio's has none.
func discovery(plugins []Plugin) string {
	if slices.Contains(plugins, AvroConverter) {
		return "hybrid_warn"
	}
	return "service_load"
}

// installPlugins fetches plugins and links them into the folder dir, which
// becomes Connect's plugin.path.
func installPlugins(ctx context.Context, cache *fetch.Cache, dir string, plugins []Plugin) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the plugins' folder: %w", err)
	}
	for _, plugin := range plugins {
		unpacked, err := plugin.fetch(ctx, cache)
		if err != nil {
			return err
		}
		link := filepath.Join(dir, filepath.Base(unpacked))
		if err := os.Symlink(unpacked, link); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("installing a plugin: %w", err)
		}
	}
	return nil
}
