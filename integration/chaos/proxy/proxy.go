package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Proxy relays connections to one target. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex // guards what follows
	target string
	links  map[*link]bool
	cut    bool
	flow   chan struct{} // not nil while stalled; closed when bytes flow again
	delay  time.Duration
	closed bool
	swaps  [][2][]byte // what is sent to the target, and what in its place
}

// Listen returns a proxy on a free port of the loopback. It refuses connections
// until Forward names a target.
func Listen() (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	p := &Proxy{listener: listener, links: map[*link]bool{}}
	p.running.Go(p.serve)
	return p, nil
}

// Addr is where the proxy listens: "127.0.0.1:port".
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Forward says where new connections lead to.
func (p *Proxy) Forward(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Cut resets all connections and refuses new ones, until Heal.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for l := range p.links {
		l.end()
	}
}

// Stall lets no byte pass, until Heal. Connections stay open, new ones are
// accepted and not answered, and what was sent arrives in the end: a network
// that loses every packet for a while.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flow == nil {
		p.flow = make(chan struct{})
	}
}

// Slow makes every piece of data wait, in both directions, until Heal.
func (p *Proxy) Slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// Rewrite changes what is sent to the target: wherever the text stands in one
// piece, another of the same length, padded with spaces. It is for tests that need
// a part of what is said left unsaid, and may be called for several parts.
func (p *Proxy) Rewrite(text, with []byte) error {
	if len(text) == 0 || len(with) > len(text) {
		return errors.New("rewriting: there is no room for the other text")
	}
	with = append(bytes.Clone(with), bytes.Repeat([]byte(" "), len(text)-len(with))...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swaps = append(slices.Clip(p.swaps), [2][]byte{text, with})
	return nil
}

// rewritten is a piece as it is sent on.
func (p *Proxy) rewritten(piece []byte) []byte {
	p.mu.Lock()
	swaps := p.swaps
	p.mu.Unlock()
	for _, swap := range swaps {
		piece = bytes.ReplaceAll(piece, swap[0], swap[1])
	}
	return piece
}

// Strand closes the target's end of the connections there are and keeps the
// other end open for good, silent: half-open connections, as a firewall or a
// dead host leaves behind. New connections work.
func (p *Proxy) Strand() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.strand()
	}
}

// Heal ends Cut, Stall and Slow.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.delay = false, 0
	if p.flow != nil {
		close(p.flow)
		p.flow = nil
	}
}

// Close ends everything and waits for it.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	for l := range p.links {
		l.end()
	}
	p.mu.Unlock()
	err := p.listener.Close()
	p.running.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (p *Proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.running.Go(func() { p.relay(near) })
	}
}

// relay serves one connection to its end.
func (p *Proxy) relay(near net.Conn) {
	l := &link{near: near, done: make(chan struct{})}
	defer l.end()
	target, ok := p.admit(l)
	if !ok {
		return
	}
	defer p.forget(l)
	if !p.pass(l) {
		return
	}
	far, err := net.DialTimeout("tcp", target, dialLimit)
	if err != nil || !l.attach(far) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { p.pump(l, far, near) })
	p.pump(l, near, far)
	back.Wait()
}

const dialLimit = 5 * time.Second

func (p *Proxy) admit(l *link) (target string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.cut || p.target == "" {
		return "", false
	}
	p.links[l] = true
	return p.target, true
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// pass waits until bytes may flow; false if the link ended meanwhile.
func (p *Proxy) pass(l *link) bool {
	for {
		p.mu.Lock()
		flow, delay := p.flow, p.delay
		p.mu.Unlock()
		if flow == nil {
			return l.wait(delay)
		}
		select {
		case <-flow:
		case <-l.done:
			return false
		}
	}
}

// pump carries bytes one way, until an end is gone.
func (p *Proxy) pump(l *link, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		if !p.pass(l) {
			return
		}
		piece := buffer[:n]
		if from == l.near {
			piece = p.rewritten(piece)
		}
		if _, err := to.Write(piece); err != nil && !l.isStranded() {
			break
		}
	}
	// A stranded link ends when its near end gives up, not before.
	if from == l.near || !l.isStranded() {
		l.end()
	}
}
