package stack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"

	"tributary/integration/stack/process"
)

// Ports are taken from below the range the kernel gives to outgoing
// connections. A port of that range could be lost while its part is down: to
// any outgoing connection, and even to a client's own attempts to reconnect,
// since TCP on the loopback can connect a socket to itself.
const (
	lowestPort  = 20000
	portsNeeded = 1000 // below that the choice is left to the kernel
	portTries   = 100
)

// freePorts returns n different ports of 127.0.0.1 that nobody listens on. They
// are only likely to be free a moment later: see onFreePort.
func freePorts(n int) ([]int, error) {
	first := firstEphemeral()
	ports := make([]int, 0, n)
	for range n {
		listener, err := listenBelow(first)
		if err != nil {
			return nil, fmt.Errorf("looking for a free port: %w", err)
		}
		defer func() { _ = listener.Close() }() // held until all are chosen: they differ
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func listenBelow(first int) (net.Listener, error) {
	if first-lowestPort >= portsNeeded {
		for range portTries {
			listener, err := net.Listen("tcp", address(lowestPort+rand.IntN(first-lowestPort)))
			if err == nil {
				return listener, nil
			}
		}
	}
	return net.Listen("tcp", address(0))
}

// firstEphemeral is the lowest port of the kernel's own range, 0 if unknown.
func firstEphemeral() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0
	}
	var first, last int
	if _, err := fmt.Sscan(string(text), &first, &last); err != nil {
		return 0
	}
	return first
}

// startTries is how often a part is started on other ports when somebody takes
// the chosen ones in the moment before it listens.
const startTries = 3

// onFreePorts calls start with n free ports, and again with others while it
// fails because they are taken. Ports the caller wants are used as they are.
func onFreePorts(ctx context.Context, wanted []int, n int, start func(ports []int) error) error {
	if len(wanted) == n {
		return start(wanted)
	}
	for try := 1; ; try++ {
		ports, err := freePorts(n)
		if err != nil {
			return err
		}
		err = start(ports)
		var failed *process.StartError
		taken := errors.As(err, &failed) && failed.PortTaken
		if !taken || try == startTries || ctx.Err() != nil {
			return err
		}
	}
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
