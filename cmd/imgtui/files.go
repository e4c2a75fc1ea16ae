package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// cat writes the content of a file: as it is, but on a terminal, which is not
// to do what a file of a foreign image says.
func (c *call) cat() error {
	o, err := c.open(files, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	root, _, err := c.root(o)
	if err != nil {
		return err
	}
	path, n, err := c.find(root, c.args[1], itsTarget)
	if err != nil {
		return err
	}
	if n.Payload() == nil {
		return &usageError{fmt.Sprintf("%s: a %s has no content", path, nouns[n.Kind]), "imgtui ls lists a directory, imgtui stat tells about any path"}
	}
	r, err := o.engine.Content(c.Context(), session.Was, path, n.Payload())
	if err != nil {
		return err
	}
	defer r.Close()
	if !c.isTerminal() {
		_, err = io.Copy(c.out, r)
		return err
	}
	v := &visibleText{to: c.out}
	if _, err := io.Copy(v, r); err != nil {
		return err
	}
	return v.Close()
}

// nouns are the kinds in a sentence.
var nouns = map[tree.Kind]string{
	tree.Dir: "directory", tree.Symlink: "symlink", tree.Hardlink: "hard link that leads nowhere",
	tree.Char: "character device", tree.Block: "block device", tree.Fifo: "named pipe",
}

// extractedJSON is the document of cp.
type extractedJSON struct {
	Folder  string   `json:"folder"`
	Files   int      `json:"files"`
	Bytes   int64    `json:"bytes"`
	Skipped []string `json:"skipped"`
}

// cp extracts files to a folder.
func (c *call) cp() error {
	o, err := c.open(files, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	root, _, err := c.root(o)
	if err != nil {
		return err
	}
	paths, dir := c.args[1:len(c.args)-1], c.args[len(c.args)-1]
	for i := range paths {
		if paths[i], _, err = c.find(root, paths[i], theLink); err != nil {
			return err
		}
	}
	x, err := o.extract(c, session.Extract{Root: root, Paths: paths, Dir: dir, Gen: o.Generation() + 1})
	if err != nil {
		return err
	}
	return c.extracted(x)
}

func (o *opened) extract(c *call, r session.Extract) (session.Extracted, error) {
	var x session.Extracted
	err := errors.New("extract: no answer")
	o.engine.Do(c.Context(), r, func(m session.Msg) {
		switch m := m.(type) {
		case session.Extracted:
			x, err = m, nil
		case session.Failed:
			err = m.Err
		}
	})
	return x, err
}

func (c *call) extracted(x session.Extracted) error {
	for _, s := range x.Skipped {
		fmt.Fprintln(c.err, "left out:", words.Visible(s))
	}
	if c.json {
		return c.write(extractedJSON{x.Dir, x.Files, x.Bytes, list(x.Skipped)})
	}
	files := fmt.Sprintf("%d files", x.Files)
	if x.Files == 1 {
		files = "1 file"
	}
	_, err := fmt.Fprintf(c.out, "%s, %s, to %s\n", files, words.Bytes(x.Bytes), words.Visible(x.Dir))
	return err
}

// statJSON is the document of stat.
type statJSON struct {
	entryJSON
	TouchedBy []int `json:"touched_by"`
}

// stat tells all about a path.
func (c *call) stat() error {
	o, err := c.open(files, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	root, step, err := c.root(o)
	if err != nil {
		return err
	}
	path, n, err := c.find(root, c.args[1], theLink)
	if err != nil {
		return err
	}
	k := o.Stacks[session.Was]
	steps := []int{}
	for _, l := range k.Layers {
		if l.Tree != nil && l.Tree.Touches(path) {
			steps = append(steps, k.Image.StepOf(l.Tree.Index))
		}
	}
	e := o.entries([]listed{{path, n}}, step)[0]
	if c.json {
		return c.write(statJSON{e, steps})
	}
	return c.statText(path, n, e, steps)
}

func (c *call) statText(path string, n *tree.Node, e entryJSON, steps []int) error {
	t := table{align: "ll"}
	t.add("path", words.Visible(path))
	t.add("kind", e.Kind)
	t.add("size", sizeLong(n))
	t.add("mode", fmt.Sprintf("%s (%s)", words.Mode(n.Kind.Letter(), n.Mode), e.Mode))
	t.add("owner", fmt.Sprintf("%d:%d", n.UID, n.GID))
	t.add("modified", time.Unix(0, n.ModTime).UTC().Format(time.RFC3339))
	if n.Link != "" {
		t.add("link", words.Visible(n.Link))
	}
	if n.Kind == tree.Char || n.Kind == tree.Block {
		t.add("device", fmt.Sprintf("%d, %d", n.Major, n.Minor))
	}
	for x := range strings.SplitSeq(strings.TrimSuffix(n.Xattrs, "\x00"), "\x00") {
		if x != "" {
			t.add("xattr", words.Visible(x))
		}
	}
	t.add("from step", fmt.Sprint(e.Step))
	t.add("touched by", plural("step", steps))
	return t.write(c.out)
}

// sizeLong is a size in short and to the byte: of a directory what is beneath.
func sizeLong(n *tree.Node) string {
	if n.Kind == tree.Dir {
		return fmt.Sprintf("%s (%d bytes in %d paths)", words.Bytes(n.Bytes()), n.Bytes(), n.Count()-1)
	}
	return fmt.Sprintf("%s (%d bytes)", words.Bytes(n.Size), n.Size)
}

// plural is a noun with its numbers: "step 3", "steps 0, 3".
func plural(noun string, numbers []int) string {
	if len(numbers) != 1 {
		noun += "s"
	}
	return noun + " " + strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ", ")
}
