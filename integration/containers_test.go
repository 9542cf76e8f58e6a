//go:build docker

package integration

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/compare"
	"tributary/integration/pos"
	"tributary/integration/stack"
)

// TestContainers runs the image twice while stores sell. Both containers hold
// partitions and write; one is killed, the other takes over. Kafka is a fake,
// so that it takes seconds; every sale sets a counter, so that a step that is
// missed or repeated out of order would show.
func TestContainers(t *testing.T) {
	dsn, db := database(t, central(t))
	const stores, rounds = 8, 400
	var topics []string
	for store := range stores {
		topics = append(topics, saleTopic(strconv.Itoa(store)))
	}
	brokers, p, _ := fakeKafka(t, topics...)
	sold, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 1; n <= rounds; n++ {
			for store := range stores {
				p.update(strconv.Itoa(store), n%10, "sold", n)
			}
			select { // a pace that spans what happens meanwhile
			case <-sold:
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	takeTurns(t, db, len(topics), "KAFKA_BROKERS="+brokers, "ENVIRONMENT=test", "CENTRAL_DSN="+dsn)
	close(sold)
	<-ended
	var want []string
	for store := range stores {
		for n := rounds; n > rounds-10; n-- {
			want = append(want, fmt.Sprintf("%d %d %d", store, n%10, n))
		}
	}
	slices.Sort(want)
	eventually(t, db, "SELECT store_id, id, amount FROM sale ORDER BY store_id, id", want...)
	eventually(t, db, "SELECT DISTINCT next_offset FROM tributary_ledger", strconv.Itoa(rounds))
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
	t.Logf("%d rows of %d stores as they should be after %d events", len(want), stores, stores*rounds)
}

// TestContainersBesideTheStack does the same beside the real Kafka, Debezium
// and MySQL, and compares every row of four selling stores.
func TestContainersBesideTheStack(t *testing.T) {
	s, err := stack.Start(t.Context(), stack.Options{Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	server, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: "stores", Binlog: true})
	require.NoError(t, err)
	require.NoError(t, server.GrantDebezium(t.Context(), "debezium", "pw"))
	own, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: "central", Central: true})
	require.NoError(t, err)
	dsn, db := database(t, own)
	chain := pos.NewChain(t.Context(), pos.Day{Rate: 50, Seed: 1})
	client := connect.New(s.ConnectURL(), connect.Options{})
	for n := range 4 {
		chain.Open(capturedShop(t, s, client, server, n))
	}
	takeTurns(t, db, 4*len(pos.Tables()), "KAFKA_BROKERS="+s.Kafka.Addr(), "ENVIRONMENT=containers", "CENTRAL_DSN="+dsn)
	require.NoError(t, chain.Close())
	var sides []compare.Store
	for _, store := range chain.Stores() {
		sides = append(sides, compare.Store{ID: store.ID, DB: store.DB, Schema: store.Schema()})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report, err := compare.Eventually(ctx, compare.Central{DB: db, Schema: rows(t, db, "SELECT DATABASE()")[0]}, sides, compare.Options{Definitions: true})
	require.NoError(t, err)
	require.True(t, report.Equal(), report.Verdict())
	t.Log(report.Verdict())
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
}

// takeTurns starts two containers, kills one and stops the other, while a third
// has joined: somebody always holds all partitions again.
func takeTurns(t *testing.T, db *sql.DB, partitions int, settings ...string) {
	t.Helper()
	t.Log(docker(t, "run", "--rm", "--read-only", "--network", "none", image(), "version"))
	first, second := runSink(t, settings...), runSink(t, settings...)
	require.Eventually(t, func() bool {
		return first.holds() > 0 && second.holds() > 0 && first.holds()+second.holds() == partitions
	}, 2*time.Minute, 200*time.Millisecond, "both containers share the %d partitions", partitions)
	t.Logf("the containers hold %d and %d partitions", first.holds(), second.holds())
	for _, c := range []container{first, second} {
		require.Eventually(t, func() bool { return c.inspect("{{.State.Health.Status}}") == "healthy" },
			time.Minute, 200*time.Millisecond, "the image's own health check passes")
		require.Equal(t, "65532:65532 true", c.inspect("{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"))
		require.Empty(t, docker(t, "diff", c.id), "nothing was written")
	}
	eventually(t, db, "SELECT COUNT(DISTINCT owner) FROM tributary_ledger WHERE next_offset > 0", "2")

	docker(t, "kill", first.id)
	killed := time.Now()
	require.Eventually(t, func() bool { return second.holds() == partitions }, 2*time.Minute, 100*time.Millisecond, "the other takes over")
	t.Logf("docker kill: the other container holds all %d partitions after %.1f s", partitions, time.Since(killed).Seconds())

	third := runSink(t, settings...)
	require.Eventually(t, func() bool { return third.holds() > 0 }, time.Minute, 100*time.Millisecond, "a new container joins")
	stopping := time.Now()
	docker(t, "stop", "-t", "30", second.id)
	require.Equal(t, "0", second.inspect("{{.State.ExitCode}}"), "docker stop ends it in order")
	t.Logf("docker stop took %.1f s, exit code 0", time.Since(stopping).Seconds())
	require.Eventually(t, func() bool { return third.holds() == partitions }, time.Minute, 100*time.Millisecond)
}

func image() string { return cmp.Or(os.Getenv("IMAGE"), "tributary:latest") }

// docker runs a command of the client's, which must be well, and returns what
// it printed.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "docker", args...).CombinedOutput()
	require.NoError(t, err, "docker %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// container is a running sink.
type container struct {
	t    *testing.T
	id   string
	addr string // of its metrics
}

// runSink starts a container as deploy/compose.yaml does, on the host's network.
func runSink(t *testing.T, settings ...string) container {
	t.Helper()
	c := container{t: t, addr: loopback(t)}
	args := []string{"run", "-d", "--read-only", "--network", "host", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}
	for _, setting := range append(settings, "HTTP_ADDR="+c.addr, "KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=1000") {
		args = append(args, "-e", "TRIBUTARY_"+setting)
	}
	c.id = docker(t, append(args, image(), "sink")...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(docker(t, "logs", "--tail", "20", c.id))
		}
		docker(t, "rm", "-f", c.id)
	})
	return c
}

func (c container) inspect(format string) string {
	return docker(c.t, "inspect", "--format", format, c.id)
}

// holds is how many partitions the container says it holds; -1 if it does not
// answer.
func (c container) holds() int {
	response, err := http.Get("http://" + c.addr + "/metrics")
	if err != nil {
		return -1
	}
	defer func() { _ = response.Body.Close() }()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "tributary_assigned_partitions "); ok {
			n, err := strconv.Atoi(value)
			require.NoError(c.t, err)
			return n
		}
	}
	return -1
}

func loopback(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// capturedShop makes the n-th store and registers its connector.
func capturedShop(t *testing.T, s *stack.Stack, client *connect.Client, server *stack.MySQL, n int) *pos.Store {
	t.Helper()
	store, err := pos.Open(server.DSN(""), fmt.Sprintf("%04d", n+1))
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	require.NoError(t, store.Create(t.Context()))
	require.NoError(t, store.Stock(t.Context(), pos.Opening{Sales: 20, Seed: 1}))
	config := connect.Config(fleet.Store{
		ID: store.ID, Host: "127.0.0.1", Port: server.Port(), Schemas: []string{store.Schema()}, User: "debezium",
		Password: fleet.Literal("pw"), TLS: fleet.TLSPreferred, ServerID: uint32(7800 + n),
	}, connect.Defaults{
		Environment: "containers", Brokers: s.Kafka.Addr(),
		Topics: fleet.Topics{Replication: 1, TopicPolicy: fleet.TopicPolicy{
			Partitions: 1, Retention: -1, Cleanup: "delete", Compression: "producer", MaxMessageBytes: 1 << 20,
		}},
	})
	require.NoError(t, client.Put(t.Context(), config["name"], config))
	return store
}
