package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
)

// shells are those that completion writes a script for.
var shells = []struct {
	name  string
	write func(*cobra.Command, io.Writer) error
}{
	{"bash", func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) }},
	{"zsh", func(c *cobra.Command, w io.Writer) error { return c.GenZshCompletion(w) }},
	{"fish", func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) }},
	{"powershell", func(c *cobra.Command, w io.Writer) error { return c.GenPowerShellCompletionWithDesc(w) }},
}

func shellNames() (names []string) {
	for _, s := range shells {
		names = append(names, s.name)
	}
	return names
}

// completion writes a shell's completion script.
func (c *call) completion() error {
	for _, s := range shells {
		if s.name == c.args[0] {
			return s.write(c.Root(), c.out)
		}
	}
	return &usageError{"completion: no shell " + c.args[0], "there are " + strings.Join(shellNames(), ", ")}
}

// complete tells shells what can stand where: the images of the local engines,
// commands, and the values of flags.
func (c command) complete(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case c.name == "help" && len(args) == 0:
			return commandNames(), cobra.ShellCompDirectiveNoFileComp
		case c.name == "completion" && len(args) == 0:
			return shellNames(), cobra.ShellCompDirectiveNoFileComp
		case c.name == "cache" && len(args) == 0:
			return cacheNames(), cobra.ShellCompDirectiveNoFileComp
		case strings.Contains(c.args, "IMAGE") && len(args) == 0, c.name == "diff" && len(args) == 1:
			return references(cmd), cobra.ShellCompDirectiveDefault
		case strings.HasSuffix(c.args, "FOLDER") && len(args) > 1:
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for name, values := range map[string][]string{"theme": theme.All, "pull": {source.PullMissing, source.PullAlways, source.PullNever}} {
		if cmd.Flags().Lookup(name) != nil {
			// It fails only for a flag that is not there.
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

func commandNames() (names []string) {
	for _, c := range commands()[1:] {
		names = append(names, c.name)
	}
	return names
}

// references are what the local engines hold, and the sample.
func references(cmd *cobra.Command) []string {
	found, _ := source.Local(cmd.Context())
	names := []string{sample}
	for _, f := range found {
		if name := reference(f); name == words.Visible(name) {
			names = append(names, name)
		}
	}
	return slices.Compact(names)
}
