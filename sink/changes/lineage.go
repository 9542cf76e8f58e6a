package changes

import (
	"context"
	"maps"
	"strings"

	"tributary/debezium"
	"tributary/debezium/ddl"
)

// lineage is where the columns of a table come from since it was first seen to
// change. A row's event has the columns' names alone: where a name has gone over to
// another column, it looks as if nothing had happened.
type lineage struct {
	// offset is that of the last change, before what was known ahead of it: a
	// change is judged more than once.
	offset        int64
	before, after columns
}

// columns are those of a table that are not what they were.
type columns struct {
	// origin has the name that a column had at first.
	origin map[string]string
	// left are the names that columns had at first and have no more.
	left map[string]bool
}

func (c columns) clone() columns { return columns{maps.Clone(c.origin), maps.Clone(c.left)} }

// lineageKey is a table of a schema change topic.
type lineageKey struct {
	topic string
	table debezium.TableID
}

// move takes in what a change does to a table's columns, and returns the names that
// went over to other columns: in this statement, or since they were left in an
// earlier one.
func (j *Judge) move(topic string, offset int64, table debezium.TableID, moves []ddl.Move) (now, later []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := lineageKey{topic, table}
	l := j.lineages[key]
	if l == nil {
		if j.lineages == nil {
			j.lineages = make(map[lineageKey]*lineage)
		}
		l = &lineage{offset: offset, after: columns{map[string]string{}, map[string]bool{}}}
		l.before = l.after.clone()
		j.lineages[key] = l
	}
	if l.offset != offset {
		l.offset, l.before = offset, l.after
	}
	l.after = l.before.clone()
	return l.after.move(moves)
}

// end forgets a table that is gone.
func (j *Judge) end(topic string, table debezium.TableID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.lineages, lineageKey{topic, table})
}

func (c columns) move(moves []ddl.Move) (now, later []string) {
	origins, earlier := make([]string, len(moves)), maps.Clone(c.left)
	for i, m := range moves {
		if m.From == "" {
			continue
		}
		from := strings.ToLower(m.From)
		origin, moved := c.origin[from]
		if !moved {
			origin = from
			c.left[from] = true
		}
		delete(c.origin, from)
		origins[i] = origin
	}
	for i, m := range moves {
		to := strings.ToLower(m.To)
		switch {
		case m.To == "":
			continue
		case c.left[to] && origins[i] != to && earlier[to]:
			later = append(later, m.To)
		case c.left[to] && origins[i] != to:
			now = append(now, m.To)
		}
		// One that is added is as good as one that was there: rows may have it soon.
		if delete(c.left, to); origins[i] != to && origins[i] != "" {
			c.origin[to] = origins[i]
		}
	}
	return now, later
}

// replaced are the names of a table's columns that other columns have now, and of
// which the rows do not tell: where an event came between, they do.
func (v *verdict) replaced(ctx context.Context, e event) ([]string, error) {
	now, later := v.move(v.topic, v.offset, e.table, e.moves)
	if len(later) == 0 || !v.wanted(e.table) {
		return now, nil
	}
	told, err := v.Facts.Former(ctx, v.rowTopic(e.table).String(), v.central(e.table))
	if err != nil {
		return nil, err
	}
	for _, name := range later {
		if !containsFold(told, name) {
			now = append(now, name)
		}
	}
	return now, nil
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
