package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

// inspectJSON is the document of inspect.
type inspectJSON struct {
	Reference string          `json:"reference"`
	Source    string          `json:"source"`
	Tags      []string        `json:"tags"`
	ID        model.Digest    `json:"id"`
	Digest    model.Digest    `json:"digest"`
	MediaType string          `json:"media_type"`
	Platform  model.Platform  `json:"platform"`
	Created   *time.Time      `json:"created"`
	Author    string          `json:"author,omitempty"`
	Base      *baseJSON       `json:"base,omitempty"`
	Config    model.Config    `json:"config"`
	Steps     []stepJSON      `json:"steps"`
	Warnings  []model.Warning `json:"warnings"`
}

type baseJSON struct {
	Name  string `json:"name,omitempty"`
	How   string `json:"how"`
	Steps int    `json:"steps"`
}

type stepJSON struct {
	Index     int        `json:"index"`
	Created   *time.Time `json:"created"`
	CreatedBy string     `json:"created_by"`
	Comment   string     `json:"comment"`
	Empty     bool       `json:"empty"`
	Layer     *layerJSON `json:"layer"`
	Base      bool       `json:"base"`
}

type layerJSON struct {
	DiffID    model.Digest `json:"diff_id"`
	Digest    model.Digest `json:"digest"`
	MediaType string       `json:"media_type"`
	Unpacked  *int64       `json:"unpacked_bytes"`
	Download  *int64       `json:"download_bytes"`
	Tar       *int64       `json:"tar_bytes"`
	Files     *int         `json:"files"`
}

func (c *call) inspect() error {
	c.verify = true // it prints the digests
	o, err := c.open(dead, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	if c.json {
		return c.write(o.inspected())
	}
	return c.inspectText(o)
}

func (o *opened) inspected() inspectJSON {
	k := o.Stacks[session.Was]
	i := k.Image
	d := inspectJSON{
		Reference: i.Reference, Source: i.Source, Tags: list(i.Tags), ID: i.ID, Digest: i.Digest, MediaType: i.MediaType,
		Platform: i.Platform, Created: when(i.Created), Author: i.Author, Config: i.Config, Warnings: warnings(k), Steps: []stepJSON{},
	}
	if i.Base() > 0 || i.BaseName != "" {
		d.Base = &baseJSON{i.BaseName, i.BaseHow, i.Base()}
	}
	for n, s := range i.Steps {
		d.Steps = append(d.Steps, stepJSON{s.Index, when(s.Created), s.CreatedBy, s.Comment, s.Empty(), layerOf(k, n), s.Base})
	}
	return d
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func layerOf(k session.Stack, step int) *layerJSON {
	l, facts := k.Of(step), k.Image.Steps[step].Layer
	if l == nil {
		return nil
	}
	j := &layerJSON{
		DiffID: cmp.Or(facts.DiffID, l.DiffID), Digest: facts.Digest, MediaType: facts.MediaType,
		Unpacked: known(k.Unpacked(step)), Download: known(facts.Download), Tar: known(l.Tar),
	}
	if l.Tree != nil {
		j.Files = &l.Tree.Entries
	}
	return j
}

// known is a size for JSON; nil is one that nobody can tell.
func known(n int64) *int64 {
	if n == model.Unknown {
		return nil
	}
	return &n
}

// warnings are all that is wrong with an image, layers that could not be read
// among them.
func warnings(k session.Stack) []model.Warning {
	all := list(k.Warnings())
	for _, l := range k.Missing() {
		why := k.Layers[l].Err.Error()
		if !slices.ContainsFunc(all, func(w model.Warning) bool { return w.Layer == l && strings.HasSuffix(why, w.Text) }) {
			all = append(all, model.Warning{Layer: l, Text: why})
		}
	}
	return all
}

func (c *call) inspectText(o *opened) error {
	k := o.Stacks[session.Was]
	i := k.Image
	t := tabwriter.NewWriter(c.out, 0, 1, 2, ' ', 0)
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", key, words.Visible(value))
		}
	}
	unpacked := ""
	if total, known := k.Total(); known {
		unpacked = words.Bytes(total)
	}
	line("reference", i.Reference)
	line("source", i.Source)
	line("tags", strings.Join(i.Tags, ", "))
	line("image ID", string(i.ID))
	line("manifest digest", string(i.Digest))
	line("media type", i.MediaType)
	line("platform", i.Platform.String())
	if at := when(i.Created); at != nil {
		line("created", at.Format(time.RFC3339))
	}
	line("author", i.Author)
	line("unpacked", unpacked)
	if d := i.Download(); d > 0 {
		line("download", words.Bytes(d))
	}
	if r := k.Report; r != nil {
		line("dead", fmt.Sprintf("%s (%s)", words.Bytes(r.Dead), words.Percent(r.Dead, r.Total)))
	}
	if i.Base() > 0 || i.BaseName != "" {
		line("base", strings.TrimSpace(fmt.Sprintf("%s %d steps, %s", i.BaseName, i.Base(), i.BaseHow)))
	}
	configText(line, i.Config)
	for _, w := range warnings(k) {
		line("warning", w.Text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return c.stepsText(k)
}

func configText(line func(key, value string), c model.Config) {
	line("entrypoint", words.List(c.Entrypoint))
	line("cmd", words.List(c.Cmd))
	for _, e := range c.Env {
		line("env", e)
	}
	line("user", c.User)
	line("working dir", c.WorkingDir)
	line("ports", strings.Join(c.ExposedPorts, " "))
	line("volumes", strings.Join(c.Volumes, " "))
	for _, k := range sorted(c.Labels) {
		line("label", k+"="+c.Labels[k])
	}
	line("stop signal", c.StopSignal)
	line("healthcheck", words.List(c.Healthcheck))
}

func (c *call) stepsText(k session.Stack) error {
	t := tabwriter.NewWriter(c.out, 0, 1, 2, ' ', 0)
	fmt.Fprintln(t, "\nSTEP\tUNPACKED\tDOWNLOAD\tTAR\tDIFF ID\tCREATED BY")
	for n, s := range k.Image.Steps {
		cells := []string{"", "", "", ""}
		if l := layerOf(k, n); l != nil {
			cells = []string{sizeOf(l.Unpacked), sizeOf(l.Download), sizeOf(l.Tar), words.Visible(short(l.DiffID))}
		}
		fmt.Fprintf(t, "%d\t%s\t%s\n", n, strings.Join(cells, "\t"), words.Visible(s.CreatedBy))
	}
	return t.Flush()
}

// sizeOf is a size for people, "" for one that nobody can tell.
func sizeOf(n *int64) string {
	if n == nil {
		return ""
	}
	return words.Bytes(*n)
}

func short(d model.Digest) string {
	s := string(d)[strings.IndexByte(string(d), ':')+1:]
	return s[:min(len(s), 12)]
}
