package integration

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tributary/integration/stack"
	"tributary/schema"
	"tributary/sink"
)

// authority is a certificate authority of the test's own, and a certificate for
// 127.0.0.1, as files.
type authority struct{ ca, cert, key string }

func newAuthority(t *testing.T) authority {
	t.Helper()
	dir := t.TempDir()
	a := authority{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	write := func(path, kind string, der []byte) {
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	issue := func(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) []byte {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		require.NoError(t, err)
		return der
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	write(a.ca, "CERTIFICATE", issue(ca, ca, caKey, caKey))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	write(a.cert, "CERTIFICATE", issue(leaf, ca, key, caKey))
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	write(a.key, "PRIVATE KEY", der)
	return a
}

const (
	kafkaSecret   = "kafka-s3cr3t"
	centralSecret = "central-s3cr3t"
	rowSecret     = "row-s3cr3t"
)

// secured is a Kafka and a central server that let nobody in without TLS and a
// password.
type secured struct {
	authority
	brokers, dsn string
	p            *producer
	root         *stack.MySQL
	name         string
}

func startSecured(t *testing.T) *secured {
	t.Helper()
	s := &secured{authority: newAuthority(t)}
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	require.NoError(t, err)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, saleTopic("7")), kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-256", "carrier", kafkaSecret), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	s.brokers = cluster.ListenAddrs()[0]
	ca, err := os.ReadFile(s.ca)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(ca))
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers), kgo.DialTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}),
		kgo.SASL(scram.Auth{User: "carrier", Pass: kafkaSecret}.AsSha256Mechanism()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	s.p = &producer{t: t, client: client}

	s.root, err = stack.StartMySQL(context.Background(), filepath.Join(t.TempDir(), "secured"), stack.MySQLOptions{
		Name: "secured", BufferPoolMB: 64, Args: []string{"--ssl-ca=" + s.ca, "--ssl-cert=" + s.cert, "--ssl-key=" + s.key},
	}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.root.Kill()) })
	dsn, db := database(t, s.root)
	s.name = rows(t, db, "SELECT DATABASE()")[0]
	for _, statement := range []string{
		"CREATE USER carrier IDENTIFIED BY '" + centralSecret + "' REQUIRE SSL", "GRANT ALL ON " + s.name + ".* TO carrier",
	} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	s.dsn = "carrier:" + centralSecret + dsn[strings.IndexByte(dsn, '@'):]
	return s
}

// settings are the sink's, with changes.
func (s *secured) settings(t *testing.T, changes ...string) []string {
	t.Helper()
	file := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content+"\n"), 0o600))
		return path
	}
	return append([]string{
		"CENTRAL_DSN_FILE=" + file("dsn", s.dsn), "CENTRAL_CA_FILE=" + s.ca,
		"KAFKA_CONF_SECURITY_PROTOCOL=SASL_SSL", "KAFKA_CONF_SSL_CA_LOCATION=" + s.ca,
		"KAFKA_CONF_SASL_MECHANISM=SCRAM-SHA-256", "KAFKA_CONF_SASL_USERNAME=carrier",
		"KAFKA_CONF_SASL_PASSWORD_FILE=" + file("password", kafkaSecret),
	}, changes...)
}

// TestSecured carries events where both sides want TLS and a password, and says
// what is wrong where one of them is. Whatever happens, neither a password nor a
// row is ever in the log.
func TestSecured(t *testing.T) {
	s := startSecured(t)
	other := newAuthority(t)
	db, err := s.root.Open(s.name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	for _, c := range []struct {
		name     string
		settings []string
		says     string // empty: it works
	}{
		{"the wrong Kafka password", []string{"KAFKA_CONF_SASL_PASSWORD_FILE=", "KAFKA_CONF_SASL_PASSWORD=" + kafkaSecret + "-not"}, "uthentication"},
		{"another authority for Kafka", []string{"KAFKA_CONF_SSL_CA_LOCATION=" + other.ca}, "certificate verify failed"},
		{"no TLS to Kafka", []string{"KAFKA_CONF_SECURITY_PROTOCOL=PLAINTEXT"}, "connections are down"},
		{"another authority for the central server", []string{"CENTRAL_CA_FILE=" + other.ca}, "certificate signed by unknown authority"},
		{"no TLS to the central server", []string{"CENTRAL_CA_FILE="}, "Access denied"},
		{"the wrong central password", []string{"CENTRAL_DSN_FILE=", "CENTRAL_DSN=" + strings.Replace(s.dsn, centralSecret, centralSecret+"-not", 1)}, "Access denied"},
		{"all is right", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := s.run(t, c.settings, func(said *spoken) bool {
				if c.says != "" {
					return strings.Contains(said.String(), c.says)
				}
				s.spoil(t)
				eventually(t, db, "SELECT COUNT(*) FROM sale WHERE label='"+rowSecret+"'", "1")
				eventually(t, db, "SELECT COUNT(*) > 2 FROM tributary_dead_letters", "1")
				return true
			})
			for _, secret := range []string{kafkaSecret, centralSecret, rowSecret} {
				require.NotContains(t, said, secret)
			}
		})
	}
	var encrypted int
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM tributary_ledger").Scan(&encrypted))
	require.Equal(t, 1, encrypted, "the account is let in by TLS alone")
}

// spoil sends a good row and such as are refused in every way.
func (s *secured) spoil(t *testing.T) {
	t.Helper()
	s.p.create("7", 1, rowSecret, 1)
	s.p.create("7", 2, rowSecret, rowSecret)
	s.p.send(saleTopic("7"), saleKey(4), []byte(`{"schema":"`+rowSecret))
	s.p.send(saleTopic("7"), []byte(rowSecret), saleValue("7", "c", nil, saleRow(5, rowSecret, 1)))
}

// run runs a sink until it has said or done what is waited for, and returns its
// log and its last error.
func (s *secured) run(t *testing.T, changes []string, until func(*spoken) bool) string {
	t.Helper()
	vars := map[string]string{
		"KAFKA_BROKERS": s.brokers, "ENVIRONMENT": "test", "HTTP_ADDR": "127.0.0.1:0", "LINGER": "5ms", "LOG_LEVEL": "debug", "CLIENTS": "1",
	}
	for _, setting := range append(s.settings(t), changes...) {
		name, value, _ := strings.Cut(setting, "=")
		if vars[name] = value; value == "" {
			delete(vars, name)
		}
	}
	var environ []string
	for name, value := range vars {
		environ = append(environ, sink.Prefix+name+"="+value)
	}
	config, err := sink.LoadConfig(environ)
	require.NoError(t, err)
	said := &spoken{}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), said, zapcore.DebugLevel))
		if err := sink.Run(ctx, config, log); err != nil {
			_, _ = said.Write([]byte(err.Error()))
		}
	}()
	require.Eventually(t, func() bool { return until(said) }, 30*time.Second, 20*time.Millisecond, "it said %s", said)
	stop()
	<-done
	return said.String()
}

// TestSettingsKeepSecrets makes sure that no error about a setting quotes one.
func TestSettingsKeepSecrets(t *testing.T) {
	const secret = "s3cr3t"
	for _, setting := range []string{
		"CENTRAL_DSN=user:" + secret + "@tcp(", "CENTRAL_DSN=user:" + secret + "@tcp(host:3306)/", "CENTRAL_DSN=" + secret,
		"CENTRAL_CA=" + secret, "KAFKA_CONF_SASL_PASSWORD=" + secret, "CENTRAL_PASSWORD=" + secret, "SASL_PASSWORD=" + secret,
	} {
		_, err := sink.LoadConfig([]string{"TRIBUTARY_KAFKA_BROKERS=nothing", "TRIBUTARY_ENVIRONMENT=.", "TRIBUTARY_" + setting})
		require.Error(t, err)
		require.NotContains(t, err.Error(), secret)
		require.NotContains(t, fmt.Sprintf("%+v", err), secret)
	}
}

// TestHostileNames carries columns whose names would break out of a statement,
// or out of a format, if they were not quoted, and values that would break out
// of a literal; with a key and without.
func TestHostileNames(t *testing.T) {
	names := []string{
		"a`b", "it's", `say "hi"`, "new\nline", "tab\there", "100%s %d %!", "semi;colon -- ", "/* comment", `back\slash`, "ünï ☃", "select",
		"`", "new", "store id", "?", ":name", "@@version", strings.Repeat("x", 64),
	}
	for i := range names {
		names[i] = strings.TrimRight(names[i], " ") // MySQL allows no trailing space in a name
	}
	const value = "'); DROP TABLE sale; -- \\' \" ` \x00 \x1a % ?"
	for _, keyed := range []bool{true, false} {
		t.Run(fmt.Sprintf("key %v", keyed), func(t *testing.T) {
			dsn, db := database(t, central(t))
			brokers, p, _ := fakeKafka(t, saleTopic("7"))
			fields, row, changed := saleFields()[:1], object{"id": 1}, object{"id": 1}
			for i, name := range names {
				fields = append(fields, field(name, "string", "VARCHAR", true, "60"))
				row[name], changed[name] = fmt.Sprint(i, value), fmt.Sprint(-i, value)
			}
			send := func(op string, before, after object) {
				key := saleKey(1)
				if !keyed {
					key = nil
				}
				event := saleValue("7", op, before, after)
				old, err := json.Marshal(saleFields())
				require.NoError(t, err)
				now, err := json.Marshal(fields)
				require.NoError(t, err)
				p.send(saleTopic("7"), key, bytes.ReplaceAll(event, old, now))
			}
			send("c", nil, row)
			startReplica(t, brokers, dsn, "BATCH_ROWS=1")
			holds := func(want object) {
				t.Helper()
				for _, name := range names {
					eventually(t, db, "SELECT "+schema.Quote(name)+" FROM sale", fmt.Sprint(want[name]))
				}
			}
			holds(row)
			send("u", row, changed)
			holds(changed)
			send("d", changed, nil)
			eventually(t, db, "SELECT COUNT(*) FROM sale", "0")
			require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
		})
	}
}
