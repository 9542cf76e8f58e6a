package stack

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/stack/process"
)

func TestFreePorts(t *testing.T) {
	ports, err := freePorts(5)
	require.NoError(t, err)
	seen := map[int]bool{}
	first := firstEphemeral()
	for _, port := range ports {
		require.False(t, seen[port], "ports differ")
		seen[port] = true
		if first-lowestPort >= portsNeeded {
			require.Less(t, port, first, "the kernel may give away a port of its own range")
			require.GreaterOrEqual(t, port, lowestPort)
		}
		listener, err := net.Listen("tcp", address(port))
		require.NoError(t, err)
		require.NoError(t, listener.Close())
	}
}

func TestListenBelowLeavesChoiceToTheKernel(t *testing.T) {
	listener, err := listenBelow(lowestPort + 1) // no room below
	require.NoError(t, err)
	require.NoError(t, listener.Close())
}

func TestOnFreePorts(t *testing.T) {
	taken := &process.StartError{Name: "mysql", PortTaken: true, Err: errors.New("it ended at once")}
	other := &process.StartError{Name: "mysql", Err: errors.New("it ended at once")}
	tests := map[string]struct {
		wanted []int
		fail   []error
		tries  int
		err    error
	}{
		"at once":           {nil, nil, 1, nil},
		"taken once":        {nil, []error{taken}, 2, nil},
		"taken every time":  {nil, []error{taken, taken, taken, taken}, startTries, taken},
		"another reason":    {nil, []error{other}, 1, other},
		"wanted":            {[]int{3306}, nil, 1, nil},
		"wanted, but taken": {[]int{3306}, []error{taken}, 1, taken},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got [][]int
			err := onFreePorts(t.Context(), test.wanted, 1, func(ports []int) error {
				got = append(got, ports)
				if len(got) <= len(test.fail) {
					return test.fail[len(got)-1]
				}
				return nil
			})
			require.ErrorIs(t, err, test.err)
			require.Len(t, got, test.tries)
			if test.wanted != nil {
				require.Equal(t, test.wanted, got[0])
			}
		})
	}

	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := onFreePorts(ctx, nil, 1, func([]int) error {
		tries++
		cancel()
		return taken
	})
	require.ErrorIs(t, err, taken)
	require.Equal(t, 1, tries)
}

// TestPortTaken starts a real server on a port somebody listens on: its words
// for that must be known.
func TestPortTaken(t *testing.T) {
	for _, flavor := range []Flavor{FlavorMySQL, FlavorMariaDB} {
		t.Run(flavor.String(), func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer func() { require.NoError(t, listener.Close()) }()
			port := listener.Addr().(*net.TCPAddr).Port
			_, err = StartMySQL(t.Context(), "", MySQLOptions{Flavor: flavor, Port: port}, nil)
			var failed *process.StartError
			require.ErrorAs(t, err, &failed)
			require.True(t, failed.PortTaken, failed.Tail)
		})
	}
}
