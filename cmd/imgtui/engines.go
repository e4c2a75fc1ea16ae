package main

import (
	"cmp"
	"strings"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

// enginesJSON is the document of engines.
type enginesJSON struct {
	Engines []hostJSON `json:"engines"`
}

// hostJSON is an engine that builds, or one that cannot and why.
type hostJSON struct {
	Name    string     `json:"name"`
	Address string     `json:"address"`
	Version string     `json:"version"`
	Lacks   []lackJSON `json:"lacks"`
	Error   string     `json:"error"`
}

type lackJSON struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

func hostDocument(h session.Host) hostJSON {
	j := hostJSON{Name: h.Name, Address: h.Address, Version: h.Version, Lacks: []lackJSON{}}
	for _, l := range h.Lacks {
		j.Lacks = append(j.Lacks, lackJSON{l.What, l.Why})
	}
	if h.Err != nil {
		j.Error = oneLine(h.Err.Error())
	}
	return j
}

// engines lists what builds here, in the order in which auto prefers those that
// can do as much.
func (c *call) engines() error {
	e := layers.New(layers.Options{Builder: builder.Where{Env: c.env, Engine: c.build.engine, Runtime: c.build.runtime}})
	defer e.Close()
	var hosts []session.Host
	var failed error
	e.Do(c.Context(), session.Survey{Gen: 1}, func(m session.Msg) {
		switch m := m.(type) {
		case session.Surveyed:
			hosts = m.Hosts
		case session.Failed:
			failed = m.Err
		}
	})
	if failed != nil {
		return failed
	}
	if c.json {
		j := enginesJSON{Engines: []hostJSON{}}
		for _, h := range hosts {
			j.Engines = append(j.Engines, hostDocument(h))
		}
		return c.write(j)
	}
	t := table{align: "llll"}
	t.add("ENGINE", "BUILDKIT", "ADDRESS", "")
	for _, h := range hosts {
		t.add(words.Visible(h.Name), words.Visible(cmp.Or(h.Version, "-")), words.Visible(cmp.Or(h.Address, "-")), words.Visible(verdictOf(h)))
	}
	return t.write(c.out)
}

// verdictOf says in a line whether an engine can be used, and what it lacks.
func verdictOf(h session.Host) string {
	switch {
	case h.Err != nil:
		return "no: " + oneLine(h.Err.Error())
	case len(h.Lacks) == 0:
		return "yes"
	}
	var all []string
	for _, l := range h.Lacks {
		all = append(all, l.What+" ("+l.Why+")")
	}
	return "yes, but not: " + strings.Join(all, "; ")
}
