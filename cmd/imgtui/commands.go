package main

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model"
)

// command is a row of the table: help, completion, man page and README are
// read off it.
type command struct {
	name, args, does string
	min, max         int // how many arguments; max −1 is any number
	flags            func(*pflag.FlagSet, *options)
	run              func(*call) error
	long             string
	document         any // the zero value of what --json writes; nil where it writes none, or docker's lines
}

// options are the flags of all commands.
type options struct {
	platform, pull, choose, theme string
	insecure, noMouse, json, live bool
	verify, noCache               bool
	step                          int
	// of single commands
	format                string
	noTrunc, human, quiet bool
	bytes, markdown       bool
	depth                 int
	// of a Dockerfile
	file, target, was, image, rev string
	buildArgs                     []string
	// of a build, and of what leaves
	build building
	dest  string
	// of the cache
	all  bool
	most size
}

// call is one command being run.
type call struct {
	program
	*cobra.Command
	*options
	args     []string
	platform model.Platform
	debug    *slog.Logger
}

// tree builds the command line from the table.
func (p program) tree() *cobra.Command {
	var root *cobra.Command
	for i, c := range commands() {
		cmd := p.cobra(c)
		if i == 0 {
			root = cmd
			continue
		}
		root.AddCommand(cmd)
		if c.name == "help" {
			root.SetHelpCommand(cmd)
		}
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.Version = thisVersion().Version
	root.SetVersionTemplate("imgtui {{.Version}}\n")
	return root
}

func (p program) cobra(c command) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use: strings.TrimSpace(c.name + " " + c.args), Short: c.does, Long: c.does + "." + paragraph(c.long),
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error { return c.count(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error { return p.call(c, cmd, o, args) },
	}
	cmd.SetIn(p.in)
	cmd.SetOut(p.out)
	cmd.SetErr(p.err)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &usageError{err.Error(), "imgtui " + strings.TrimPrefix(c.name+" ", "imgtui ") + "--help lists the flags"}
	})
	if c.flags != nil {
		c.flags(cmd.Flags(), o)
	}
	c.complete(cmd)
	return cmd
}

func paragraph(s string) string {
	if s == "" {
		return ""
	}
	return "\n\n" + s
}

func (c command) count(cmd *cobra.Command, args []string) error {
	if len(args) >= c.min && (c.max < 0 || len(args) <= c.max) {
		return nil
	}
	if c.name == "imgtui" {
		return unknown(cmd, args[0])
	}
	what := "too many arguments"
	if len(args) < c.min {
		what = "too few arguments"
	}
	return &usageError{c.name + ": " + what, "usage: " + c.usage()}
}

// unknown says that there is no such command: what is no command is an image,
// and only one is shown at a time.
func unknown(root *cobra.Command, name string) error {
	hint := "imgtui --help lists the commands; imgtui IMAGE shows one image, imgtui diff A B compares two"
	if like := root.SuggestionsFor(name); len(like) > 0 {
		hint = "there is " + strings.Join(like, ", ")
	}
	return &usageError{"no command " + name, hint}
}

func (c command) usage() string {
	return strings.TrimSpace("imgtui " + strings.TrimPrefix(c.name+" ", "imgtui ") + c.args)
}

func (p program) call(c command, cmd *cobra.Command, o *options, args []string) error {
	debug, end, err := p.debugLog()
	if err != nil {
		return err
	}
	defer end()
	x := &call{program: p, Command: cmd, options: o, args: args, debug: debug}
	if o.platform != "" {
		if x.platform, err = model.ParsePlatform(o.platform); err != nil {
			return &usageError{err.Error(), "for example --platform linux/arm64"}
		}
	}
	return c.run(x)
}

// The groups of flags that commands share.

func imageFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.platform, "platform", "", "which one of an image for several platforms: `os/arch[/variant]`")
	f.StringVar(&o.pull, "pull", "missing", "`when` to ask the registry: missing (no engine has the image), always or never")
	f.StringVar(&o.choose, "select", "", "which `image` of an archive that holds several: a tag, a digest or #0")
	f.BoolVar(&o.verify, "verify", false, "hold the layers of local files against their digests; all others are while they are read")
	f.BoolVar(&o.noCache, "no-cache", false, "read every layer, and keep nothing of them for the next time")
	f.BoolVar(&o.insecure, "insecure", false, "registries without TLS, or with a certificate that nobody vouches for")
}

func jsonFlag(f *pflag.FlagSet, o *options) { f.BoolVar(&o.json, "json", false, "one JSON document") }

func stepFlag(f *pflag.FlagSet, o *options) {
	o.step = -1
	f.Var((*number)(&o.step), "step", "row `N` of the history, from 0, the oldest; -1 is the newest")
}

// number is a whole number on the command line.
type number int

// String implements pflag.Value.
func (n *number) String() string { return strconv.Itoa(int(*n)) }

// Type implements pflag.Value.
func (n *number) Type() string { return "int" }

// Set implements pflag.Value.
func (n *number) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("want a whole number")
	}
	*n = number(v)
	return nil
}

// flags puts groups of flags together.
func flags(groups ...func(*pflag.FlagSet, *options)) func(*pflag.FlagSet, *options) {
	return func(f *pflag.FlagSet, o *options) {
		for _, g := range groups {
			g(f, o)
		}
	}
}
