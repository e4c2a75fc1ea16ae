package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// manager is a package manager: how it asks for its lists, how it installs, and
// what makes it ask nothing.
type manager struct {
	program, update, install string
	quiet                    []string // flags of which one is enough; nil where it never asks
	fix                      string   // the flag that a fix adds
}

var managers = []manager{
	{"apt-get", "update", "install", []string{"-y", "--yes", "--assume-yes", "-qq", "-yq", "-qy", "-yqq", "-qqy"}, "-y"},
	{"apt", "update", "install", []string{"-y", "--yes", "--assume-yes", "-qq", "-yq", "-qy", "-yqq", "-qqy"}, "-y"},
	{"apk", "update", "add", nil, ""},
	{"yum", "makecache", "install", []string{"-y", "--assumeyes"}, "-y"},
	{"dnf", "makecache", "install", []string{"-y", "--assumeyes"}, "-y"},
	{"microdnf", "makecache", "install", []string{"-y", "--assumeyes"}, "-y"},
	{"zypper", "refresh", "install", []string{"-n", "--non-interactive", "-y", "--no-confirm"}, "-y"},
	{"pacman", "-Sy", "-S", []string{"--noconfirm"}, "--noconfirm"},
}

func (m manager) updates(c command) bool { return c.is(m.program, m.update) }

func (m manager) installs(c command) bool { return c.is(m.program, m.install) }

// asks tells whether an install would wait for an answer.
func (m manager) asks(c command) bool {
	return m.quiet != nil && m.installs(c) && !slices.ContainsFunc(c, func(w string) bool { return slices.Contains(m.quiet, w) })
}

// installAsks finds installs that wait for a "yes" that nobody gives.
func installAsks(s Subject) []Finding {
	var all []Finding
	for _, i := range s.File.Instructions {
		if i.Name != "RUN" {
			continue
		}
		for _, c := range commands(i) {
			for _, m := range managers {
				if !m.asks(c) {
					continue
				}
				f := at(i, m.program+" "+m.install, m.fix)
				f.Fix = s.addFlag(i, m)
				all = append(all, f)
			}
		}
	}
	return all
}

// addFlag puts the flag behind the verb.
func (s Subject) addFlag(i dockerfile.Instruction, m manager) *Fix {
	if i.JSON {
		return nil
	}
	verb := regexp.MustCompile(`\b` + regexp.QuoteMeta(m.program) + `(\s+-\S+)*\s+` + m.install + `\b`)
	return s.replace(i.Line, i.Last, func(l string) (string, bool) {
		for _, at := range verb.FindAllStringIndex(l, -1) {
			if cs := split(l[at[0]:]); len(cs) > 0 && m.asks(cs[0]) {
				return l[:at[1]] + " " + m.fix + l[at[1]:], true
			}
		}
		return l, false
	})
}

// updateAlone finds lists that are fetched in one layer and used in another:
// the first stays in the cache while the world goes on.
func updateAlone(s Subject) []Finding {
	var all []Finding
	for n, i := range s.File.Instructions {
		m, ok := onlyUpdates(i)
		if !ok {
			continue
		}
		later := s.installer(n, m)
		if later < 0 {
			continue
		}
		f := at(i, m.program+" "+m.update, lineOf(s.File.Instructions[later].Line))
		f.Fix = s.join(i, s.File.Instructions[later], m)
		all = append(all, f)
	}
	return all
}

// onlyUpdates tells whether a RUN asks for the lists and installs nothing.
func onlyUpdates(i dockerfile.Instruction) (manager, bool) {
	if i.Name != "RUN" {
		return manager{}, false
	}
	cs := commands(i)
	for _, m := range managers {
		if m.update != "" && slices.ContainsFunc(cs, m.updates) && !slices.ContainsFunc(cs, m.installs) {
			return m, true
		}
	}
	return manager{}, false
}

// installer returns the first later instruction of the stage that installs with m, or −1.
func (s Subject) installer(n int, m manager) int {
	for k := n + 1; k < len(s.File.Instructions) && s.File.Instructions[k].Stage == s.File.Instructions[n].Stage; k++ {
		i := s.File.Instructions[k]
		if i.Name == "RUN" && slices.ContainsFunc(commands(i), m.installs) {
			if slices.ContainsFunc(commands(i), m.updates) {
				return -1 // it asks for its own
			}
			return k
		}
	}
	return -1
}

// join takes a RUN that does nothing else away, and asks for the lists where
// they are used.
func (s Subject) join(update, install dockerfile.Instruction, m manager) *Fix {
	if len(commands(update)) != 1 || update.JSON || install.JSON || len(update.Flags)+len(install.Flags)+len(install.Heredocs)+len(update.Heredocs) > 0 {
		return nil
	}
	lines := s.raw(install.Line, install.Line)
	head := regexp.MustCompile(`(?i)^(\s*RUN\s+)`).FindString(lines[0])
	if head == "" {
		return nil
	}
	return &Fix{Edits: []Edit{
		{Line: update.Line, Last: update.Last, Cut: true},
		{Line: install.Line, Last: install.Line, Text: head + strings.TrimSpace(update.Args) + " && " + lines[0][len(head):]},
	}}
}

// cacheMount finds installs whose leavings are cleaned away by hand, where a
// cache mount would keep them out of the image and have them at the next build.
func cacheMount(s Subject) []Finding {
	var all []Finding
	for _, i := range s.File.Instructions {
		if i.Name != "RUN" || hasCacheMount(i) {
			continue
		}
		cs := commands(i)
		for _, t := range cached {
			if slices.ContainsFunc(cs, t.fills) && slices.ContainsFunc(cs, t.cleans) {
				all = append(all, at(i, t.where))
				break
			}
		}
	}
	return all
}

func hasCacheMount(i dockerfile.Instruction) bool {
	return slices.ContainsFunc(i.Flags, func(f string) bool {
		return strings.HasPrefix(f, "--mount") && strings.Contains(f, "type=cache")
	})
}

// cached are tools that keep what they fetched, where, and how people clean it.
var cached = []struct {
	where         string
	fills, cleans func(command) bool
}{
	{"/var/cache/apt", managers[0].installs, func(c command) bool {
		return c.is("apt-get", "clean") || removes(c, "/var/lib/apt/lists") || removes(c, "/var/cache/apt")
	}},
	{"/root/.cache/pip", pips, func(c command) bool {
		return pips(c) && slices.Contains(c, "--no-cache-dir") || removes(c, "/root/.cache")
	}},
	{"/root/.npm", func(c command) bool { return c.is("npm", "ci") || c.is("npm", "install") }, func(c command) bool {
		return c.is("npm", "cache") || removes(c, "/root/.npm")
	}},
	{"/var/cache/apk", managers[2].installs, func(c command) bool { return removes(c, "/var/cache/apk") }},
	{"/var/cache/dnf", func(c command) bool { return managers[3].installs(c) || managers[4].installs(c) }, func(c command) bool {
		return c.is("dnf", "clean") || c.is("yum", "clean") || removes(c, "/var/cache/dnf") || removes(c, "/var/cache/yum")
	}},
}

func pips(c command) bool { return c.is("pip", "install") || c.is("pip3", "install") }

// removes tells whether a command takes away what is at or beneath a path.
func removes(c command, path string) bool {
	return base(c[0]) == "rm" && slices.ContainsFunc(c[1:], func(w string) bool {
		return w == path || strings.HasPrefix(w, path+"/") || strings.HasPrefix(w, "~"+strings.TrimPrefix(path, "/root")) && strings.HasPrefix(path, "/root")
	})
}
