// Command stack runs the real Kafka, Kafka Connect with Debezium and MySQL for
// development: make up, make status, make down.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Dir string `help:"Folder for data, logs and the record of what runs." default:".stack" env:"STACK_DIR" type:"path"`

	Up     upCmd     `cmd:"" help:"Start the stack; it stays when this command ends."`
	Down   downCmd   `cmd:"" help:"Stop the stack. Data stays, and so do the ports."`
	Status statusCmd `cmd:"" help:"Show what runs, where, and what it uses."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var commands cli
	command := kong.Parse(&commands,
		kong.Name("stack"),
		kong.Description("The real stack on this machine, without containers."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := command.Run(&commands); err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		stop()
		os.Exit(1)
	}
}
