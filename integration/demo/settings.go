package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"
)

// settings are the demo's environment variables.
type settings struct {
	// Stores is how many stores sell in the end; the last one joins while
	// the others are at it.
	Stores int `env:"STORES" envDefault:"5"`
	// Seconds is how long all of them sell; 0 means until Ctrl-C on a
	// terminal, and a minute elsewhere.
	Seconds int `env:"DEMO_SECONDS" envDefault:"0"`
	// Rate is how many rows a second all stores change together; 0 means
	// 100 for each, 500 at most: Debezium writes JSON on the same machine.
	Rate float64 `env:"RATE" envDefault:"0"`
	// Seed is what the stores' doings are drawn from.
	Seed uint64 `env:"SEED" envDefault:"1"`
	// Dir holds data and logs. It is emptied at the start, removed after a
	// good end and left after a bad one.
	Dir string `env:"DEMO_DIR"`
}

// mostStores is how many stores four-digit ids can tell apart.
const mostStores = 9999

func loadSettings(environ []string) (settings, error) {
	vars := map[string]string{}
	for _, entry := range environ {
		// `make` passes on what is empty; that is as good as not set.
		if name, value, _ := strings.Cut(entry, "="); value != "" {
			vars[name] = value
		}
	}
	var s settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: vars}); err != nil {
		return s, fmt.Errorf("reading the settings, of which STORES, DEMO_SECONDS, RATE and SEED are numbers: %w", err)
	}
	switch {
	case s.Stores < 1 || s.Stores > mostStores:
		return s, fmt.Errorf("STORES is %d; it must be between 1 and %d", s.Stores, mostStores)
	case s.Seconds < 0:
		return s, errors.New("DEMO_SECONDS must not be negative")
	case s.Rate < 0:
		return s, errors.New("RATE must not be negative")
	}
	if s.Rate == 0 {
		s.Rate = min(100*float64(s.Stores), 500)
	}
	if s.Dir == "" {
		s.Dir = filepath.Join(os.TempDir(), fmt.Sprintf("tributary-demo-%d", os.Getuid()))
	}
	return s, nil
}

// servers is how many MySQL servers the stores share.
func (s settings) servers() int {
	switch {
	case s.Stores == 1:
		return 1
	case s.Stores <= 100:
		return 2
	default:
		return 4
	}
}

// connectHeap is what the Connect worker's connectors need: 10 MB each when
// nothing is queued, and room for what is.
func (s settings) connectHeap() string {
	switch {
	case s.Stores <= 20:
		return "1g"
	case s.Stores <= 100:
		return "2g"
	default:
		return "3g"
	}
}
