package central

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/schema"
)

func TestLockNames(t *testing.T) {
	long := make([]byte, 64)
	for i := range long {
		long[i] = 'x'
	}
	seen := map[string]bool{}
	for _, pair := range [][2]string{{"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "B"}, {string(long), string(long)}} {
		name := lockName(pair[0], pair[1])
		require.LessOrEqual(t, len(name), 64, "what GET_LOCK allows")
		require.False(t, seen[name])
		seen[name] = true
	}
}

func TestErrorClasses(t *testing.T) {
	wrapped := func(number uint16) error {
		return fmt.Errorf("changing: %w", &mysql.MySQLError{Number: number})
	}
	for _, number := range []uint16{1050, 1054, 1060, 1146, 1412} {
		require.True(t, overtaken(wrapped(number)), number)
		require.False(t, denied(number))
	}
	for _, number := range []uint16{1044, 1142, 1143, 1227} {
		require.True(t, denied(number), number)
		require.False(t, overtaken(wrapped(number)))
	}
	require.False(t, overtaken(errors.New("1050")))
	require.False(t, overtaken(wrapped(1205)))
}

func TestPrivilegeError(t *testing.T) {
	denied := &PrivilegeError{Table: "t", SQL: "ALTER", Err: &mysql.MySQLError{Number: 1142, Message: "no"}}
	var server *mysql.MySQLError
	require.ErrorAs(t, denied, &server)
}

func TestModes(t *testing.T) {
	create, alter := schema.Change{Creates: true}, schema.Change{}
	require.True(t, Evolve.allows(create) && Evolve.allows(alter))
	require.True(t, CreateOnly.allows(create))
	require.False(t, CreateOnly.allows(alter))
	require.False(t, CheckOnly.allows(create) || CheckOnly.allows(alter))
}
