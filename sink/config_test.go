package sink

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"
)

func environ(settings ...string) []string {
	return append([]string{
		"HOME=/root", "TRIBUTARY_KAFKA_BROKERS=a:9092,b:9092", "TRIBUTARY_ENVIRONMENT=prod",
		"TRIBUTARY_CENTRAL_DSN=u:secret@tcp(db:3306)/retail",
	}, settings...)
}

func TestLoadConfig(t *testing.T) {
	c, err := LoadConfig(environ("TRIBUTARY_TABLES=a,b", "TRIBUTARY_MEMORY=1GiB", "TRIBUTARY_LINGER=1s",
		"TRIBUTARY_KAFKA_CONF_SSL_CA_LOCATION=/ca", "TRIBUTARY_KAFKA_CONF_A__B___C=x", "TRIBUTARY_MONITOR_ADDR=:1", "TRIBUTARY_DEBIAN_MIRROR=http://m"))
	require.NoError(t, err)
	require.Equal(t, []string{"a:9092", "b:9092"}, c.KafkaBrokers)
	require.Equal(t, []string{"a", "b"}, c.Tables)
	require.Equal(t, Bytes(1<<30), c.Memory)
	require.Equal(t, time.Second, c.Linger)
	require.Equal(t, map[string]string{"ssl.ca.location": "/ca", "a_b-c": "x"}, c.Kafka)
	require.Equal(t, "tributary", c.Group)
	require.Equal(t, "/ca", c.properties("id", 1)["ssl.ca.location"])
}

func TestLoadConfigRefuses(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(secret, []byte("u:p@tcp(x:1)/y\n"), 0o600))
	for _, c := range []struct {
		name, setting, variable string
	}{
		{"a broker without port", "KAFKA_BROKERS=localhost", "KAFKA_BROKERS"},
		{"an empty broker list", "KAFKA_BROKERS=", "KAFKA_BROKERS"},
		{"a dot in the environment", "ENVIRONMENT=a.b", "ENVIRONMENT"},
		{"a DSN that is none", "CENTRAL_DSN=mysql://u:secret@x/y", "CENTRAL_DSN"},
		{"a DSN without database", "CENTRAL_DSN=u:secret@tcp(x:1)/", "CENTRAL_DSN"},
		{"both forms of a secret", "CENTRAL_DSN_FILE=" + secret, "CENTRAL_DSN_FILE"},
		{"a secret's file that is not there", "KAFKA_CONF_SASL_PASSWORD_FILE=/nowhere", "KAFKA_CONF_SASL_PASSWORD_FILE"},
		{"an address to serve at without port", "HTTP_ADDR=localhost", "HTTP_ADDR"},
		{"a level", "LOG_LEVEL=loud", "LOG_LEVEL"},
		{"a format", "LOG_FORMAT=xml", "LOG_FORMAT"},
		{"a mode", "SCHEMA_MODE=drop", "SCHEMA_MODE"},
		{"not a number", "BATCH_ROWS=x", "BATCH_ROWS"},
		{"out of range", "LANES=0", "LANES"},
		{"not a duration", "LINGER=5", "LINGER"},
		{"less than a second", "LOCK_TIMEOUT=10ms", "LOCK_TIMEOUT"},
		{"a part of a second", "LOCK_TIMEOUT=1500ms", "LOCK_TIMEOUT"},
		{"less than nothing", "STALL_TIMEOUT=-1s", "STALL_TIMEOUT"},
		{"neither yes nor no", "PPROF=maybe", "PPROF"},
		{"not an amount", "MEMORY=lots", "MEMORY"},
		{"too little", "MEMORY=1MiB", "MEMORY"},
		{"a name that means nothing", "BATCH_SIZE=1", "BATCH_SIZE"},
		{"a property that is ours", "KAFKA_CONF_AUTO_OFFSET_RESET=latest", "KAFKA_CONF_AUTO_OFFSET_RESET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadConfig(environ("TRIBUTARY_" + c.setting))
			var setting *SettingError
			require.ErrorAs(t, err, &setting)
			require.Equal(t, "TRIBUTARY_"+c.variable, setting.Name)
			require.NotContains(t, err.Error(), "secret", "no secrets in errors")
			require.NotContains(t, err.Error(), "\n", "one line")
		})
	}
}

// What a value should have been is said in the operator's words.
func TestLoadConfigSaysWhatIsWanted(t *testing.T) {
	for setting, want := range map[string]string{
		"LINGER=banana":  `TRIBUTARY_LINGER: "banana" is not a duration such as 500ms, 10s or 1h`,
		"BATCH_ROWS=2k":  `TRIBUTARY_BATCH_ROWS: "2k" is not a whole number`,
		"PPROF=maybe":    `TRIBUTARY_PPROF: "maybe" is neither true nor false`,
		"MEMORY=lots":    `TRIBUTARY_MEMORY: "lots" is not an amount of memory such as 128MiB`,
		"CENTRAL_DNS=x":  "TRIBUTARY_CENTRAL_DNS: is not a setting (did you mean TRIBUTARY_CENTRAL_DSN?); `tributary sink --help` lists them",
		"BATCH_SIZE=1":   "TRIBUTARY_BATCH_SIZE: is not a setting; `tributary sink --help` lists them",
		"KAFKA_BROKERS=": `TRIBUTARY_KAFKA_BROKERS: is empty: Kafka bootstrap servers, host:port, separated by commas.`,
	} {
		_, err := LoadConfig(environ("TRIBUTARY_" + setting))
		require.EqualError(t, err, want)
	}
}

func TestLoadConfigNamesAllThatIsMissing(t *testing.T) {
	_, err := LoadConfig(nil)
	for _, name := range []string{"KAFKA_BROKERS", "ENVIRONMENT", "CENTRAL_DSN"} {
		require.ErrorContains(t, err, "TRIBUTARY_"+name+": must be set")
	}
	var setting *SettingError
	require.ErrorAs(t, err, &setting)
}

func TestSecretsFromFiles(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(dsn, []byte("u:p@tcp(x:1)/y\n"), 0o600))
	c, err := LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=a:1", "TRIBUTARY_ENVIRONMENT=prod",
		"TRIBUTARY_CENTRAL_DSN_FILE=" + dsn, "TRIBUTARY_KAFKA_CONF_SASL_PASSWORD_FILE=" + dsn,
	})
	require.NoError(t, err)
	require.Equal(t, "u:p@tcp(x:1)/y", c.CentralDSN)
	require.Equal(t, "u:p@tcp(x:1)/y", c.Kafka["sasl.password"])
}

func TestSettingsAreDocumented(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range Settings() {
		require.False(t, seen[s.Name], s.Name)
		require.NotEmpty(t, s.Help, s.Name)
		seen[s.Name] = true
	}
	require.True(t, seen["TRIBUTARY_CENTRAL_DSN"])
}

// An empty address is none: environment files list what they do not set.
func TestRegistrySettings(t *testing.T) {
	base := []string{"TRIBUTARY_KAFKA_BROKERS=k:9092", "TRIBUTARY_ENVIRONMENT=prod", "TRIBUTARY_CENTRAL_DSN=u:p@tcp(c:3306)/retail"}
	for setting, want := range map[string]string{
		"TRIBUTARY_REGISTRY_URL=":                          "",
		"TRIBUTARY_REGISTRY_URL=http://a:8081,http://b":    "",
		"TRIBUTARY_REGISTRY_URL=a:8081":                    "REGISTRY_URL: the address is not of the form",
		"TRIBUTARY_REGISTRY_URL=http://u:hidden@a:8081":    "the address holds a user",
		"TRIBUTARY_REGISTRY_TOKEN=hidden":                  "REGISTRY_URL: must be set",
		"TRIBUTARY_REGISTRY_ID_BYTES=x":                    "REGISTRY_ID_BYTES",
		"TRIBUTARY_REGISTRY_URL=http://a/apis/registry/v2": "",
	} {
		_, err := LoadConfig(append(base, setting))
		if want == "" {
			require.NoError(t, err, setting)
			continue
		}
		require.ErrorContains(t, err, want, setting)
		require.NotContains(t, err.Error(), "hidden")
	}
}

// Up to some thousand topics a member of the group shares them out, beyond that
// the broker does, unless somebody has chosen.
func TestGroupProtocol(t *testing.T) {
	for _, test := range []struct {
		name    string
		kafka   map[string]string
		clients int
		want    any // nil is the classic one
	}{
		{"few topics", nil, 1, nil},
		{"many topics", nil, 2, "consumer"},
		{"chosen for few", map[string]string{"group.protocol": "consumer"}, 1, "consumer"},
		{"refused for many", map[string]string{"group.protocol": "classic"}, 13, "classic"},
		{"a setting of the classic one", map[string]string{"session.timeout.ms": "45000"}, 13, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Config{Kafka: test.kafka, Memory: 128 << 20, KafkaBrokers: []string{"127.0.0.1:1"}, Group: "g"}
			m := c.properties("id", test.clients)
			require.Equal(t, test.want, m["group.protocol"])
			_, classic := m["partition.assignment.strategy"]
			require.Equal(t, test.want != "consumer", classic)
			m["go.logs.channel.enable"] = false // nobody reads them
			consumer, err := kafka.NewConsumer(&m)
			require.NoError(t, err, "librdkafka takes them together")
			require.NoError(t, consumer.Close())
		})
	}
}
