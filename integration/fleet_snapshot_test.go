package integration

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/topics"
	"tributary/integration/stack"
	"tributary/sink/monitor/ladder"
)

// bigFleet is of a few stores on one server that are large enough for their
// first snapshots to take seconds: many tables, and many rows in one of them.
type bigFleet struct {
	t         *testing.T
	stack     *stack.Stack
	db        *sql.DB
	client    *connect.Client
	inventory *fleet.Inventory
}

const (
	bigStores = 6
	bigTables = 40
	bigRows   = 40_000
)

func startBig(t *testing.T) *bigFleet {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	m, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: "big", Binlog: true})
	require.NoError(t, err)
	require.NoError(t, m.GrantDebezium(t.Context(), "debezium", "dbz-pw"))
	db, err := m.DB()
	require.NoError(t, err)
	b := &bigFleet{t: t, stack: s, db: db, client: connect.New(s.ConnectURL(), connect.Options{Poll: 100 * time.Millisecond})}
	secrets := filepath.Join(t.TempDir(), "stores.properties")
	require.NoError(t, os.WriteFile(secrets, []byte("password=dbz-pw\n"), 0o600))
	text := fmt.Sprintf(`
environment: big
kafka: {brokers: "%s"}
connect: {url: "%s", wave: 2}
topics: {replication: 1}
defaults: {host: 127.0.0.1, port: %d, schemas: ["s{id}"], password: {file: %s, key: password}}
stores:
`, s.Kafka.Addr(), s.ConnectURL(), m.Port(), secrets)
	var stocking errgroup.Group
	stocking.SetLimit(2)
	for n := range bigStores {
		id := fmt.Sprintf("%04d", n+1)
		text += fmt.Sprintf("  - {id: %q}\n", id)
		stocking.Go(func() error { return stock(db, "s"+id) })
	}
	require.NoError(t, stocking.Wait())
	b.inventory, err = fleet.Parse("stores.yaml", []byte(text))
	require.NoError(t, err)
	return b
}

func stock(db *sql.DB, schema string) error {
	statements := []string{"CREATE DATABASE " + schema}
	for n := range bigTables {
		statements = append(statements, fmt.Sprintf("CREATE TABLE %s.a%02d (id INT PRIMARY KEY, note VARCHAR(40))", schema, n))
	}
	statements = append(statements,
		"CREATE TABLE "+schema+".sales (id INT PRIMARY KEY, label VARCHAR(120), amount DECIMAL(10,2))",
		fmt.Sprintf("INSERT INTO %s.sales WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) "+
			"SELECT /*+ SET_VAR(cte_max_recursion_depth=1000000) */ i, REPEAT('x', 100), i FROM n", schema, bigRows))
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// readers is how many stores have their rows read at this moment, as their
// server sees it.
func (b *bigFleet) readers() (n int) {
	b.t.Helper()
	require.NoError(b.t, b.db.QueryRow("SELECT COUNT(DISTINCT SUBSTRING_INDEX(SUBSTRING_INDEX(INFO, 'FROM `', -1), '`', 1)) "+
		"FROM information_schema.PROCESSLIST WHERE USER='debezium' AND INFO LIKE 'SELECT %FROM `s0%'").Scan(&n))
	return n
}

// empty counts the connectors that have saved an offset without a position.
func (b *bigFleet) empty() (n int) {
	for _, store := range b.inventory.Stores {
		offsets, err := b.client.Offsets(b.t.Context(), "big."+store.ID)
		if err == nil && len(offsets) > 0 && !offsets[0].Begun() {
			n++
		}
	}
	return n
}

// TestSnapshotsOfBigStores lets stores go in waves, and kills the worker while
// their snapshots are under way, in whatever phase each is.
func TestSnapshotsOfBigStores(t *testing.T) {
	b := startBig(t)
	b.waves()
	for _, after := range []time.Duration{2 * time.Second, 5 * time.Second} {
		b.interrupted(after)
	}
}

func (b *bigFleet) waves() {
	t := b.t
	plan, err := connect.NewPlan(t.Context(), b.client, b.inventory, b.inventory.Stores)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan [2]int)
	go func() { // what the server and Connect say meanwhile, whatever apply believes
		var most [2]int
		for ctx.Err() == nil {
			most[0], most[1] = max(most[0], b.readers()), max(most[1], b.empty())
		}
		watched <- most
	}()
	begin := time.Now()
	applier := connect.Applier{Client: b.client, Wave: b.inventory.Connect.Wave, Report: func(s connect.Step) {
		t.Logf("%5.1f s  %s", time.Since(begin).Seconds(), s)
	}}
	err = applier.Apply(t.Context(), plan)
	cancel()
	most := <-watched
	require.NoError(t, err)
	t.Logf("%d stores of %d rows in waves of %d: %.1f s, at most %d read at once, %d empty offsets seen",
		bigStores, bigRows, applier.Wave, time.Since(begin).Seconds(), most[0], most[1])
	require.Positive(t, most[0], "no snapshot was seen")
	require.LessOrEqual(t, most[0], applier.Wave)
	b.complete()
}

// interrupted has every store read anew, one a moment after the other, and
// kills the worker. All must come to an end without anybody's help.
func (b *bigFleet) interrupted(after time.Duration) {
	t := b.t
	admin, err := topics.Dial(b.stack.Kafka.Addr(), nil)
	require.NoError(t, err)
	defer admin.Close()
	for _, store := range b.inventory.Stores {
		require.NoError(t, b.client.Snapshot(t.Context(), "big."+store.ID, func(ctx context.Context) error {
			return admin.Delete(ctx, []string{connect.DefaultsOf(b.inventory).HistoryTopic(store.ID)})
		}))
		<-time.After(after / bigStores) // so that each is in another phase
	}
	var phases []string
	for _, store := range b.inventory.Stores {
		phases = append(phases, savedPosition(b.stack, "big."+store.ID))
	}
	worker := b.stack.Workers()[0]
	require.NoError(t, worker.Kill())
	require.NoError(t, worker.Restart(t.Context()))
	begin := time.Now()
	for i, store := range b.inventory.Stores {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		err := b.client.WaitSnapshot(ctx, "big."+store.ID)
		cancel()
		require.NoError(t, err, "killed when it had saved %s", phases[i])
	}
	t.Logf("killed %s after the first was let go, when these positions were saved: %q; all were read %.1f s after the worker's return",
		after, phases, time.Since(begin).Seconds())
}

// complete checks that every row has arrived in Kafka.
func (b *bigFleet) complete() {
	for _, store := range b.inventory.Stores {
		require.GreaterOrEqual(b.t, eventsOf(b.t, b.stack, "big."+store.ID+".s"+store.ID+".sales"), int64(bigRows))
	}
}

// savedPosition is what Connect has saved for a connector, word for word.
func savedPosition(s *stack.Stack, name string) string {
	var answer struct {
		Offsets []struct{ Offset json.RawMessage }
	}
	if json.Unmarshal([]byte(get(s.ConnectURL()+"/connectors/"+name+"/offsets")), &answer) != nil {
		return "unreadable"
	}
	if len(answer.Offsets) == 0 {
		return "nothing"
	}
	return string(answer.Offsets[0].Offset)
}

// TestEmptyPosition gives a connector a position without a file, as the notice
// that a snapshot begins used to leave it (notification.enabled.channels=sink):
// no task starts with one, so status, plan and explain must say what to do.
func TestEmptyPosition(t *testing.T) {
	w, _ := watch(t, "empty")
	ctx, s := t.Context(), kafka(t)
	client := connect.New(s.ConnectURL(), connect.Options{Poll: 100 * time.Millisecond})
	forgotten := func() {
		require.NoError(t, client.Stop(ctx, w.connector))
		require.NoError(t, client.WaitStopped(ctx, w.connector))
		require.NoError(t, client.DeleteOffsets(ctx, w.connector))
		patchPosition(t, s, w.connector, `{}`)
		require.Equal(t, "{}", savedPosition(s, w.connector))
	}
	plan := func() connect.Plan {
		plan, err := connect.NewPlan(ctx, client, w.inventory, w.inventory.Stores)
		require.NoError(t, err)
		return plan
	}
	applier := connect.Applier{Client: client, Wave: 1}
	require.NoError(t, applier.Apply(ctx, plan()))

	// One that is stopped is let go by apply, which deletes the position.
	forgotten()
	require.Equal(t, connect.ActionRelease, plan().Changes[0].Action)
	require.NoError(t, applier.Apply(ctx, plan()))
	require.Empty(t, plan().Changes)

	forgotten()
	require.NoError(t, client.Resume(ctx, w.connector))
	remedy := "`tributary connectors restart --snapshot 47`"
	failed := func() bool {
		all, err := connect.Statuses(ctx, client, w.inventory, w.inventory.Stores)
		return err == nil && all[0].State == connect.StateFailed && strings.Contains(all[0].Remedy, remedy)
	}
	require.Eventually(t, failed, time.Minute, 200*time.Millisecond)
	require.Contains(t, plan().Changes[0].Reason, remedy)
	step, _ := w.explain().Step(ladder.Task)
	require.Equal(t, ladder.Broken, step.State)
	require.Contains(t, step.Remedy, remedy)
	t.Log(step.Evidence, "→", step.Remedy)

	admin, err := topics.Dial(s.Kafka.Addr(), nil)
	require.NoError(t, err)
	defer admin.Close()
	require.NoError(t, client.Snapshot(ctx, w.connector, func(ctx context.Context) error {
		return admin.Delete(ctx, []string{connect.DefaultsOf(w.inventory).HistoryTopic("47")})
	}))
	require.NoError(t, client.WaitSnapshot(ctx, w.connector))
	require.Empty(t, plan().Changes)
}

func patchPosition(t *testing.T, s *stack.Stack, name, offset string) {
	t.Helper()
	body := fmt.Sprintf(`{"offsets": [{"partition": {"server": %q}, "offset": %s}]}`, name, offset)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, s.ConnectURL()+"/connectors/"+name+"/offsets", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", answer)
}
