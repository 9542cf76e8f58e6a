package stack

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// services are the classes of a plugin whose jars have no manifest of them.
func (p Plugin) services() map[string]string {
	if p == AvroConverter {
		return map[string]string{"org.apache.kafka.connect.storage.Converter": "io.apicurio.registry.utils.converter.AvroConverter"}
	}
	return nil
}

// installPlugins fetches plugins and puts them into the folder dir, which
// becomes Connect's plugin.path.
func installPlugins(ctx context.Context, cache *fetch.Cache, dir string, plugins []Plugin) error {
	for _, plugin := range plugins {
		unpacked, err := plugin.fetch(ctx, cache)
		if err != nil {
			return err
		}
		if err := installPlugin(filepath.Join(dir, filepath.Base(unpacked)), unpacked, plugin.services()); err != nil {
			return fmt.Errorf("installing a plugin: %w", err)
		}
	}
	return nil
}

// installPlugin links a plugin's files into a folder of its own and adds the
// manifest it lacks. Connect reads manifests alone (plugin.discovery): looking
// into every class instead costs ten seconds of both processors.
func installPlugin(dir, unpacked string, services map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files, err := os.ReadDir(unpacked)
	if err != nil {
		return err
	}
	for _, file := range files {
		err := os.Symlink(filepath.Join(unpacked, file.Name()), filepath.Join(dir, file.Name()))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if len(services) == 0 {
		return nil
	}
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	for service, class := range services {
		entry, err := archive.Create("META-INF/services/" + service)
		if err != nil {
			return err
		}
		if _, err := entry.Write([]byte(class + "\n")); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.jar"), jar.Bytes(), 0o644)
}
