package stack

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"golang.org/x/sync/errgroup"
)

// TestStack starts everything, kills everything, and looks for what is left.
func TestStack(t *testing.T) {
	ctx := t.Context()
	s, err := Start(ctx, Options{Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	m, err := s.MySQL(ctx, MySQLOptions{Name: "store", Binlog: true})
	require.NoError(t, err)

	require.Contains(t, get(t, s.ConnectURL()+"/connector-plugins"), "io.debezium.connector.mysql.MySqlConnector")
	require.Equal(t, "[]", get(t, s.ConnectURL()+"/connectors"))
	produce(t, s.Kafka, "kept", "message")
	write(t, m, "CREATE DATABASE shop", "CREATE TABLE shop.sales (id INT PRIMARY KEY)", "INSERT INTO shop.sales VALUES (7)")

	worker := s.Workers()[0]
	pids := map[int]bool{s.Kafka.Pid(): true, worker.Pid(): true, m.Pid(): true}
	require.NoError(t, s.Kafka.Kill())
	require.NoError(t, worker.Kill())
	require.NoError(t, m.Kill())
	require.Empty(t, processesOf(t, s.Dir()))
	var group errgroup.Group
	group.Go(func() error { return m.Restart(ctx) })
	group.Go(func() error {
		if err := s.Kafka.Restart(ctx); err != nil {
			return err
		}
		return worker.Restart(ctx)
	})
	require.NoError(t, group.Wait())

	require.Equal(t, "message", consume(t, s.Kafka, "kept"))
	require.Equal(t, "[]", get(t, s.ConnectURL()+"/connectors"))
	require.Equal(t, "7", strings.TrimSpace(client(t, m, "SELECT id FROM shop.sales")))
	require.Len(t, s.Parts(), 3)
	for _, part := range s.Parts() {
		require.True(t, part.Running, part.Name)
		require.False(t, pids[part.Pid], "%s has the process it had before it was killed", part.Name)
		require.Greater(t, part.Usage.Memory, int64(50<<20), part.Name)
		require.Positive(t, part.Usage.CPU, part.Name)
		require.FileExists(t, part.Log)
	}

	require.NoError(t, s.Stop(ctx))
	require.NoError(t, s.Stop(ctx))
	require.Empty(t, processesOf(t, s.Dir()))
	require.NoDirExists(t, s.Dir())
	_, err = s.MySQL(ctx, MySQLOptions{Name: "late"})
	require.Error(t, err, "a part of a stopped stack would be left behind")
}

// TestDetached stops a stack by its record, as another program would, and
// starts it again.
func TestDetached(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	options := Options{Dir: dir, Detach: true, Connect: NoConnect, Progress: os.Stderr}
	start := func() (*Stack, *MySQL) {
		s, err := Start(ctx, options)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
		m, err := s.MySQL(ctx, MySQLOptions{Name: "store"})
		require.NoError(t, err)
		return s, m
	}
	first, m := start()
	produce(t, first.Kafka, "kept", "message")
	write(t, m, "CREATE DATABASE kept")

	_, err := Start(ctx, options)
	require.ErrorIs(t, err, ErrRunning)

	opened, err := Open(dir)
	require.NoError(t, err)
	require.Equal(t, first.Kafka.Addr(), opened.Kafka.Addr())
	require.Equal(t, m.DSN("kept"), opened.MySQLs()[0].DSN("kept"))
	require.Equal(t, m.CLI(), opened.MySQLs()[0].CLI())

	// What one program restarts, another still finds.
	require.NoError(t, opened.MySQLs()[0].Kill())
	require.NoError(t, opened.MySQLs()[0].Restart(ctx))
	again, err := Open(dir)
	require.NoError(t, err)
	require.Equal(t, opened.MySQLs()[0].Pid(), again.MySQLs()[0].Pid())
	require.NoError(t, again.Stop(ctx))
	require.Empty(t, processesOf(t, dir))
	require.False(t, first.Kafka.Running())
	for _, part := range again.Parts() {
		require.Zero(t, part.Pid, "%s was stopped, it did not die", part.Name)
	}

	second, m2 := start()
	require.Equal(t, first.Kafka.Addr(), second.Kafka.Addr(), "ports are kept")
	require.Equal(t, m.Addr(), m2.Addr())
	require.Equal(t, "message", consume(t, second.Kafka, "kept"))
	require.Contains(t, client(t, m2, "SHOW DATABASES"), "kept")
	require.NoError(t, second.Stop(ctx))
	require.Empty(t, processesOf(t, dir))
}

// TestStartGivesUp breaks the broker: the error must show why, and nothing may
// be left.
func TestStartGivesUp(t *testing.T) {
	dir := t.TempDir()
	_, err := Start(t.Context(), Options{
		Dir: dir, Connect: NoConnect, Progress: os.Stderr,
		BrokerConfig: map[string]string{"num.io.threads": "none"},
	})
	require.ErrorContains(t, err, "num.io.threads")
	require.Empty(t, processesOf(t, dir))

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = Start(ctx, Options{Dir: dir, Connect: NoConnect})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, processesOf(t, dir))

	_, err = Start(t.Context(), Options{Detach: true})
	require.ErrorContains(t, err, "needs a folder")
}

func TestOpenNothing(t *testing.T) {
	_, err := Open(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(text))
	return string(text)
}

// produce creates a topic with one message in it.
func produce(t *testing.T, b *Broker, topic, message string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.DefaultProduceTopic(topic))
	require.NoError(t, err)
	defer client.Close()
	request := kmsg.NewPtrCreateTopicsRequest()
	created := kmsg.NewCreateTopicsRequestTopic()
	created.Topic, created.NumPartitions, created.ReplicationFactor = topic, 1, 1
	request.Topics = append(request.Topics, created)
	response, err := request.RequestWith(t.Context(), client)
	require.NoError(t, err)
	require.Zero(t, response.Topics[0].ErrorCode)
	require.NoError(t, client.ProduceSync(t.Context(), kgo.StringRecord(message)).FirstErr())
}

// consume reads the first message of a topic.
func consume(t *testing.T, b *Broker, topic string) string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	fetches := client.PollFetches(ctx)
	require.NoError(t, fetches.Err())
	return string(fetches.Records()[0].Value)
}

func write(t *testing.T, m *MySQL, statements ...string) {
	t.Helper()
	db, err := m.DB()
	require.NoError(t, err)
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}

// client runs a statement through the script people use.
func client(t *testing.T, m *MySQL, statement string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), m.Client(), "--skip-column-names", "--execute="+statement)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	output, err := cmd.Output()
	require.NoError(t, err, failure.String())
	return string(output)
}
