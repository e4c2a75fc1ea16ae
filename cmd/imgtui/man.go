package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

// exits are the exit codes and what they mean, for the manual page and README.
var exits = []struct{ code, means string }{
	{"0", "fine"},
	{"1", "the images differ, or the step changed a file (diff)"},
	{"2", "used wrongly, or could not be done: one line says why, hint: lines what may help"},
	{"130", "interrupted"},
}

// environment is what imgtui looks at, likewise.
var environment = []struct{ names, does string }{
	{"DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH", "which Docker Engine is asked, and how"},
	{"DOCKER_CONFIG", "the folder of docker's contexts and of the credentials that registries get, instead of ~/.docker"},
	{"CONTAINER_HOST", "which podman is asked"},
	{"BUILDKIT_HOST", "the BuildKit that builds"},
	{"BUILDKIT_TLS_DIR", "the folder of ca.pem, cert.pem and key.pem for a BuildKit at tcp://"},
	{"SSH_AUTH_SOCK", "the agent that --ssh default passes on to a build"},
	{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "by which proxy registries are reached"},
	{"XDG_RUNTIME_DIR", "where the sockets of rootless engines are"},
	{"XDG_CACHE_HOME", "the folder below which it is kept what was read of layers, instead of ~/.cache"},
	{"IMGTUI_DEBUG", "a file to which lines are added about what goes wrong unseen: what of the cache is thrown away and why"},
	{"NO_COLOR", "no colours, whatever its value"},
	{"VISUAL, EDITOR", "what opens a copy of a file"},
	{"TMPDIR", "where an engine's export, standard input, archives compressed as a whole and built images are kept while they are read"},
}

// man writes the manual page, read off the table of commands.
func (c *call) man() error {
	p := &page{}
	all := commands()
	fmt.Fprintf(p, ".TH IMGTUI 1 \"%s\" \"imgtui\" \"User Commands\"\n", built())
	p.section("NAME", "imgtui - "+strings.ToLower(all[0].does[:1])+all[0].does[1:])
	p.section("SYNOPSIS", "")
	for i, x := range all {
		if i > 0 {
			p.line(".br")
		}
		p.line(".B " + roff(x.usage()))
	}
	p.section("COMMANDS", "")
	for _, x := range all {
		p.command(x)
	}
	p.section("EXIT STATUS", "")
	for _, e := range exits {
		p.term(e.code, e.means)
	}
	p.section("ENVIRONMENT", "")
	for _, e := range environment {
		p.term(e.names, e.does)
	}
	_, err := c.out.Write([]byte(p.String()))
	return err
}

// built is the day of the commit that this program was built of, or "".
func built() string {
	b, _ := debug.ReadBuildInfo()
	for _, s := range cmp.Or(b, &debug.BuildInfo{}).Settings {
		if day, _, ok := strings.Cut(s.Value, "T"); s.Key == "vcs.time" && ok {
			return day
		}
	}
	return ""
}

// page is a manual page being written.
type page struct{ strings.Builder }

func (p *page) line(s string) { p.WriteString(s + "\n") }

func (p *page) section(name, text string) {
	p.line(".SH " + name)
	p.text(text)
}

func (p *page) command(x command) {
	p.line(".SS " + roff(x.usage()))
	p.text(x.does + ".")
	p.text(x.long)
	if x.flags == nil {
		return
	}
	f := pflag.NewFlagSet(x.name, pflag.ContinueOnError)
	x.flags(f, &options{})
	f.VisitAll(func(f *pflag.Flag) {
		what, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		p.term(strings.TrimSpace(name+" "+what), usage)
	})
}

func (p *page) term(name, text string) {
	p.line(".TP\n.B " + roff(name))
	p.text(text)
}

// text writes a paragraph in short lines, as such pages are kept.
func (p *page) text(s string) {
	line := ""
	for w := range strings.FieldsSeq(s) {
		if w = roff(w); len(line)+1+len(w) > 78 {
			p.line(line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+w, " ")
	}
	if line != "" {
		p.line(line)
	}
}

// roff escapes what a manual page would take for its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "'", `\(aq`).Replace(s)
	if strings.HasPrefix(s, ".") {
		return `\&` + s
	}
	return s
}
