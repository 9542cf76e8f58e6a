// Command bench measures how fast change events reach the central database:
// the sink, Debezium's JDBC sink at its best and as shipped, and the database
// by itself, in turn, on the same events, on this machine.
//
// It starts Kafka, MySQL and the contestants itself (see package stack), makes
// the events (see package events), and checks every contestant's table against
// rows that were written without any of them. Results go to a table on standard
// output and, with every single run, to a JSON file.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is what can be asked for.
type cli struct {
	Quick  bool     `help:"About three minutes: fewer events, one round, no run beyond 200 topics."`
	Only   []string `help:"Runs to make: ${runs}. All if empty." sep:","`
	Events int      `help:"Events to catch up on; 600000, 200000 with --quick."`
	Rounds int      `help:"How often each contestant runs; 3, 1 with --quick."`
	Topics []int    `help:"Numbers of topics that growth and replicas measure." default:"200,2400,10000"`
	Dir    string   `help:"Folder for the stack's data. Events made there are used again. A temporary one if empty." type:"path"`
	Out    string   `help:"File for the results." default:"bench.json" type:"path"`

	Binary   string   `help:"A sink that is built already." type:"path"`
	Set      []string `help:"Settings of the sink, NAME=VALUE." sep:"none"`
	Versus   string   `help:"A second build of the sink, measured in turn with the first." type:"path"`
	VersusAs []string `help:"Settings of the second sink." sep:"none"`
	Profile  string   `help:"Folder for CPU profiles of the sink, one for each run of it." type:"path"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var options cli
	kong.Parse(&options, kong.Name("bench"), kong.UsageOnError(), kong.Vars{"runs": runNames()},
		kong.Description("Measure the sink against Debezium's JDBC sink and the database alone."))
	if err := run(ctx, options); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}
