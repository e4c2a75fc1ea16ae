package main

import (
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui"
	"github.com/imgtui/imgtui/tui/theme"
)

const exploreLong = `IMAGE is a name in a local engine or a registry, an archive, an OCI layout, or
SCHEME:REFERENCE. On a pipe, imgtui IMAGE is imgtui history IMAGE. Without IMAGE,
imgtui lists the images of the local engines.`

func screenFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.theme, "theme", "auto", "`name` of the colours: auto, dark, light, ansi or mono")
	f.BoolVar(&o.noMouse, "no-mouse", false, "leave the mouse to the terminal")
}

// liveFlag is --live of the screen.
func liveFlag(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.live, "live", false, "build whenever text and context rest, from the beginning")
}

// stepsFlag makes --no-cache of the screen that of its builds too.
func stepsFlag(f *pflag.FlagSet, _ *options) {
	f.Lookup("no-cache").Usage += "; and run every step of a build again"
}

// showFlag is --json of what shows or lists.
func showFlag(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.json, "json", false, "JSON instead of the screen: the rows of IMAGE as history --json, or the list of images")
}

// explore shows an image on the screen; on a pipe it is history. Without an
// image it lists those that there are.
func (c *call) explore() error {
	if len(c.args) == 0 {
		return c.images()
	}
	if i, err := os.Stat(c.context()); c.context() != "" && (err != nil || !i.IsDir()) {
		return unknown(c.Root(), c.args[0])
	}
	if !theme.Known(c.theme) {
		return &usageError{"--theme " + c.theme + ": no such theme", "there are " + strings.Join(theme.All, ", ")}
	}
	build, err := c.buildOptions()
	if err != nil {
		return err
	}
	if c.json || !c.isTerminal() {
		c.human = true
		return c.history()
	}
	return c.show(c.args[0], c.context(), build)
}

// context is the folder of the build context; "" is none.
func (c *call) context() string {
	if len(c.args) > 1 {
		return c.args[1]
	}
	return "."
}

// show shows an image with the Dockerfile found in a build context; "" looks
// for none.
func (c *call) show(ref, dir string, build session.BuildOptions) error {
	k, err := c.sketch(dir)
	if err != nil {
		return err
	}
	k.Stay = true
	build.Pull = c.pull == "always"
	e := c.engine()
	defer e.Close()
	s, rs := session.Start(session.Open{Ref: ref})
	s, more := s.Sketch(k)
	rs = append(rs, more...)
	s.Options = build
	if c.live {
		s, more = s.Update(session.GoLive{On: true})
		rs = append(rs, more...)
	}
	return tui.Run(c.Context(), tui.Options{
		State: s, Requests: rs, Do: e.Do, Words: &words.English, Theme: c.theme,
		NoColor: c.env("NO_COLOR") != "", NoMouse: c.noMouse, Editor: c.editor(),
		Shell: c.shell(e),
	})
}

// demo shows the built-in sample.
func (c *call) demo() error {
	c.args = []string{sample, ""}
	return c.explore()
}

// editor is the user's editor with its arguments.
func (c *call) editor() []string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if f := strings.Fields(c.env(name)); len(f) > 0 {
			return f
		}
	}
	return nil
}
