package monitor

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// dashboard is what Grafana needs of one (its "Dashboard JSON model").
type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []panel
}

type panel struct {
	ID          int
	Title, Type string
	Description string
	Datasource  struct{ Type, UID string }
	GridPos     place
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct {
		RefID      string
		Expr       string
		Datasource struct{ UID string }
	}
}

// place is a rectangle on Grafana's grid, which is 24 columns wide.
type place struct{ X, Y, W, H int }

func (p place) overlaps(o place) bool {
	return p.X < o.X+o.W && o.X < p.X+p.W && p.Y < o.Y+o.H && o.Y < p.Y+p.H
}

var variable = regexp.MustCompile(`\$\{?([A-Za-z]\w*)\}?`)

// TestDashboardsLoad holds the dashboards against what Grafana's import asks for
// and what makes them usable: no two with one uid, no panels over one another,
// no variable that is not declared.
func TestDashboardsLoad(t *testing.T) {
	paths, err := filepath.Glob(deploy + "/grafana/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	uids := map[string]string{}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var d dashboard
			require.NoError(t, json.Unmarshal(read(t, "grafana/"+filepath.Base(path)), &d))
			require.NotEmpty(t, d.Title)
			require.Regexp(t, `^[a-z-]{3,40}$`, d.UID)
			require.Empty(t, uids[d.UID], "another dashboard has the uid")
			uids[d.UID] = path
			require.GreaterOrEqual(t, d.SchemaVersion, 36, "the first with data sources by uid")
			variables := []string{}
			for _, v := range d.Templating.List {
				variables = append(variables, v.Name)
			}
			require.Contains(t, variables, "datasource", "who imports it chooses the Prometheus")
			checkPanels(t, d.Panels, variables)
		})
	}
}

func checkPanels(t *testing.T, panels []panel, variables []string) {
	t.Helper()
	require.NotEmpty(t, panels)
	ids := map[int]bool{}
	for i, p := range panels {
		require.NotEmpty(t, p.Title)
		require.NotEmpty(t, p.Description, "%s: who looks at it was not there when it was made", p.Title)
		require.Contains(t, []string{"stat", "table", "timeseries"}, p.Type, p.Title)
		require.False(t, ids[p.ID], "%s: its id is another panel's", p.Title)
		ids[p.ID] = true
		require.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		require.True(t, p.GridPos.X >= 0 && p.GridPos.W > 0 && p.GridPos.H > 0 && p.GridPos.X+p.GridPos.W <= 24, "%s: %+v", p.Title, p.GridPos)
		require.False(t, slices.ContainsFunc(panels[:i], func(o panel) bool { return p.GridPos.overlaps(o.GridPos) }), "%s lies over another", p.Title)
		if p.Type != "table" {
			require.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		}
		require.NotEmpty(t, p.Targets, p.Title)
		refs := map[string]bool{}
		for _, target := range p.Targets {
			require.NotEmpty(t, target.Expr, p.Title)
			require.Regexp(t, `^[A-Z]$`, target.RefID, p.Title)
			require.False(t, refs[target.RefID], "%s: %s is there twice", p.Title, target.RefID)
			refs[target.RefID] = true
			require.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
			for _, use := range variable.FindAllStringSubmatch(target.Expr, -1) {
				require.Contains(t, variables, use[1], "%s: %s", p.Title, target.Expr)
			}
		}
	}
}
