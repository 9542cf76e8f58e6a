package monitor

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink"
	"tributary/sink/monitor/gather"
	"tributary/sink/monitor/ladder"
)

// Config is the monitor's settings, each an environment variable: the sink's
// prefix and the name in the env tag. Those without MONITOR_ in their name it
// shares with the sink and the other subcommands.
type Config struct {
	Stores       string   `env:"STORES" envDefault:"stores.yaml" help:"The inventory of stores."`
	KafkaBrokers []string `env:"KAFKA_BROKERS" help:"Kafka bootstrap servers; the inventory's kafka.brokers if not set."`
	Group        string   `env:"GROUP" envDefault:"tributary" help:"Consumer group of the sink that is watched."`
	CentralDSN   string   `env:"CENTRAL_DSN" help:"Central database as user:password@tcp(host:port)/database; reading tributary_ledger and tributary_dead_letters must be granted."`
	Tables       []string `env:"TABLES" help:"Tables the sink carries; all if empty."`
	LogLevel     string   `env:"LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error."`
	LogFormat    string   `env:"LOG_FORMAT" envDefault:"json" help:"json for machines, console for people."`

	ConnectURL      string `env:"CONNECT_URL" help:"Kafka Connect's REST address; the inventory's connect.url if not set."`
	ConnectUser     string `env:"CONNECT_USER" help:"User of Kafka Connect's REST interface, if it wants one."`
	ConnectPassword string `env:"CONNECT_PASSWORD" help:"Password of Kafka Connect's REST interface."`

	HTTPAddr string `env:"MONITOR_HTTP_ADDR" envDefault:":9601" help:"Address of the status page, the API and /metrics."`
	User     string `env:"MONITOR_USER" help:"User for HTTP basic authentication; empty asks nobody."`
	Password string `env:"MONITOR_PASSWORD" help:"Password for HTTP basic authentication."`
	TLSCert  string `env:"MONITOR_TLS_CERT" help:"Certificate (PEM) to serve HTTPS with."`
	TLSKey   string `env:"MONITOR_TLS_KEY" help:"Private key (PEM) of the certificate."`

	Interval      time.Duration `env:"MONITOR_INTERVAL" envDefault:"10s" help:"How often Kafka Connect, Kafka and the central database are asked."`
	StoreInterval time.Duration `env:"MONITOR_STORE_INTERVAL" envDefault:"60s" help:"How often each store's server is asked."`
	StoreTimeout  time.Duration `env:"MONITOR_STORE_TIMEOUT" envDefault:"5s" help:"How long one store's server may take."`
	Timeout       time.Duration `env:"MONITOR_TIMEOUT" envDefault:"15s" help:"How long one round with the others may take."`
	AskStores     bool          `env:"MONITOR_ASK_STORES" envDefault:"true" help:"Whether to connect to the stores' servers; false where the monitor has no way to them."`
	Parallel      int           `env:"MONITOR_PARALLEL" envDefault:"16" help:"How many stores are asked at the same time."`

	Silence time.Duration `env:"MONITOR_SILENCE" envDefault:"1h" help:"How long an open store may send nothing."`
	Lag     time.Duration `env:"MONITOR_LAG" envDefault:"5m" help:"How long an event may wait in Kafka."`
	Beat    time.Duration `env:"MONITOR_HEARTBEAT" envDefault:"3m" help:"How old a connector's heartbeat may be."`
	Purge   time.Duration `env:"MONITOR_PURGE" envDefault:"24h" help:"How long the binary log a connector reads must still be kept."`

	Preflight time.Duration `env:"MONITOR_PREFLIGHT" envDefault:"24h" help:"How often every store's preflight is repeated, since settings change without an error; one that failed is repeated every five minutes, and when the store's server has recovered. 0 never."`

	Restart bool `env:"MONITOR_RESTART" envDefault:"true" help:"Whether failed connectors are restarted, with growing pauses."`

	Webhook      string        `env:"MONITOR_WEBHOOK" help:"URL that is told of stores that break and recover, by POST of JSON."`
	WebhookAfter time.Duration `env:"MONITOR_WEBHOOK_AFTER" envDefault:"2m" help:"How long a store must be broken before the webhook is told."`

	PartitionMetrics bool `env:"MONITOR_PARTITION_METRICS" envDefault:"false" help:"Whether /metrics has kafka_exporter's series for every partition."`

	// Kafka holds librdkafka's own properties, from KAFKA_CONF_….
	Kafka map[string]string `env:"-"`

	inventory *fleet.Inventory
	level     zapcore.Level
}

// LoadConfig reads the settings from an environment as os.Environ returns it,
// and the inventory they name. Every error is the user's to mend.
func LoadConfig(environ []string) (Config, error) {
	vars, err := sink.Environment(environ)
	if err != nil {
		return Config{}, err
	}
	var c Config
	if err := sink.ParseSettings(vars, &c); err != nil {
		return Config{}, err
	}
	if c.Kafka, err = sink.KafkaProperties(vars); err != nil {
		return Config{}, err
	}
	return c, errors.Join(sink.UnknownSettings(vars, "monitor", append(Settings(), sink.Settings()...)), c.check())
}

func (c *Config) check() error {
	var problems []error
	fail := func(name string, err error) {
		problems = append(problems, &sink.SettingError{Name: sink.Prefix + name, Err: err})
	}
	var err error
	if c.inventory, err = fleet.Load(c.Stores); err != nil {
		fail("STORES", err)
	}
	if c.level, err = zapcore.ParseLevel(c.LogLevel); err != nil {
		fail("LOG_LEVEL", fmt.Errorf("%q is none of debug, info, warn, error", c.LogLevel))
	}
	if c.LogFormat != "json" && c.LogFormat != "console" {
		fail("LOG_FORMAT", fmt.Errorf("%q is neither json nor console", c.LogFormat))
	}
	if dsn, err := mysql.ParseDSN(c.CentralDSN); c.CentralDSN != "" && (err != nil || dsn.DBName == "") {
		fail("CENTRAL_DSN", errors.New("is not of the form user:password@tcp(host:port)/database")) // the error may quote the password
	}
	if err := fleet.CheckConnectURL(c.ConnectURL); c.ConnectURL != "" && err != nil {
		fail("CONNECT_URL", err)
	}
	if err := sink.CheckListen(c.HTTPAddr); err != nil {
		fail("MONITOR_HTTP_ADDR", err)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fail("MONITOR_TLS_KEY", errors.New("certificate and key belong together: set both or none"))
	}
	if (c.User == "") != (c.Password == "") {
		fail("MONITOR_PASSWORD", errors.New("user and password belong together: set both or none"))
	}
	if u, err := url.Parse(c.Webhook); c.Webhook != "" && (err != nil || u.Host == "") {
		fail("MONITOR_WEBHOOK", errors.New("is not a URL such as https://chat.example/hooks/1"))
	}
	for _, bound := range []struct {
		name       string
		value, low time.Duration
	}{
		{"MONITOR_INTERVAL", c.Interval, time.Second},
		{"MONITOR_STORE_INTERVAL", c.StoreInterval, time.Second},
		{"MONITOR_STORE_TIMEOUT", c.StoreTimeout, time.Second},
		{"MONITOR_TIMEOUT", c.Timeout, time.Second},
		{"MONITOR_SILENCE", c.Silence, 0},
		{"MONITOR_LAG", c.Lag, 0},
		{"MONITOR_HEARTBEAT", c.Beat, 0},
		{"MONITOR_PURGE", c.Purge, 0},
		{"MONITOR_PREFLIGHT", c.Preflight, 0},
		{"MONITOR_WEBHOOK_AFTER", c.WebhookAfter, 0},
	} {
		if bound.value < bound.low {
			fail(bound.name, fmt.Errorf("%s is less than %s", bound.value, bound.low))
		}
	}
	if c.Parallel < 1 {
		fail("MONITOR_PARALLEL", fmt.Errorf("%d is less than 1", c.Parallel))
	}
	return errors.Join(problems...)
}

// Settings lists the monitor's environment variables in the order of [Config].
func Settings() []sink.Setting { return sink.SettingsOf[Config]() }

// Logger returns the log the settings ask for, on standard error.
func (c *Config) Logger() (*zap.Logger, error) {
	z := zap.NewProductionConfig()
	z.Level = zap.NewAtomicLevelAt(c.level)
	z.Encoding, z.Sampling, z.DisableStacktrace = c.LogFormat, nil, true
	z.EncoderConfig.EncodeTime = zapcore.ISO8601TimeEncoder
	z.EncoderConfig.TimeKey, z.EncoderConfig.MessageKey = "time", "message"
	log, err := z.Build()
	if err != nil {
		return nil, fmt.Errorf("making the log: %w", err)
	}
	return log, nil
}

// limits are the ladder's with what the settings say.
func (c *Config) limits() ladder.Limits {
	l := ladder.DefaultLimits()
	l.Silence, l.Lag, l.Heartbeat, l.Purge = c.Silence, c.Lag, c.Beat, c.Purge
	return l
}

// connect returns a client that gives up in time for the next round.
func (c *Config) connect() *connect.Client {
	return connect.New(cmp.Or(c.ConnectURL, c.inventory.Connect.URL), connect.Options{
		User: c.ConnectUser, Password: c.ConnectPassword, Timeout: c.Timeout, Patience: c.Timeout,
	})
}

// gatherer returns what asks everybody.
func (c *Config) gatherer() (*gather.Gatherer, error) {
	properties := maps.Clone(c.Kafka)
	if properties == nil {
		properties = map[string]string{}
	}
	properties["bootstrap.servers"] = strings.Join(c.KafkaBrokers, ",")
	if len(c.KafkaBrokers) == 0 {
		properties["bootstrap.servers"] = c.inventory.Kafka.Brokers
	}
	return gather.New(gather.Config{
		Inventory: c.inventory, Connect: c.connect(), Kafka: properties, Group: c.Group,
		CentralDSN: c.CentralDSN, Tables: c.Tables, AskStores: c.AskStores,
		StoreTimeout: c.StoreTimeout, Timeout: c.Timeout, Parallel: c.Parallel,
	})
}
