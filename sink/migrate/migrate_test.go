package migrate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for comment, want := range map[string]state{
		"tributary ledger v1: offsets":                {true, 1, 1},
		"tributary dead letters v12: events":          {true, 12, 12},
		"tributary ledger v3 from v2: offsets":        {true, 3, 2},
		"tributary ledger v999999999 from v1: far on": {true, 999999999, 1},
	} {
		got, ok := parse(comment)
		require.True(t, ok, comment)
		require.Equal(t, want, got, comment)
	}
	for _, comment := range []string{
		"", "offsets", "tributary ledger: offsets", "tributary ledger v0: offsets", "tributary ledger v1",
		"tributary ledger v1 from v0: offsets", "tributary ledger v1 from 1: offsets", "a tributary ledger v1: offsets",
		"tributary ledger v99999999999999999999: offsets",
	} {
		_, ok := parse(comment)
		require.False(t, ok, comment)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	require.EqualError(t, &NewerError{Table: "tributary_ledger", Version: 4, Oldest: 3, Known: 1},
		"tributary_ledger was made by a newer tributary (it is at version 4, for programs that know version 3; this one knows 1):"+
			" run that tributary or a newer one; nothing was changed")
	require.ErrorContains(t, &UnmarkedError{Table: "tributary_ledger", Comment: "mine"}, `its COMMENT is "mine"`)
}
