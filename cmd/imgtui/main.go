// Command imgtui shows what is in a container image, layer by layer.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder/embed"
)

// grace is how long after an interrupt the program may take to end by itself.
// A read of a pipe that nobody writes to never would.
const grace = time.Second

func main() {
	if embed.Main() { // this process is an engine, or was
		return
	}
	layers.HoldGarbage()
	// A write to a pipe that nobody reads is to fail, not to kill. Programs that
	// are started from here do not inherit this, as they would an ignored signal.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ended := context.AfterFunc(ctx, func() {
		stop() // a second interrupt kills
		time.AfterFunc(grace, func() { os.Exit(interrupts) })
	})
	cobra.EnableCommandSorting = false // help lists them as the table does
	p := program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	code := p.run(ctx, os.Args[1:])
	ended()
	stop()
	os.Exit(code)
}

// program is imgtui with its streams: tests give it others.
type program struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

// run carries out a command line and returns the exit code.
func (p program) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			code = p.fail(ctx, internal(r))
		}
	}()
	out := &output{to: p.out}
	p.out = out
	root := p.tree()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.err
	}
	return p.fail(ctx, err)
}
