package debezium

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidateNames(t *testing.T) {
	for _, good := range []string{"0047", "prod", "Brno-2", "a_b", "_", "-", strings.Repeat("x", MaxNameLength)} {
		require.NoError(t, ValidateStore(good), good)
		require.NoError(t, ValidateEnvironment(good), good)
	}
	for bad, reason := range map[string]string{
		"":                                   "is empty",
		"a.b":                                "contains a dot",
		"two pos":                            "not allowed, at byte 4",
		"účet":                               "not allowed, at byte 1",
		"a\x00":                              "not allowed, at byte 2",
		"a/b":                                "not allowed",
		strings.Repeat("x", MaxNameLength+1): "longer than 48",
	} {
		err := ValidateStore(bad)
		require.ErrorContains(t, err, reason)
		require.ErrorContains(t, err, "store id")
		require.NotEmpty(t, Hint(err))
		require.ErrorContains(t, ValidateEnvironment(bad), "environment")
	}
	require.NoError(t, ValidateStore("__x"))
	require.ErrorContains(t, ValidateEnvironment("__x"), "begins with two underscores")
	require.NotEmpty(t, Hint(ValidateEnvironment("__x")))
}

// The longest names fit a topic's name with the longest names of MySQL.
func TestNamesFitATopic(t *testing.T) {
	longest := Topic{
		Environment: strings.Repeat("e", MaxNameLength),
		Store:       strings.Repeat("s", MaxNameLength),
		Schema:      strings.Repeat("d", 64),
		Table:       strings.Repeat("t", 64),
	}
	require.LessOrEqual(t, len(longest.String()), 249)
}
