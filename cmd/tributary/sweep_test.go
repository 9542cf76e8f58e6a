package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/sink/sweep"
)

func TestSweepPrints(t *testing.T) {
	began := time.Date(2026, 11, 27, 10, 32, 11, 0, time.UTC)
	tables := []sweep.Table{
		{Store: "47", Name: "goods", Beginning: sweep.Beginning{Kind: sweep.Captured, At: began}, Counted: true, Rows: 1000, Older: 12},
		{Store: "47", Name: "promo", Beginning: sweep.Beginning{Kind: sweep.Dropped, At: began}, Counted: true, Rows: 3, Older: 3, Unplaced: 1, Strays: 2, Boundary: 70},
		{Store: "47", Name: "sale", Beginning: sweep.Beginning{Kind: sweep.Captured, At: began}, Refusal: "not yet: …"},
	}
	for _, c := range []struct {
		name    string
		command sweepCmd
		tables  []sweep.Table
		want    []string
	}{
		{"none", sweepCmd{Store: "47"}, nil, []string{"nothing to sweep: no table of store 47 began anew"}},
		{"nothing older", sweepCmd{Store: "47"}, []sweep.Table{{Name: "goods", Counted: true, Rows: 3}}, []string{"TABLE  BEGAN", "nothing to sweep\n"}},
		{"shown", sweepCmd{Store: "47"}, tables, []string{
			"goods  2026-11-27 10:32:11 captured  1000  12\n", "promo  2026-11-27 10:32:11 dropped   3     3\n", "sale   2026-11-27 10:32:11 captured  ?     ?\n",
			"promo: more than half", "--even-most", "sale: not yet", "_offset IS NULL", "_offset>=70 AND _applied_at<'2026-11-27 10:27:11'", "nothing is changed without --apply",
		}},
		{"as JSON", sweepCmd{Store: "47", Output: "json"}, tables, []string{`"kind": "dropped"`, `"older": 12`, `"refusal": "not yet: …"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, c.command.print(&out, c.tables))
			for _, want := range c.want {
				require.Contains(t, out.String(), want)
			}
		})
	}
}
