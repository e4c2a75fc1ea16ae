package main

import (
	"fmt"

	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// wasteJSON is the document of waste.
type wasteJSON struct {
	Total      int64      `json:"total_bytes"`
	Live       int64      `json:"live_bytes"`
	Dead       int64      `json:"dead_bytes"`
	Efficiency float64    `json:"efficiency"`
	Paths      []deadJSON `json:"paths"`
	Remedies   []string   `json:"remedies"`
}

type deadJSON struct {
	pathJSON
	Bytes  int64  `json:"bytes"`
	Added  int    `json:"added_step"`
	Hidden int    `json:"hidden_step"`
	How    string `json:"how"`
}

// hows are the ways in which bytes die, for JSON and for people.
var hows = map[waste.How]struct{ key, text string }{
	waste.Deleted:   {"deleted", "deleted"},
	waste.Rewritten: {"rewritten", "rewritten"},
	waste.Copied:    {"copied", "copied with other metadata"},
	waste.Twice:     {"twice", "written twice in one layer"},
}

func (c *call) waste() error {
	o, err := c.open(dead, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	c.warn(o)
	k := o.Stacks[session.Was]
	if err := whole(k, newest); err != nil {
		return err
	}
	r := k.Report
	if r == nil {
		return fmt.Errorf("waste %s: its layers disagree with each other", c.args[0])
	}
	if c.json {
		j := wasteJSON{r.Total, r.Live, r.Dead, r.Efficiency(), []deadJSON{}, explain.Remedies(words.English, k.Image, r)}
		for _, d := range r.Paths {
			j.Paths = append(j.Paths, deadJSON{pathOf(d.Path), d.Bytes, k.Image.StepOf(d.Added), k.Image.StepOf(d.Hidden), hows[d.How].key})
		}
		return c.write(j)
	}
	return c.wasteText(k)
}

func (c *call) wasteText(k session.Stack) error {
	r := k.Report
	size := words.Bytes
	if c.bytes {
		size = func(n int64) string { return fmt.Sprint(n) }
	}
	if _, err := fmt.Fprintf(c.out, "%s of %s are dead (%s); efficiency %.4f\n", size(r.Dead), size(r.Total), words.Percent(r.Dead, r.Total), r.Efficiency()); err != nil || len(r.Paths) == 0 {
		return err
	}
	t := table{align: "rllll"}
	t.add("DEAD", "ADDED IN", "HIDDEN IN", "HOW", "PATH")
	for _, d := range r.Paths {
		t.add(size(d.Bytes), fmt.Sprintf("step %d", k.Image.StepOf(d.Added)), fmt.Sprintf("step %d", k.Image.StepOf(d.Hidden)), hows[d.How].text, words.Visible(d.Path))
	}
	if err := t.write(c.out); err != nil {
		return err
	}
	for _, s := range explain.Remedies(words.English, k.Image, r) {
		if _, err := fmt.Fprintf(c.out, "\n%s\n", s); err != nil {
			return err
		}
	}
	return nil
}
