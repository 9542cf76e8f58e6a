package main

import (
	"context"
	"fmt"
	"strings"

	"tributary/integration/bench/events"
)

// sum is what a shape's tables hold: the number of rows and a checksum of all
// their values.
type sum struct {
	Rows int64  `json:"rows"`
	CRC  string `json:"crc"`
}

// sum reads the central tables of a shape.
func (b *bench) sum(ctx context.Context, s events.Shape) (sum, error) {
	values := make([]string, len(events.Columns))
	for i, c := range events.Columns {
		values[i] = "COALESCE(CAST(" + c + " AS CHAR),'\\0')"
	}
	var parts []string
	for table := range s.Tables {
		parts = append(parts, "SELECT COUNT(*) n, COALESCE(SUM(CRC32(CONCAT_WS('|',"+strings.Join(values, ",")+"))),0) crc FROM "+s.TableName(table))
	}
	var all sum
	err := b.db.QueryRowContext(ctx, "SELECT SUM(n), SUM(crc) FROM ("+strings.Join(parts, " UNION ALL ")+") t").Scan(&all.Rows, &all.CRC)
	if err != nil {
		return sum{}, fmt.Errorf("reading the central tables: %w", err)
	}
	return all, nil
}

// expect writes what a load must lead to, without any contestant, and returns
// its sum.
func (b *bench) expect(ctx context.Context, l load) (sum, error) {
	if err := b.empty(ctx, l.Shape, false); err != nil {
		return sum{}, err
	}
	if err := b.write(ctx, l.literals()); err != nil {
		return sum{}, err
	}
	return b.sum(ctx, l.Shape)
}
