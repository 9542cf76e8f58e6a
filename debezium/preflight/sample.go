package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// sampleRows bounds how much is looked at of each end of a table: all of it
// would be felt in the shop.
const sampleRows = 10_000

// sampled says how often columns' values met a condition.
type sampled struct {
	hits []hit
	// unseen is how many tables there was no time for.
	unseen int
}

type hit struct {
	column
	n int
}

// sample looks at the oldest and the newest rows of the tables with these
// columns, by their primary keys, until the check's time is up. What was seen by
// then is the answer. The condition is about a column.
func (s *session) sample(ctx context.Context, columns []column, condition func(column) string) (sampled, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return sampled{}, err
	}
	of := map[string][]column{}
	for _, c := range columns {
		of[c.table] = append(of[c.table], c)
	}
	var found sampled
	for _, t := range tables {
		asked := of[t.name()]
		if len(asked) == 0 {
			continue
		}
		counts, err := s.countSample(ctx, t, asked, condition)
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			found.unseen++
			continue
		case err != nil:
			return sampled{}, err
		}
		for i, n := range counts {
			if n > 0 {
				found.hits = append(found.hits, hit{asked[i], n})
			}
		}
	}
	return found, nil
}

// countSample counts the values of one table. A small one is seen whole, so
// that no row counts twice; of one that no primary key sorts, the newest rows
// are not looked for.
func (s *session) countSample(ctx context.Context, t table, columns []column, condition func(column) string) ([]int, error) {
	names, sums := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.name)
		sums[i] = "COALESCE(SUM(" + condition(c) + "), 0)"
	}
	counts := make([]int, len(columns))
	count := func(order string) (rows int, err error) {
		ends := make([]int, len(columns))
		into := []any{&rows}
		for i := range ends {
			into = append(into, &ends[i])
		}
		query := fmt.Sprintf("SELECT COUNT(*), %s FROM (SELECT %s FROM %s%s LIMIT %d) sample",
			strings.Join(sums, ", "), strings.Join(names, ", "), t.sql(), order, sampleRows)
		err = s.db.QueryRowContext(ctx, query).Scan(into...)
		for i, n := range ends {
			counts[i] += n
		}
		return rows, err
	}
	rows, err := count("")
	if err != nil || rows < sampleRows || len(t.key) == 0 || t.prefixed {
		return counts, err
	}
	newest := make([]string, len(t.key))
	for i, name := range t.key {
		newest[i] = quote(name) + " DESC"
	}
	_, err = count(" ORDER BY " + strings.Join(newest, ", "))
	return counts, err
}

// text says what was looked at.
func (f sampled) text() string {
	text := fmt.Sprintf("in the first and last %d rows", sampleRows)
	if f.unseen > 0 {
		text += fmt.Sprintf(" (no time for %d tables)", f.unseen)
	}
	return text
}
