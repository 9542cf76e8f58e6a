// Command chaos sells, breaks everything that can break, and proves that the
// central copy is exact: see package chaos. It is told what to do by environment
// variables: CHAOS_MINUTES (10; fractions are allowed), CHAOS_SEED (drawn, and
// printed), CHAOS_STORES (6), CHAOS_RATE (60 rows a second), CHAOS_REPLICAS (2),
// CHAOS_PROTOCOL (the replicas' group protocol, classic or consumer; an even seed means
// consumer, in which the brokers share the topics out), CHAOS_CLIENTS (Kafka clients of
// each replica; 1, or 2 by the protocol consumer), CHAOS_ONLY (names of faults, separated
// by commas; all) and CHAOS_DIR (a temporary folder, which stays if something was wrong).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"

	"tributary/integration/chaos"
)

type settings struct {
	Minutes  float64  `env:"CHAOS_MINUTES" envDefault:"10"`
	Seed     uint64   `env:"CHAOS_SEED"`
	Stores   int      `env:"CHAOS_STORES" envDefault:"6"`
	Rate     float64  `env:"CHAOS_RATE" envDefault:"60"`
	Replicas int      `env:"CHAOS_REPLICAS" envDefault:"2"`
	Protocol string   `env:"CHAOS_PROTOCOL"`
	Clients  int      `env:"CHAOS_CLIENTS"`
	Only     []string `env:"CHAOS_ONLY"`
	Dir      string   `env:"CHAOS_DIR"`
}

func main() {
	os.Exit(run())
}

// run returns the exit code: 0 if the copy is exact, 1 if it is not or could
// not be judged, 2 for a wrong setting.
func run() int {
	s, err := load(os.Environ())
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := prove(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	return 0
}

// load reads the settings. `make` passes on what is empty; that is as good as
// not set.
func load(environ []string) (settings, error) {
	vars := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); value != "" {
			vars[name] = value
		}
	}
	s, err := env.ParseAsWithOptions[settings](env.Options{Environment: vars})
	if err != nil {
		return s, fmt.Errorf("reading the settings: %w", err)
	}
	if s.Minutes <= 0 || s.Stores < 1 || s.Replicas < 1 || s.Rate <= 0 {
		return s, errors.New("CHAOS_MINUTES, CHAOS_STORES, CHAOS_RATE and CHAOS_REPLICAS must be above 0")
	}
	if s.Protocol != "" && s.Protocol != chaos.Classic && s.Protocol != chaos.Consumer {
		return s, fmt.Errorf("CHAOS_PROTOCOL must be %s or %s", chaos.Classic, chaos.Consumer)
	}
	if s.Clients < 0 {
		return s, errors.New("CHAOS_CLIENTS must not be below 0")
	}
	if s.Seed == 0 {
		s.Seed = uint64(time.Now().Unix())
	}
	return s, nil
}

func prove(ctx context.Context, s settings) (err error) {
	options := chaos.Options{
		Seed: s.Seed, Stores: s.Stores, Rate: s.Rate, Replicas: s.Replicas, Protocol: s.Protocol, Clients: s.Clients,
		Only: s.Only, Dir: s.Dir,
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	}
	fmt.Printf("%s runs the same faults again\n", options.Again())
	c, err := chaos.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.Run(ctx, time.Duration(s.Minutes*float64(time.Minute))); err != nil {
		return err
	}
	report, err := c.Judge(ctx, 3*time.Minute)
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	if len(report.Wrong) > 0 {
		return fmt.Errorf("the central copy is not exact; logs and data are in %s", c.Dir())
	}
	return nil
}
