package proxy

import (
	"net"
	"sync"
	"time"
)

// link is one connection through the proxy.
type link struct {
	near net.Conn      // to who connected
	done chan struct{} // closed at the end

	mu       sync.Mutex // guards what follows
	far      net.Conn   // to the target, nil before it is reached
	ended    bool
	stranded bool
}

// attach adds the far end, unless the link has ended meanwhile.
func (l *link) attach(far net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		_ = far.Close()
		return false
	}
	l.far = far
	if l.stranded {
		_ = far.Close()
	}
	return true
}

// strand closes the far end alone.
func (l *link) strand() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stranded = true
	if l.far != nil {
		_ = l.far.Close()
	}
}

func (l *link) isStranded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stranded
}

// end resets both ends: an orderly close would say goodbye, which a broken
// network does not.
func (l *link) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	close(l.done)
	reset(l.near)
	if l.far != nil {
		reset(l.far)
	}
}

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// wait waits; false if the link ended meanwhile.
func (l *link) wait(d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.done:
		return false
	}
}
