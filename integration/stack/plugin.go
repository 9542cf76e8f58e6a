package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

func (p Plugin) artifact() fetch.Artifact {
	debezium := func(name, version string) fetch.Artifact {
		return fetch.Artifact{
			Group: "io.debezium", Name: "debezium-connector-" + name, Version: version,
			Type: "tar.gz", Classifier: "plugin",
		}
	}
	switch p {
	case DebeziumMariaDB:
		return debezium("mariadb", "3.5.0.Final")
	case DebeziumJDBC:
		return debezium("jdbc", "3.6.0.Final")
	case AvroConverter:
		return fetch.Artifact{
			Group: "io.apicurio", Name: "apicurio-registry-distro-connect-converter",
			Version: apicurioVersion, Type: "tar.gz",
		}
	default:
		return debezium("mysql", "3.6.1.Final")
	}
}

// installPlugins fetches plugins and links them into the folder dir, which
// becomes Connect's plugin.path.
func installPlugins(ctx context.Context, cache *fetch.Cache, dir string, plugins []Plugin) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the plugins' folder: %w", err)
	}
	for _, plugin := range plugins {
		unpacked, err := cache.Archive(ctx, plugin.artifact())
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
