package sink

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap/zapcore"

	"tributary/debezium"
	"tributary/sink/rules"
)

// Prefix is what the names of all settings begin with.
const Prefix = "TRIBUTARY_"

// Config is the sink's settings. Every field is one environment variable: the
// prefix and the name in its env tag. The help tags are the documentation that
// `tributary sink --help` prints.
type Config struct {
	KafkaBrokers []string `env:"KAFKA_BROKERS,required,notEmpty" help:"Kafka bootstrap servers, host:port, separated by commas."`
	Environment  string   `env:"ENVIRONMENT,required,notEmpty" help:"First part of the topic names: {environment}.{store_id}.{schema}.{table}."`
	CentralDSN   string   `env:"CENTRAL_DSN,required,notEmpty" help:"Central database as user:password@tcp(host:port)/database. TRIBUTARY_CENTRAL_DSN_FILE names a file that holds it."`
	CentralCA    string   `env:"CENTRAL_CA" help:"Certificates (PEM) that the central database's own must descend from; they turn TLS on. TRIBUTARY_CENTRAL_CA_FILE names their file."`
	Group        string   `env:"GROUP" envDefault:"tributary" help:"Consumer group. Replicas of one sink share it; it is part of the ledger's key."`
	Tables       []string `env:"TABLES" help:"Tables to carry, separated by commas; all if empty."`
	HTTPAddr     string   `env:"HTTP_ADDR" envDefault:":9600" help:"Address of /metrics, /healthz and /readyz."`
	PProf        bool     `env:"PPROF" envDefault:"false" help:"Serve profiles of this process under /debug/pprof on HTTP_ADDR, to whoever can reach it."`
	LogLevel     string   `env:"LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error."`
	LogFormat    string   `env:"LOG_FORMAT" envDefault:"json" help:"json for machines, console for people."`

	RulesFile  string `env:"RULES" help:"A YAML file with rules for single tables: another name, fewer columns, soft deletes. See the README."`
	SchemaMode string `env:"SCHEMA_MODE" envDefault:"evolve" help:"What may be done to central tables: evolve (create and widen), create (only create), check (nothing: say what is missing)."`

	RegistryURL      []string `env:"REGISTRY_URL" help:"Schema registry for Avro events: Confluent's interface (http://registry:8081) or Apicurio's own (http://registry:8080/apis/registry/v2); several addresses of one registry with commas."`
	RegistryUser     string   `env:"REGISTRY_USER" help:"User for the registry, where it wants basic authentication."`
	RegistryPassword string   `env:"REGISTRY_PASSWORD" help:"The user's password; better TRIBUTARY_REGISTRY_PASSWORD_FILE."`
	RegistryToken    string   `env:"REGISTRY_TOKEN" help:"Bearer token for the registry, in place of a user; better TRIBUTARY_REGISTRY_TOKEN_FILE."`
	RegistryCA       string   `env:"REGISTRY_CA" help:"Certificates in PEM to trust beside the system's; TRIBUTARY_REGISTRY_CA_FILE names a file of them."`
	RegistryIDBytes  int      `env:"REGISTRY_ID_BYTES" envDefault:"4" help:"Bytes of a schema's id in an event: 4, as Confluent's converter writes it and Apicurio's with as-confluent=true, or 8, as Apicurio's does without."`
	RegistryIDKind   string   `env:"REGISTRY_ID_KIND" help:"What the id numbers, where Apicurio's own interface is asked: content or global (its converter's use-id); content for 4 bytes and global for 8 if empty."`

	Memory    Bytes         `env:"MEMORY" envDefault:"128MiB" help:"Bound on the records held in this process and in librdkafka's queues together."`
	Linger    time.Duration `env:"LINGER" envDefault:"50ms" help:"How long a batch waits for more events when none are waiting."`
	MaxRows   int           `env:"BATCH_ROWS" envDefault:"2000" help:"Most rows in one transaction."`
	Flood     int           `env:"FLOOD_PERCENT" envDefault:"10" help:"How many of a hundred events of a store's table may become dead letters, of its last thousand at least, before that table is held instead; 100 sets no bound."`
	HoldRetry time.Duration `env:"HOLD_RETRY" envDefault:"30s" help:"How long a store's table that is held waits before it is tried again."`
	Sessions  int           `env:"SESSIONS" envDefault:"4" help:"Sessions to the central database, so the most transactions at once."`
	Lanes     int           `env:"LANES" envDefault:"2" help:"Lanes per central table; each takes some of the stores."`
	Clients   int           `env:"CLIENTS" envDefault:"0" help:"Kafka clients in this process; 0 chooses by the number of topics, at most 800 to a client."`

	StatementTimeout time.Duration `env:"STATEMENT_TIMEOUT" envDefault:"60s" help:"How long the central database may take to answer one statement."`
	LockTimeout      time.Duration `env:"LOCK_TIMEOUT" envDefault:"2s" help:"How long a statement waits for a row lock, in whole seconds."`
	SessionTimeout   time.Duration `env:"SESSION_TIMEOUT" envDefault:"10s" help:"When the central database ends the transaction of a process that froze, in whole seconds."`
	StallTimeout     time.Duration `env:"STALL_TIMEOUT" envDefault:"30s" help:"How long a partition may stand still although Kafka has events for it before it is started again, and its Kafka client if that does not help; 0 waits for ever."`
	StopTimeout      time.Duration `env:"STOP_TIMEOUT" envDefault:"10s" help:"How long transactions may take to end when the sink is stopped."`

	// Kafka holds librdkafka's own properties, from KAFKA_CONF_….
	Kafka map[string]string `env:"-"`

	central *mysql.Config
	rules   rules.Rules
	level   zapcore.Level
}

// SettingError is a setting that is missing or wrong.
type SettingError struct {
	// Name is the whole name of the environment variable.
	Name string
	Err  error
}

func (e *SettingError) Error() string { return fmt.Sprintf("%s: %v", e.Name, e.Err) }

func (e *SettingError) Unwrap() error { return e.Err }

// LoadConfig reads the settings from an environment as os.Environ returns it.
// Every error is a [*SettingError]; several are joined.
func LoadConfig(environ []string) (Config, error) {
	vars, err := Environment(environ)
	if err != nil {
		return Config{}, err
	}
	var c Config
	if err := ParseSettings(vars, &c); err != nil {
		return Config{}, err
	}
	if c.Kafka, err = KafkaProperties(vars); err != nil {
		return Config{}, err
	}
	return c, errors.Join(UnknownSettings(vars, "sink", Settings(), "MONITOR_", "CONNECT_", "STORES"), c.check())
}

// check looks at what a type cannot say.
func (c *Config) check() error {
	var problems []error
	fail := func(name, format string, args ...any) {
		problems = append(problems, &SettingError{Name: Prefix + name, Err: fmt.Errorf(format, args...)})
	}
	for _, broker := range c.KafkaBrokers {
		if _, _, err := net.SplitHostPort(broker); err != nil {
			fail("KAFKA_BROKERS", "%q is not host:port", broker)
		}
	}
	if err := debezium.ValidateEnvironment(c.Environment); err != nil {
		fail("ENVIRONMENT", "%w", err)
	}
	if dsn, err := mysql.ParseDSN(c.CentralDSN); err != nil {
		fail("CENTRAL_DSN", "is not of the form user:password@tcp(host:port)/database") // the error may quote the password
	} else if dsn.DBName == "" {
		fail("CENTRAL_DSN", "names no database: user:password@tcp(host:port)/database")
	} else {
		c.central = dsn
		if err := c.trust(); err != nil {
			fail("CENTRAL_CA", "%w", err)
		}
	}
	if level, err := zapcore.ParseLevel(c.LogLevel); err != nil {
		fail("LOG_LEVEL", "%q is none of debug, info, warn, error", c.LogLevel)
	} else {
		c.level = level
	}
	if err := CheckListen(c.HTTPAddr); err != nil {
		fail("HTTP_ADDR", "%w", err)
	}
	if err := c.checkRegistry(); err != nil {
		problems = append(problems, err)
	}
	if c.RulesFile != "" {
		var err error
		if c.rules, err = rules.Load(c.RulesFile); err != nil {
			fail("RULES", "%w", err)
		}
	}
	if c.LogFormat != "json" && c.LogFormat != "console" {
		fail("LOG_FORMAT", "%q is neither json nor console", c.LogFormat)
	}
	switch c.SchemaMode {
	case "evolve", "create", "check":
	default:
		fail("SCHEMA_MODE", "%q is none of evolve, create, check", c.SchemaMode)
	}
	return errors.Join(append(problems, c.checkBounds())...)
}

// checkBounds looks at numbers and durations.
func (c *Config) checkBounds() error {
	var problems []error
	fail := func(name, format string, args ...any) {
		problems = append(problems, &SettingError{Name: Prefix + name, Err: fmt.Errorf(format, args...)})
	}
	for _, bound := range []struct {
		name      string
		value     int
		low, high int
	}{
		{"BATCH_ROWS", c.MaxRows, 1, 100_000},
		{"FLOOD_PERCENT", c.Flood, 0, 100},
		{"SESSIONS", c.Sessions, 1, 1000},
		{"LANES", c.Lanes, 1, 64},
		{"CLIENTS", c.Clients, 0, 64},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			fail(bound.name, "%d is not between %d and %d", bound.value, bound.low, bound.high)
		}
	}
	for _, bound := range []struct {
		name       string
		value, low time.Duration
		whole      bool // the central database counts in seconds
	}{
		{"LOCK_TIMEOUT", c.LockTimeout, time.Second, true},
		{"SESSION_TIMEOUT", c.SessionTimeout, time.Second, true},
		{"STATEMENT_TIMEOUT", c.StatementTimeout, time.Second, false},
		{"HOLD_RETRY", c.HoldRetry, time.Second, false},
		{"LINGER", c.Linger, 0, false},
		{"STALL_TIMEOUT", c.StallTimeout, 0, false},
		{"STOP_TIMEOUT", c.StopTimeout, 0, false},
	} {
		if bound.value < bound.low {
			fail(bound.name, "%s is less than %s", bound.value, bound.low)
		} else if bound.whole && bound.value%time.Second != 0 {
			fail(bound.name, "%s is not in whole seconds", bound.value)
		}
	}
	if c.Memory < 16<<20 {
		fail("MEMORY", "%s is too little: 16MiB at least", c.Memory)
	}
	return errors.Join(problems...)
}
