package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

const diffLong = `A is added, M modified, m changed only in mode, owner, time or attributes, R
replaced by another kind, D removed. Exit code 1 says that something differs.`

func diffFlags(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.markdown, "markdown", false, "a Markdown table")
	f.BoolVar(&o.bytes, "bytes", false, "sizes in bytes")
}

const noneDiffers = "no file differs"

// diffJSON is the document of diff.
type diffJSON struct {
	Changes []changeJSON `json:"changes"`
	Added   int64        `json:"added_bytes"`
	Removed int64        `json:"removed_bytes"`
	Net     int64        `json:"net_bytes"`
	Same    bool         `json:"same"`
}

type changeJSON struct {
	pathJSON
	Change string `json:"change"`
	Kind   string `json:"kind"`
	Before int64  `json:"before_bytes"`
	After  int64  `json:"after_bytes"`
	note   string
}

// diff compares two images, or the root after a step with the one before it.
func (c *call) diff() error {
	o, err := c.open(files, c.args...)
	if err != nil {
		return err
	}
	defer o.Close()
	c.warn(o)
	d, err := c.delta(o)
	if err != nil {
		return err
	}
	j := changes(d)
	switch {
	case c.json:
		err = c.write(j)
	case c.markdown:
		err = c.diffMarkdown(j)
	default:
		err = c.diffText(d, j)
	}
	if err == nil && !j.Same {
		return errDiffers
	}
	return err
}

func (c *call) delta(o *opened) (tree.Delta, error) {
	was := o.Stacks[session.Was]
	if len(c.args) == 2 {
		if c.Flags().Changed("step") {
			return tree.Delta{}, &usageError{"--step goes with one image", "imgtui diff IMAGE --step N, or imgtui diff A B"}
		}
		now := o.Stacks[session.Now]
		if err := cmp.Or(whole(was, newest), whole(now, newest)); err != nil {
			return tree.Delta{}, err
		}
		before, _ := was.Top()
		after, _ := now.Top()
		return tree.Compare(before, after), nil
	}
	n, err := c.at(was.Image)
	if err != nil {
		return tree.Delta{}, err
	}
	if err := whole(was, n); err != nil {
		return tree.Delta{}, err
	}
	before, _ := was.At(n - 1)
	after, _ := was.At(n)
	return tree.Compare(before, after), nil
}

func changes(d tree.Delta) diffJSON {
	t := d.Totals()
	j := diffJSON{Changes: []changeJSON{}, Added: t.AddedBytes, Removed: t.RemovedBytes, Net: t.Net()}
	d.Walk(func(path string, d tree.Delta) bool {
		if ch := d.Change(); ch != tree.Same && ch != tree.Within && path != "/" {
			j.Changes = append(j.Changes, changeJSON{
				pathJSON: pathOf(path), Change: ch.Letter(), Kind: d.Node().Kind.String(),
				Before: bytesOf(d.Before), After: bytesOf(d.After), note: path,
			})
		}
		return true
	})
	j.Same = len(j.Changes) == 0
	return j
}

func bytesOf(n *tree.Node) int64 {
	if n == nil || n.Kind != tree.File {
		return 0
	}
	return n.Size
}

func (c *call) sizeText(n int64) string {
	if c.bytes {
		return fmt.Sprint(n)
	}
	return words.Signed(n)
}

func (c *call) diffText(d tree.Delta, j diffJSON) error {
	t := table{align: "lrl"}
	for _, ch := range j.Changes {
		t.add(ch.Change, c.sizeText(ch.After-ch.Before), words.Visible(ch.note))
	}
	if err := t.write(c.out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.out, summary(c, d, j))
	return err
}

func summary(c *call, d tree.Delta, j diffJSON) string {
	if j.Same {
		return noneDiffers
	}
	t := d.Totals()
	parts := []string{c.sizeText(t.Net())}
	for _, n := range []struct {
		letter string
		n      int
	}{{"A", t.Added}, {"M", t.Modified}, {"m", t.Touched}, {"R", t.Replaced}, {"D", t.Removed}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", n.letter, n.n))
		}
	}
	return strings.Join(parts, "  ")
}

func (c *call) diffMarkdown(j diffJSON) error {
	head := fmt.Sprintf("%d paths differ: %s", len(j.Changes), c.sizeText(j.Net))
	switch len(j.Changes) {
	case 0:
		_, err := fmt.Fprintln(c.out, noneDiffers)
		return err
	case 1:
		head = "1 path differs: " + c.sizeText(j.Net)
	}
	if _, err := fmt.Fprintf(c.out, "%s\n\n| | size | path |\n|---|---:|---|\n", head); err != nil {
		return err
	}
	for _, ch := range j.Changes {
		if _, err := fmt.Fprintf(c.out, "| %s | %s | %s |\n", ch.Change, c.sizeText(ch.After-ch.Before), markdown(ch.note)); err != nil {
			return err
		}
	}
	return nil
}

// markdown returns a path as code that no table breaks on.
func markdown(path string) string {
	s := strings.ReplaceAll(words.Visible(path), "|", `\|`)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
