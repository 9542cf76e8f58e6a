package writer

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/puddle/v2"
)

// pool keeps sessions open and lends them out. Sessions have a short
// wait_timeout, so idle ones are renewed before the server hangs up.
type pool struct {
	sessions *puddle.Pool[*session]
	limits   Limits
	stop     context.CancelFunc
	renewer  sync.WaitGroup
}

// openLimit is how long the server may take to let a session in. A statement may
// work for longer; but a server that was frozen, or whose network broke, behind an
// open connection says nothing at all, and a transaction waits for each session
// that is being opened.
const openLimit = 15 * time.Second

func newPool(connector driver.Connector, size int, limits Limits) (*pool, error) {
	p := &pool{limits: limits}
	sessions, err := puddle.NewPool(&puddle.Config[*session]{
		Constructor: func(ctx context.Context) (*session, error) {
			limited, cancel := context.WithTimeout(ctx, openLimit)
			defer cancel()
			return dial(limited, connector, limits)
		},
		Destructor: func(s *session) { _ = s.conn.Close() },
		MaxSize:    int32(size),
	})
	if err != nil {
		return nil, fmt.Errorf("making the session pool: %w", err)
	}
	p.sessions = sessions
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.renewer.Go(func() { p.renew(ctx) })
	return p, nil
}

// acquire waits for a session.
func (p *pool) acquire(ctx context.Context) (*puddle.Resource[*session], error) {
	for {
		held, err := p.sessions.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		// After a suspended process or a stopped clock the renewer may be
		// late: such a session is dead or about to be.
		if time.Since(held.Value().touch) < p.limits.Idle*3/4 {
			return held, nil
		}
		held.Destroy()
	}
}

// renew pings the sessions that nobody uses, so that a quiet night does not
// turn every first batch into a reconnect.
func (p *pool) renew(ctx context.Context) {
	ticker := time.NewTicker(p.limits.Idle / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, held := range p.sessions.AcquireAllIdle() {
			s := held.Value()
			if time.Since(s.touch) < p.limits.Idle/4 {
				held.ReleaseUnused()
				continue
			}
			ping, cancel := context.WithTimeout(ctx, p.limits.Idle/4)
			_, err := s.exec(ping, []byte("DO 0"))
			cancel()
			if err != nil {
				held.Destroy()
				continue
			}
			held.Release()
		}
	}
}

// close ends all sessions; those lent out are ended when they come back.
func (p *pool) close() {
	p.stop()
	p.renewer.Wait()
	p.sessions.Close()
}
