package gather

import (
	"cmp"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink/ledger"
)

func TestFlows(t *testing.T) {
	now := time.Now()
	a, b := ledger.Partition{Topic: "test.7.pos.sale"}, ledger.Partition{Topic: "test.7.pos.sale", ID: 1}
	for _, c := range []struct {
		name    string
		offsets map[ledger.Partition]Offsets
		entries map[ledger.Partition]Entry
		want    Flow
	}{
		{
			"the ledger decides",
			map[ledger.Partition]Offsets{a: {End: 10, Committed: 2}},
			map[ledger.Partition]Entry{a: {Next: 7, AppliedAt: now}},
			Flow{End: 10, Next: 7, Lag: 3, AppliedAt: now},
		},
		{
			"a rule gave the table another name",
			map[ledger.Partition]Offsets{a: {End: 1, Committed: -1}},
			map[ledger.Partition]Entry{a: {Next: 1, Table: "sales"}},
			Flow{End: 1, Next: 1, Table: "sales"},
		},
		{"without it the group does", map[ledger.Partition]Offsets{a: {End: 10, Committed: 2}}, nil, Flow{End: 10, Next: 2, Lag: 8}},
		{"nobody has read", map[ledger.Partition]Offsets{a: {Start: 3, End: 10, Committed: -1}}, nil, Flow{Start: 3, End: 10, Next: 3, Lag: 7, Unread: true}},
		{
			"retention was faster",
			map[ledger.Partition]Offsets{a: {Start: 8, End: 10, Committed: -1}},
			map[ledger.Partition]Entry{a: {Next: 5}},
			Flow{Start: 8, End: 10, Next: 5, Lag: 2, Lost: 3},
		},
		{
			"partitions are summed",
			map[ledger.Partition]Offsets{a: {End: 10, Committed: -1, NewestAt: now}, b: {End: 4, Committed: -1}},
			map[ledger.Partition]Entry{a: {Next: 10}, b: {Next: 1}},
			Flow{End: 14, Next: 11, Lag: 3, NewestAt: now},
		},
		{
			"a log made anew is shorter than the ledger",
			map[ledger.Partition]Offsets{a: {End: 2, Committed: -1}},
			map[ledger.Partition]Entry{a: {Next: 50}},
			Flow{End: 2, Next: 50},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Picture{Inventory: &fleet.Inventory{Environment: "test"}, Cluster: Cluster{Partitions: c.offsets}, Book: Book{Entries: c.entries}}
			got := p.Flows()["7"]
			require.Len(t, got, 1)
			c.want.Topic = got[0].Topic
			c.want.Table = cmp.Or(c.want.Table, "sale")
			require.Equal(t, c.want, got[0])
		})
	}
}

// TestSchemaChangesAreNoTable: what a store's schema changes have in the ledger and
// among the dead letters is no table's, and is shown all the same.
func TestSchemaChangesAreNoTable(t *testing.T) {
	now := time.Now()
	p := Picture{
		Inventory: &fleet.Inventory{Environment: "test"}, Cluster: Cluster{Topics: map[string]int{}},
		Book: Book{
			Entries: map[ledger.Partition]Entry{{Topic: "test.7"}: {Store: "7", Next: 9, AppliedAt: now}},
			Letters: []Letters{{Store: "7", Count: 2, Reason: "DROP DATABASE"}},
			Held:    []ledger.Held{{Topic: "test.7", Store: "7", Since: now, Reason: "denied"}},
		},
	}
	require.Empty(t, p.Flows())
	c := p.central("7", "")
	require.Equal(t, "(schema changes)", c.LetterTable)
	require.EqualValues(t, 2, c.Letters)
	require.Equal(t, "(schema changes)", c.HeldTable)
	require.Zero(t, p.central("7", "sale").Letters)
}

// TestPurge follows a store's binary logs over several rounds.
func TestPurge(t *testing.T) {
	s := &Servers{}
	now := time.Now()
	see := func(after time.Duration, logs ...string) Server {
		a := Server{AskedAt: now.Add(after), Kept: 24 * time.Hour}
		for _, name := range logs {
			a.Logs = append(a.Logs, BinaryLog{Name: name, Size: 100})
		}
		s.remember("7", a)
		return a
	}
	a := see(0, "b.000001")
	left, known := s.margin("7", a, "b.000001", now)
	require.True(t, known)
	require.Equal(t, 24*time.Hour, left, "the head's time has not begun")
	require.True(t, s.movedAt("7").IsZero())
	see(time.Hour, "b.000001", "b.000002")
	require.Equal(t, now.Add(time.Hour), s.movedAt("7"))
	a = see(2*time.Hour, "b.000001", "b.000002")
	left, known = s.margin("7", a, "b.000001", now.Add(20*time.Hour))
	require.True(t, known)
	require.Equal(t, 5*time.Hour, left)
	_, known = s.margin("7", a, "b.000000", now)
	require.False(t, known)
	a.Kept = 0
	_, known = s.margin("7", a, "b.000001", now)
	require.False(t, known, "kept for ever")
}

func TestKept(t *testing.T) {
	for want, variables := range map[time.Duration]map[string]string{
		time.Hour:       {"binlog_expire_logs_seconds": "3600", "expire_logs_days": "7"},
		12 * time.Hour:  {"expire_logs_days": "0.5"},
		0:               {"binlog_expire_logs_auto_purge": "OFF", "binlog_expire_logs_seconds": "3600"},
		168 * time.Hour: {"binlog_expire_logs_auto_purge": "ON", "binlog_expire_logs_seconds": "604800"},
	} {
		require.Equal(t, want, kept(variables))
	}
	require.Zero(t, kept(nil))
}

func TestRefused(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for _, c := range []struct {
		err   error
		reach bool
	}{
		{dial, true}, {mysql.ErrInvalidConn, true}, {&mysql.MySQLError{Number: 1045}, false}, {mysql.ErrNoTLS, false},
	} {
		var a Server
		a.refused(c.err)
		require.Equal(t, c.reach, a.ReachError != "", "%v", c.err)
		require.Equal(t, !c.reach, a.LoginError != "", "%v", c.err)
	}
}

func TestFactsOfHeartbeatTable(t *testing.T) {
	store := fleet.Store{ID: "7", Schemas: []string{"pos"}, HeartbeatTable: "ops.beat"}
	p := Picture{
		Inventory: &fleet.Inventory{Environment: "test", Stores: []fleet.Store{store}},
		Cluster: Cluster{Partitions: map[ledger.Partition]Offsets{
			{Topic: "test.7.ops.beat"}: {End: 1}, {Topic: "test.7.pos.sale"}: {End: 1}, {Topic: "test.7.pos.stock"}: {End: 1},
		}},
		Connectors: map[string]connect.Connector{"test.7": {Name: "test.7", State: connect.StateRunning, Tasks: make([]connect.Task, 1)}},
	}
	flows := p.Flows()["7"]
	f := p.Facts(&Servers{}, "7", "", flows)
	require.Len(t, f.Topics, 2, "the heartbeat's table moves while nothing is sold")
	require.Equal(t, "sale", f.Topics[0].Table)
	require.True(t, f.Connector.Exists)
	require.NotEmpty(t, f.Progress.Unknown)
	require.Len(t, p.Facts(&Servers{}, "7", "stock", flows).Topics, 1)
	require.False(t, p.Facts(&Servers{}, "9", "", nil).Inventory.Listed)
}

// TestFactsOfDroppedTopic has a topic that was written from vanish: it is told as
// long as the inventory captures its table.
func TestFactsOfDroppedTopic(t *testing.T) {
	store := fleet.Store{ID: "7", Schemas: []string{"pos"}}
	written := Entry{Store: "7", Table: "sale", Next: 9, AppliedAt: time.Now()}
	p := Picture{
		Inventory: &fleet.Inventory{Environment: "test", Stores: []fleet.Store{store}},
		Cluster: Cluster{
			Topics:     map[string]int{"test.7.pos.stock": 1},
			Partitions: map[ledger.Partition]Offsets{{Topic: "test.7.pos.stock"}: {End: 1}},
		},
		Book: Book{Entries: map[ledger.Partition]Entry{
			{Topic: "test.7.pos.sale"}: written, {Topic: "test.7.pos.stock"}: written,
			{Topic: "test.7.pos.never"}: {Store: "7"}, // seeded, and nothing written
			{Topic: "test.8.pos.sale"}:  written,      // of another store
		}},
	}
	gone := func() (names []string) {
		for _, topic := range p.Facts(&Servers{}, "7", "", p.Flows()["7"]).Topics {
			if topic.Gone {
				names = append(names, topic.Name)
			}
		}
		return names
	}
	require.Equal(t, []string{"test.7.pos.sale"}, gone())
	p.KafkaError = "away"
	require.Empty(t, gone(), "nothing is known of topics then")
	p.KafkaError = ""
	p.Inventory.Stores[0].Exclude = []string{"sale"}
	require.Empty(t, gone(), "the table is not captured any more")
}

func TestOlder(t *testing.T) {
	require.True(t, isOlder("b.999999", "b.1000000"))
	require.True(t, isOlder("b.000001", "b.000002"))
	require.False(t, isOlder("b.000002", "b.000002"))
}
