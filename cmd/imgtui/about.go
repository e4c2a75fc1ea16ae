package main

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// release is set by who builds a release.
var release string

// versionJSON is the document of version.
type versionJSON struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// version tells which imgtui this is.
func (c *call) version() error {
	v := thisVersion()
	if c.json {
		return c.write(v)
	}
	_, err := fmt.Fprintf(c.out, "imgtui %s %s/%s %s\n", v.Version, v.OS, v.Arch, v.Go)
	return err
}

func thisVersion() versionJSON {
	v := versionJSON{Version: release, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = cmp.Or(v.Version, b.Main.Version, "(devel)")
	for _, s := range b.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}

// help tells about a command.
func (c *call) help() error {
	cmd, rest, err := c.Root().Find(c.args)
	if err != nil || len(rest) > 0 {
		return &usageError{"help: no command " + strings.Join(c.args, " "), "imgtui --help lists the commands"}
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	return cmd.Help()
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
