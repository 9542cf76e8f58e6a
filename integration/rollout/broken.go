package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/debezium/preflight"
	"tributary/integration/stack"
)

// sick is a store that must be turned away, with the check that must say so.
type sick struct{ line, check string }

// broken puts a store of each broken kind into the inventory: the preflight
// must name what is wrong with it, and apply must register none of them and
// keep the others flowing.
func (r *run) broken(ctx context.Context) error {
	cases, stop, err := r.sickStores(ctx)
	defer stop()
	if err != nil {
		return err
	}
	var lines []string
	for _, c := range cases {
		lines = append(lines, c.line)
	}
	path, err := r.write("broken.yaml", r.inventory(lines...))
	if err != nil {
		return err
	}
	a, err := r.expect(ctx, 1, path, "preflight", "--output", "json", "--connect-timeout", "1s")
	if err != nil {
		return err
	}
	var reports []preflight.Report
	if err := json.Unmarshal([]byte(a.out), &reports); err != nil {
		return fmt.Errorf("reading the reports: %w", err)
	}
	if err := r.judge(reports[len(r.lines):], cases); err != nil {
		return err
	}
	for _, report := range reports[:len(r.lines)] {
		if !report.Passed() {
			return fmt.Errorf("the sound store %s fails: %v", report.Store, report.Failed())
		}
	}
	begin := time.Now()
	a, err = r.expect(ctx, 1, path, "connectors", "apply", "--connect-timeout", "1s")
	if err != nil {
		return err
	}
	all, err := r.client.Fleet(ctx)
	if err != nil {
		return err
	}
	if len(all) != len(r.lines) || strings.Count(a.out, "refused ") != len(cases) {
		return fmt.Errorf("%d connectors for %d sound stores; apply said:\n%s%s", len(all), len(r.lines), a.out, a.errs)
	}
	r.say("%d broken stores asked in %s, none registered (apply took %s)", len(cases), a.took.Round(10*time.Millisecond), time.Since(begin).Round(10*time.Millisecond))
	return r.duplicate(ctx)
}

func (r *run) judge(reports []preflight.Report, cases []sick) error {
	for i, c := range cases {
		finding, ok := reports[i].Finding(c.check)
		if !ok || finding.Verdict != preflight.Fail || finding.Remedy == "" {
			return fmt.Errorf("store %s should fail %s, and fails %v: %+v", reports[i].Store, c.check, reports[i].Failed(), finding)
		}
		r.say("  %-12s FAIL %s: %s", reports[i].Store, c.check, finding.Evidence)
	}
	return nil
}

// duplicate gives two stores one server id, which the inventory itself must
// refuse with the place.
func (r *run) duplicate(ctx context.Context) error {
	path, err := r.write("duplicate.yaml", r.inventory(
		`{id: twin-1, port: 1, server_id: 77}`, `{id: twin-2, port: 2, server_id: 77}`))
	if err != nil {
		return err
	}
	a, err := r.expect(ctx, 2, path, "connectors", "apply")
	if err != nil {
		return err
	}
	if !strings.Contains(a.errs, "duplicate.yaml:") || !strings.Contains(a.errs, "server id 77") {
		return errors.New("a server id given twice is not named: " + a.errs)
	}
	return nil
}

// sickStores makes the broken stores. stop ends their servers, whatever of
// them was started.
func (r *run) sickStores(ctx context.Context) (cases []sick, stop func(), err error) {
	var bare, statements, sound *stack.MySQL
	start := func(into **stack.MySQL, o stack.MySQLOptions) func() error {
		return func() (err error) {
			*into, err = r.ground.stack.MySQL(ctx, o)
			return err
		}
	}
	stop = func() {
		for _, m := range []*stack.MySQL{bare, statements, sound} {
			if m != nil {
				_ = m.Stop(context.WithoutCancel(ctx)) // the stack's end would stop it too
			}
		}
	}
	var group errgroup.Group
	group.Go(start(&bare, stack.MySQLOptions{Name: "no-binlog"}))
	group.Go(start(&statements, stack.MySQLOptions{Name: "statements", Binlog: true, Args: []string{"--binlog-format=STATEMENT"}}))
	group.Go(start(&sound, stack.MySQLOptions{Name: "sound", Binlog: true}))
	if err := group.Wait(); err != nil {
		return nil, stop, err
	}
	for _, m := range []*stack.MySQL{bare, statements, sound} {
		if err := prepareSick(ctx, m); err != nil {
			return nil, stop, err
		}
	}
	secrets := r.secrets() + ".wrong"
	if err := os.WriteFile(secrets, []byte("password=wrong\n"), 0o600); err != nil {
		return nil, stop, fmt.Errorf("writing the wrong password: %w", err)
	}
	line := func(id string, port int, more string) string {
		if !strings.Contains(more, "schemas:") {
			more += ", schemas: [shop]"
		}
		return fmt.Sprintf("{id: %s, port: %d, tables: [sales]%s}", id, port, more)
	}
	// 192.0.2.0/24 is nobody's (RFC 5737).
	return []sick{
		{line("no-binlog", bare.Port(), ""), "log-bin"},
		{line("statements", statements.Port(), ""), "binlog-format"},
		{line("privileges", sound.Port(), ", user: reader"), "privileges"},
		{line("password", sound.Port(), ", password: {file: "+secrets+", key: password}"), "login"},
		{line("unreachable", 3306, ", host: 192.0.2.1"), "reach"},
		{line("same-id", sound.Port(), fmt.Sprintf(", server_id: %d", sound.Port())), "server-id"},
		{line("keyless", sound.Port(), ", schemas: [keyless]"), "primary-keys"},
	}, stop, nil
}

func prepareSick(ctx context.Context, m *stack.MySQL) error {
	if err := m.GrantDebezium(ctx, captureUser, password); err != nil {
		return err
	}
	if err := m.CreateUser(ctx, "reader", password, "SELECT ON *.*"); err != nil {
		return err
	}
	db, err := m.DB()
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE DATABASE shop", "CREATE TABLE shop.sales (id INT PRIMARY KEY)",
		"CREATE DATABASE keyless", "CREATE TABLE keyless.sales (id INT)",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("preparing a broken store: %w", err)
		}
	}
	return nil
}
