package lane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/rules"
	"tributary/sink/tables"
	"tributary/sink/writer"
)

// plan is how the events of one version of one store's table are written.
type plan struct {
	store []byte // the store's id as a literal
	name  debezium.Topic
	topic string
	*form
	// step is what must be done before the first event of this version is put
	// into a batch; nil for nothing.
	step *tables.Step
	// rows and of are for versions: the rows as this plan has them, and the
	// topic's state. Both are nil for a tombstone.
	rows *tables.Rows
	of   *source
}

// source is what a planner knows of a topic whatever its version.
type source struct {
	// table is the true name of the store's table, which the topic's name may
	// only resemble.
	table string
	// plan and key are the last event's; key is nil once the plan is forgotten.
	plan *plan
	key  *debezium.Schema
}

// planKey is what a plan is made for. Two stores may share a schema where it
// does not name them.
type planKey struct {
	topic      string
	value, key *debezium.Schema
}

// planner makes plans and remembers them. It belongs to the decoding
// goroutine.
type planner struct {
	environment string
	table       string
	tables      Tables
	ledger      Ledger
	rules       rules.Rules
	versions    Versions // nil where rows are not brought to new versions
	log         *zap.Logger
	doubtful    prometheus.Counter
	plans       map[planKey]*plan
	sources     map[string]*source // by topic
	forms       map[formKey]*form
	formsSince  time.Time
	// tenures are those that what is remembered of topics was learnt in.
	tenures map[ledger.Partition]*ledger.Tenure
	// ahead is what was asked of topics before their first record's turn, and
	// waiting are the records behind the one that is planned for.
	ahead    map[string]known
	waiting  func() []batch.Record
	doubted  map[doubt]bool // which columns were said to have doubtful values
	layouts  []*batch.Layout
	last     planKey
	lastOf   *ledger.Tenure
	lastPlan *plan
}

// maxPlans bounds what is remembered: one plan for each topic and version.
const maxPlans = 20_000

func newPlanner(c Config, table string) *planner {
	versions, _ := c.Tables.(Versions)
	return &planner{
		environment: c.Environment, table: table, tables: c.Tables, ledger: c.Ledger, rules: c.Rules,
		versions: versions, plans: make(map[planKey]*plan), sources: make(map[string]*source), forms: make(map[formKey]*form),
		tenures: make(map[ledger.Partition]*ledger.Tenure), doubted: make(map[doubt]bool),
		ahead: make(map[string]known), waiting: func() []batch.Record { return nil },
		log: c.Log, doubtful: c.Metrics.doubtful.WithLabelValues(table),
	}
}

// forget drops all plans, after the central table turned out to be another.
func (p *planner) forget() {
	clear(p.plans)
	clear(p.forms)
	for _, of := range p.sources {
		of.key = nil
	}
	p.layouts, p.lastPlan = nil, nil
}

// begin forgets what was planned for a topic in an earlier tenure. Since then
// another replica may have had the partition, or the central database was set
// back: its rows may be of another version of the store's table than the last one
// here, and what was done to them then may be undone. The central table may be
// another, too: it is looked at again, if that was not done a moment ago.
func (p *planner) begin(t *ledger.Tenure) {
	former := p.tenures[t.Partition]
	if former == t {
		return
	}
	p.tenures[t.Partition] = t
	if former == nil {
		return
	}
	maps.DeleteFunc(p.plans, func(k planKey, _ *plan) bool { return k.topic == t.Topic })
	if of := p.sources[t.Topic]; of != nil {
		of.key = nil
	}
	if now := time.Now(); now.Sub(p.formsSince) > time.Second {
		clear(p.forms)
		p.formsSince = now
	}
}

// errNoTable says that a tombstone came for a table that does not exist.
var errNoTable = errors.New("no such central table")

// plan returns the plan for a record of a store's table, whose name is empty for
// a tombstone. The errors are those of Tables, and of encoders that cannot be
// chosen; see holdable.
func (p *planner) plan(ctx context.Context, r *batch.Record, table []byte) (*plan, error) {
	k := planKey{r.Tenure.Topic, r.Value, r.Key}
	if k == p.last && r.Tenure == p.lastOf && p.lastPlan != nil {
		return p.lastPlan, nil
	}
	p.begin(r.Tenure)
	made := p.plans[k]
	var err error
	switch {
	case made == nil:
		if made, err = p.make(ctx, r, string(table)); err != nil {
			return nil, err
		}
		if len(p.plans) >= maxPlans {
			clear(p.plans)
			clear(p.forms)
		}
		p.plans[k] = made
	case made.of != nil && made.of.plan != made:
		// The table is again what it once was.
		if err := p.next(ctx, made, r.Tenure.ID); err != nil {
			return nil, err
		}
	}
	if made.of != nil {
		made.of.plan, made.of.key = made, r.Key
	}
	p.last, p.lastOf, p.lastPlan = k, r.Tenure, made
	return made, nil
}

// source returns what is remembered of a topic, and refuses a table that is not the
// one its rows come from.
func (p *planner) source(topic, table string) (*source, error) {
	of := p.sources[topic]
	switch {
	case of == nil:
		of = &source{table: table}
		p.sources[topic] = of
	case of.table != table:
		return nil, tables.ErrTwoTables
	}
	return of, nil
}

// next finds out what a version means for the rows that are there.
func (p *planner) next(ctx context.Context, made *plan, partition int32) error {
	if p.versions == nil || partition != 0 {
		return nil
	}
	last, err := p.versions.Last(ctx, p.table, []string{made.topic})
	if err != nil {
		return err
	}
	made.step, err = p.versions.Next(ctx, last[made.topic], *made.rows)
	return err
}

func (p *planner) make(ctx context.Context, r *batch.Record, table string) (*plan, error) {
	topic, _ := debezium.ParseTopic(p.environment, r.Tenure.Topic)
	k, err := p.learn(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := p.mine(k.owner, r.Tenure.Topic, topic); err != nil {
		return nil, err
	}
	rule := p.rules.For(topic)
	made := &plan{name: topic, topic: r.Tenure.Topic, store: schema.AppendText(nil, []byte(topic.Store))}
	if r.Value == nil {
		made.form, err = p.tombstone(ctx, made.topic, rule, r.Key)
		return made, err
	}
	if err := k.last.Of(table); err != nil {
		return nil, err
	}
	of, err := p.source(r.Tenure.Topic, table)
	if err != nil {
		return nil, err
	}
	if made.form, err = p.form(ctx, r.Value, r.Key, rule); err != nil {
		return nil, err
	}
	made.of, made.rows = of, &tables.Rows{
		Topic: r.Tenure.Topic, Store: topic.Store, Source: table, Fields: r.Value.Columns(), Want: made.want, Have: made.have,
	}
	if p.versions != nil && r.Tenure.ID == 0 {
		made.step, err = p.versions.Next(ctx, k.last, *made.rows)
	}
	return made, err
}

// mine refuses a topic whose rows would meet those of another topic of the same
// store in one central table: their keys may be equal, and merging them would
// be silent.
func (p *planner) mine(owner, name string, topic debezium.Topic) error {
	if owner == "" || owner == name {
		return nil
	}
	return fmt.Errorf("store %s already fills central table %q from topic %s: give one of them another table by a rule"+
		" (name: \"{schema}_{table}\"), or, if the other topic is history, delete its rows from %s",
		topic.Store, p.table, owner, ledger.Table)
}

// holdable reports whether an error of planning is about this store's table,
// so that holding the table lets the others go on. All others are the central
// database's and pass.
func holdable(err error) bool {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		class := writer.Classify(err)
		return class == writer.Data || class == writer.Environment
	}
	var lost interface{ Timeout() bool }
	return !errors.Is(err, mysql.ErrInvalidConn) && !errors.As(err, &lost) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !isNetwork(err)
}
