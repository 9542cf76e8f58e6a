package sink

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// flaky refuses the first connection, and says nothing to any other.
type flaky struct{ tries int }

func (f *flaky) Driver() driver.Driver { return nil }

func (f *flaky) Connect(ctx context.Context) (driver.Conn, error) {
	if f.tries++; f.tries == 1 {
		return nil, errors.New("connection refused")
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestWaitForCentralSaysWhy gives the reason for which it has waited, and not that
// the last try was cut short.
func TestWaitForCentralSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sql.OpenDB(&flaky{})
		defer func() { require.NoError(t, db.Close()) }()
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errWaited)
		defer cancel()
		_, err := waitForCentral(ctx, db, zap.NewNop())
		require.EqualError(t, err, "connection refused (given up after 15 s)")
		require.ErrorIs(t, err, errWaited)
	})
}
