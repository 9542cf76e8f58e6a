package sink

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap"

	"tributary/schema"
	"tributary/schema/literal"
	"tributary/sink/writer"
)

// connectors returns the driver's configuration for the writer's sessions and
// for the control connections, which read the ledger and change tables.
func (c *Config) connectors() (data, control *mysql.Config) {
	data = c.central.Clone()
	data.MultiStatements = false
	data.InterpolateParams = false
	data.ClientFoundRows = false // the ledger counts rows that changed
	data.MaxAllowedPacket = 1 << 30
	data.Logger = &mysql.NopLogger{} // errors are returned, and logged once
	if data.Timeout == 0 {
		data.Timeout = 10 * time.Second
	}
	// Behind the statements' own deadlines, for a connection that hangs.
	data.ReadTimeout = c.StatementTimeout + 5*time.Second
	data.WriteTimeout = c.StatementTimeout
	control = data.Clone()
	control.InterpolateParams = true // one round trip for a question, not three
	if control.Params == nil {
		control.Params = make(map[string]string)
	}
	control.Params["time_zone"] = "'+00:00'"
	control.Params["sql_mode"] = "'" + literal.SQLMode + "'"
	control.Collation = "utf8mb4_bin"
	return data, control
}

// waitForCentral returns the server's dialect, waiting for as long as it cannot
// be reached. A login or database that is refused is an error: no waiting cures
// it.
func waitForCentral(ctx context.Context, db *sql.DB, log *zap.Logger) (schema.Dialect, error) {
	var last error
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		var version string
		limited, cancel := context.WithTimeout(ctx, 15*time.Second)
		err := db.QueryRowContext(limited, "SELECT VERSION()").Scan(&version)
		cancel()
		if err == nil {
			return schema.ParseDialect(version)
		}
		var server *mysql.MySQLError
		if errors.As(err, &server) && writer.Classify(err) == writer.Environment {
			return schema.Dialect{}, fmt.Errorf("%sCENTRAL_DSN: the central database refuses us (correct user, password and database there, or make them: deploy/central): %w", Prefix, err)
		}
		if last != nil && ctx.Err() != nil {
			err = last // which says more than that this try was cut short
		}
		last = err
		log.Warn("the central database cannot be reached, waiting for it", zap.Error(err), zap.Duration("next_try", pause))
		if ended := wait(ctx, pause); ended != nil {
			return schema.Dialect{}, fmt.Errorf("%w (%w)", err, ended)
		}
	}
}

// passes reports whether an error of the start will pass by itself: the server
// is away, busy or read-only.
func passes(err error) bool {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		class := writer.Classify(err)
		return class == writer.Transient || class == writer.Locked || class == writer.ReadOnly
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn)
}

// wait returns the context's cause if that ends first.
func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause):
		return nil
	}
}
