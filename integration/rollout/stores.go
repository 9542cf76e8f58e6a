package rollout

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"tributary/integration/compare"
	"tributary/integration/pos"
)

// storeID is the id of the n-th store, counted from 0.
func storeID(n int) string { return fmt.Sprintf("%04d", n+1) }

// found makes the n-th store with goods, customers and sales of earlier days.
func (r *run) found(ctx context.Context, n int) (*pos.Store, error) {
	store, err := pos.Open(r.ground.servers[n%len(r.ground.servers)].DSN(""), storeID(n))
	if err != nil {
		return nil, err
	}
	if err := store.Create(ctx); err != nil {
		return store, err
	}
	return store, store.Stock(ctx, pos.Opening{Sales: 10, Seed: 1})
}

// foundAll makes the first stores, several at a time.
func (r *run) foundAll(ctx context.Context, n int) error {
	r.stores = make([]*pos.Store, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range n {
		group.Go(func() (err error) {
			r.stores[i], err = r.found(ctx, i)
			return err
		})
	}
	return group.Wait()
}

// sell lets every store change some rows.
func (r *run) sell(ctx context.Context, stores []*pos.Store, transactions int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, store := range stores {
		group.Go(func() error { return store.Sell(ctx, pos.Day{Seed: 2, Transactions: transactions}) })
	}
	return group.Wait()
}

// equal waits until the stores' rows are the central ones.
func (r *run) equal(ctx context.Context, stores []*pos.Store) error {
	var sides []compare.Store
	for _, store := range stores {
		sides = append(sides, compare.Store{ID: store.ID, DB: store.DB, Schema: store.Schema()})
	}
	report, err := compare.Eventually(ctx, compare.Central{DB: r.ground.db, Schema: centralSchema}, sides, compare.Options{})
	if err != nil {
		return err
	}
	r.say("%s", report.Verdict())
	if !report.Equal() {
		return fmt.Errorf("the central tables are not the stores': %s", report.Verdict())
	}
	return nil
}

// inventory is the text of stores.yaml for the stores and further lines.
func (r *run) inventory(lines ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, `environment: %s
kafka: {brokers: "%s"}
connect: {url: "%s", wave: %d}
topics: {replication: 1}
defaults:
  host: 127.0.0.1
  schemas: ["s{id}"]
  tables: [%s]
  user: %s
  password: {file: %s, key: password}
stores:
`, environment, r.ground.stack.Kafka.Addr(), r.ground.stack.ConnectURL(), r.options.Wave,
		strings.Join(pos.Tables(), ", "), captureUser, r.secrets())
	for _, line := range append(r.lines, lines...) {
		fmt.Fprintf(&text, "  - %s\n", line)
	}
	return text.String()
}

// line is a store's line in the inventory.
func (r *run) line(n int) string {
	return fmt.Sprintf("{id: %q, port: %d}", storeID(n), r.ground.servers[n%len(r.ground.servers)].Port())
}

func (r *run) secrets() string { return filepath.Join(r.ground.dir, "stores.properties") }

// write writes an inventory under a name and returns its path.
func (r *run) write(name, text string) (string, error) {
	path := filepath.Join(r.ground.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	return path, nil
}
