package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
)

// Server is what a store's server answered.
type Server struct {
	// AskedAt is when; zero if it never was.
	AskedAt time.Time
	Address string
	// ReachError, LoginError, LoginUnknown and LogError are why the next
	// thing could not be found out; see [tributary/sink/monitor/ladder.Server].
	ReachError, LoginError, LoginUnknown, LogError string

	LogBin           bool
	Format, RowImage string
	// Kept is how long binary logs are kept, 0 for ever or if unknown.
	Kept time.Duration
	// Logs are the binary logs from the oldest to the head.
	Logs []BinaryLog
	// Took is how long the conversation took.
	Took time.Duration
}

// BinaryLog is a line of SHOW BINARY LOGS.
type BinaryLog struct {
	Name string
	Size int64
}

// head is the newest log, empty if there is none.
func (a Server) head() BinaryLog {
	if len(a.Logs) == 0 {
		return BinaryLog{}
	}
	return a.Logs[len(a.Logs)-1]
}

// Servers asks stores' servers and remembers how their binary logs moved.
type Servers struct {
	// Timeout limits one store's conversation.
	Timeout time.Duration
	// Parallel is how many are asked at a time.
	Parallel int

	mu     sync.Mutex
	memory map[string]logMemory // by store
}

// logMemory is what is known of a store's binary log from earlier rounds.
type logMemory struct {
	head    BinaryLog
	movedAt time.Time
	// endedAt is when a log ceased to be the head.
	endedAt map[string]time.Time
}

// Ask asks the stores and returns their answers by their ids.
func (s *Servers) Ask(ctx context.Context, stores []fleet.Store) map[string]Server {
	answers := make(map[string]Server, len(stores))
	var wg sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, max(s.Parallel, 1))
	for _, store := range stores {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			answer := s.ask(ctx, store)
			mu.Lock()
			defer mu.Unlock()
			answers[store.ID] = answer
		})
	}
	wg.Wait()
	return answers
}

func (s *Servers) ask(ctx context.Context, store fleet.Store) Server {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	answer := Server{AskedAt: begin, Address: net.JoinHostPort(store.Host, strconv.Itoa(store.Port))}
	password, err := store.Password.Resolve()
	if err != nil {
		answer.LoginUnknown = "the password cannot be read here (" + err.Error() + ")"
		answer.ReachError = knock(ctx, answer.Address)
		return answer
	}
	connector, err := mysql.NewConnector(preflight.DriverConfig(store, password, s.Timeout))
	if err != nil {
		answer.LoginUnknown = err.Error()
		return answer
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		answer.refused(err)
		return answer
	}
	if err := answer.read(ctx, db); err != nil {
		answer.LogError = err.Error()
	}
	answer.Took = time.Since(begin)
	s.remember(store.ID, answer)
	return answer
}

// refused parts a line that is dead from a server that says no. A server that
// takes the connection and says nothing (it is frozen, or a proxy stands before
// nothing) is as good as out of reach.
func (a *Server) refused(err error) {
	var network *net.OpError
	var server *mysql.MySQLError
	switch {
	case errors.As(err, &server):
		a.LoginError = err.Error()
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded), errors.Is(err, mysql.ErrInvalidConn):
		a.ReachError = err.Error()
	default:
		a.LoginError = err.Error()
	}
}

// knock only opens a connection.
func knock(ctx context.Context, address string) (refusal string) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err.Error()
	}
	_ = conn.Close()
	return ""
}

// read asks the two questions.
func (a *Server) read(ctx context.Context, db *sql.DB) error {
	variables, err := readPairs(ctx, db, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin','binlog_format',"+
		"'binlog_row_image','binlog_expire_logs_seconds','binlog_expire_logs_auto_purge','expire_logs_days')")
	if err != nil {
		return err
	}
	a.LogBin = strings.EqualFold(variables["log_bin"], "ON")
	a.Format, a.RowImage = variables["binlog_format"], variables["binlog_row_image"]
	a.Kept = kept(variables)
	if !a.LogBin {
		return nil
	}
	rows, err := db.QueryContext(ctx, "SHOW BINARY LOGS")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		var log BinaryLog
		into := []any{&log.Name, &log.Size}
		for range len(columns) - len(into) { // Encrypted, since MySQL 8.0.14
			into = append(into, new(sql.RawBytes))
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		a.Logs = append(a.Logs, log)
	}
	return rows.Err()
}

// kept is how long the server keeps its binary logs, 0 for ever. Servers have
// one of two variables, or both, of which the seconds count (MySQL manual,
// "Binary Logging Options and Variables").
func kept(variables map[string]string) time.Duration {
	if strings.EqualFold(variables["binlog_expire_logs_auto_purge"], "OFF") {
		return 0
	}
	if seconds, err := strconv.ParseFloat(variables["binlog_expire_logs_seconds"], 64); err == nil {
		return time.Duration(seconds * float64(time.Second))
	}
	days, err := strconv.ParseFloat(variables["expire_logs_days"], 64)
	if err != nil {
		return 0
	}
	return time.Duration(days * 24 * float64(time.Hour))
}

func readPairs(ctx context.Context, db *sql.DB, query string) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	pairs := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("reading variables: %w", err)
		}
		pairs[name] = value
	}
	return pairs, rows.Err()
}

// remember compares the head with the last one.
func (s *Servers) remember(store string, a Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil {
		s.memory = map[string]logMemory{}
	}
	was, known := s.memory[store]
	now := logMemory{head: a.head(), movedAt: was.movedAt, endedAt: map[string]time.Time{}}
	for _, log := range a.Logs {
		if at, ok := was.endedAt[log.Name]; ok {
			now.endedAt[log.Name] = at // those that are gone are forgotten
		}
	}
	if known && was.head != now.head {
		now.movedAt = a.AskedAt
		if was.head.Name != now.head.Name {
			now.endedAt[was.head.Name] = a.AskedAt
		}
	}
	s.memory[store] = now
}

// margin says how long the binary log a connector reads will still be kept, as
// far as it is known: the log's time runs from when it ceased to be the head.
func (s *Servers) margin(store string, a Server, file string, now time.Time) (left time.Duration, known bool) {
	if a.Kept <= 0 || file == "" {
		return 0, false
	}
	if a.head().Name == file {
		return a.Kept, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ended, ok := s.memory[store].endedAt[file]
	if !ok {
		return 0, false
	}
	return max(0, ended.Add(a.Kept).Sub(now)), true
}

func (s *Servers) movedAt(store string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory[store].movedAt
}

// isOlder compares the names of binary logs by their number, which has six
// digits at least.
func isOlder(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
