// Command fleet rolls a fleet of stores out on the real stack with tributary's
// own commands, and proves that they do what they promise: make fleet.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"tributary/integration/rollout"
)

type cli struct {
	Stores  int  `default:"200" env:"STORES" help:"How many stores."`
	Wave    int  `default:"10" env:"WAVE" help:"How many of them take their first snapshot at a time."`
	Verbose bool `short:"v" env:"VERBOSE" help:"Show what the commands print, too."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o cli
	kong.Parse(&o, kong.Name("fleet"), kong.Description("Roll a fleet of stores out, and prove that it stands."))
	begin := time.Now()
	err := rollout.Run(ctx, rollout.Options{Stores: o.Stores, Wave: o.Wave, Progress: os.Stdout, Verbose: o.Verbose})
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		stop()
		os.Exit(1)
	}
	fmt.Printf("all promises kept, in %s\n", time.Since(begin).Round(time.Second))
}
