package stack

import (
	"cmp"
	"context"
	"path/filepath"

	"tributary/integration/stack/process"
)

// A Worker is one Kafka Connect process in distributed mode. Workers of a stack
// share their connectors.
type Worker struct {
	*process.Process
	port int
}

// startWorker starts a worker. Those of a stack share a folder.
func startWorker(ctx context.Context, site *site, jvm jvm, name, brokers string, o Options) (*Worker, error) {
	dir := site.folder("connect")
	plugins := filepath.Join(dir, "plugins")
	if err := installPlugins(ctx, site.cache, plugins, o.Plugins); err != nil {
		return nil, err
	}
	w := &Worker{}
	part := part{Kind: kindConnect, Name: name}
	var err error
	w.Process, err = site.start(ctx, part, nil, 1, func(ports []int) (process.Command, error) {
		w.port = ports[0]
		settings := filepath.Join(dir, name+".properties")
		return process.Command{
			Argv:  jvm.argv(cmp.Or(o.Heap, "1g"), "org.apache.kafka.connect.cli.ConnectDistributed", settings),
			Dir:   dir,
			Log:   filepath.Join(dir, name+".log"),
			Ready: w.ready,
		}, properties(settings, w.settings(brokers, plugins), o.WorkerConfig)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// URL is the base of the worker's REST interface: "http://127.0.0.1:port".
func (w *Worker) URL() string { return "http://" + address(w.port) }

// settings are the protective ones for many Debezium connectors, with waiting
// times cut short.
func (w *Worker) settings(brokers, plugins string) map[string]string {
	settings := map[string]string{
		"bootstrap.servers": brokers,
		"group.id":          "connect",
		"listeners":         w.URL(),
		"plugin.path":       plugins,
		"plugin.discovery":  "service_load",

		"config.storage.topic":              "_connect-configs",
		"config.storage.replication.factor": "1",
		"offset.storage.topic":              "_connect-offsets",
		"offset.storage.partitions":         "5",
		"offset.storage.replication.factor": "1",
		"status.storage.topic":              "_connect-status",
		"status.storage.partitions":         "5",
		"status.storage.replication.factor": "1",

		"topic.creation.enable":                   "true",
		"connector.client.config.override.policy": "All",
		"offset.flush.interval.ms":                "1000",
		"offset.flush.timeout.ms":                 "30000",
		"scheduled.rebalance.max.delay.ms":        "1000", // production: longer than a restart takes
		"task.shutdown.graceful.timeout.ms":       "20000",

		"config.providers":                 "file,env,directory",
		"config.providers.file.class":      "org.apache.kafka.common.config.provider.FileConfigProvider",
		"config.providers.env.class":       "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
		"config.providers.directory.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
	}
	for _, side := range []string{"key", "value"} {
		settings[side+".converter"] = "org.apache.kafka.connect.json.JsonConverter"
		settings[side+".converter.schemas.enable"] = "true"
		// Or NULL in a column with a default would arrive as the default.
		settings[side+".converter.replace.null.with.default"] = "false"
	}
	return settings
}

// ready asks for the worker's health, which it has when it joined its group and
// read its connectors (KIP-1017).
func (w *Worker) ready(ctx context.Context) error { return healthy(ctx, w.URL()+"/health") }
