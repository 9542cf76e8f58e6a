package tables

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A store's table that is called like one of the sink's own is not written there.
func TestFitRefusesOwnTables(t *testing.T) {
	for _, name := range []string{"tributary_ledger", "tributary_dead_letters", "tributary_versions"} {
		_, _, err := (&Keeper{}).Fit(t.Context(), name, nil, nil, false)
		require.ErrorContains(t, err, "is the sink's own", name)
	}
}
