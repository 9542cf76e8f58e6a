package lane

import (
	"context"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/tables"
)

// known is what the central database says of a topic that is new to the planner in
// this tenure.
type known struct {
	tenure *ledger.Tenure
	owner  string         // the topic that the store's rows in this table come from
	last   tables.Version // of the store's table
}

// askAtOnce bounds the topics of one question.
const askAtOnce = 200

// learn returns what is known of a record's topic. The database is asked, together
// with it, of the other new topics whose records wait: with thousands of them, a
// question for each would be what a start mostly does. What was learnt is given out
// once, and whoever plans for a topic again asks again.
func (p *planner) learn(ctx context.Context, r *batch.Record) (known, error) {
	k, ok := p.ahead[r.Tenure.Topic]
	if !ok || k.tenure != r.Tenure {
		if err := p.ask(ctx, r); err != nil {
			return known{}, err
		}
		k = p.ahead[r.Tenure.Topic]
	}
	delete(p.ahead, r.Tenure.Topic)
	return k, nil
}

// ask asks of a record's topic and of those of the records behind it.
func (p *planner) ask(ctx context.Context, r *batch.Record) error {
	asked := map[string]*ledger.Tenure{r.Tenure.Topic: r.Tenure}
	before := r.Tenure
	waiting := p.waiting()
	for i := range waiting {
		t := waiting[i].Tenure
		if t == before || t.Ended() || p.tenures[t.Partition] == t || p.ahead[t.Topic].tenure == t {
			continue
		}
		before = t
		if asked[t.Topic] == nil {
			asked[t.Topic] = t
		}
		if len(asked) == askAtOnce {
			break
		}
	}
	topics, stores := make([]string, 0, len(asked)), make([]string, 0, len(asked))
	for name := range asked {
		topic, _ := debezium.ParseTopic(p.environment, name)
		topics, stores = append(topics, name), append(stores, topic.Store)
	}
	owners, err := p.ledger.Owners(ctx, p.table, stores)
	if err != nil {
		return err
	}
	var last map[string]tables.Version
	if p.versions != nil {
		if last, err = p.versions.Last(ctx, p.table, topics); err != nil {
			return err
		}
	}
	for i, name := range topics {
		p.ahead[name] = known{tenure: asked[name], owner: owners[stores[i]], last: last[name]}
	}
	return nil
}
