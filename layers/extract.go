package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// extraction is one Extract under way. Every path goes through an os.Root, so
// that nothing is written outside of the folder.
type extraction struct {
	ctx    context.Context
	e      *Engine
	o      *opened // nil where nothing is open
	r      session.Extract
	root   *os.Root
	files  map[*tree.Payload][]output
	dirs   []output // whose times are set at the end
	answer session.Extracted
}

// output is where a node goes, relative to the folder, and its path in the root.
type output struct {
	to, from string
	node     *tree.Node
}

func (e *Engine) extract(ctx context.Context, r session.Extract, send func(session.Msg)) error {
	o, err := e.at(r.Slot)
	if err != nil && r.Entry == (session.Entry{}) {
		return err
	}
	dir, err := folder(r)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := &extraction{ctx: ctx, e: e, o: o, r: r, root: root, files: map[*tree.Payload][]output{}, answer: session.Extracted{Of: r, Dir: dir}}
	if err := x.run(); err != nil {
		if temporary(r) {
			os.RemoveAll(dir)
		}
		return fmt.Errorf("extract to %s: %w", dir, err)
	}
	send(x.answer)
	return nil
}

// temporary tells whether the copies get a folder of their own, as those for an
// editor do.
func temporary(r session.Extract) bool { return r.Dir == "" || r.Edit }

// folder makes the folder to write to.
func folder(r session.Extract) (string, error) {
	if temporary(r) {
		return os.MkdirTemp("", "imgtui-")
	}
	dir := r.Dir
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, rest)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

func (x *extraction) run() error {
	for _, p := range x.r.Paths {
		n := x.r.Root.Find(p)
		if n == nil {
			return fmt.Errorf("%s: %w", p, fs.ErrNotExist)
		}
		to := path.Base(tree.Clean(p))
		if to == "/" {
			to = "."
		}
		if err := x.plan(output{to, tree.Clean(p), n}); err != nil {
			return err
		}
	}
	if err := x.contents(); err != nil {
		return err
	}
	for i := len(x.dirs) - 1; i >= 0; i-- {
		d := x.dirs[i]
		x.root.Chmod(d.to, mode(d.node, 0o700))
		x.stamp(d)
	}
	return nil
}

// plan makes what needs no content and notes what does.
func (x *extraction) plan(o output) error {
	to, n := o.to, o.node
	if err := x.ctx.Err(); err != nil {
		return err
	}
	if !local(to) {
		x.skip(to, "its name is none on this system")
		return nil
	}
	switch n.Kind {
	case tree.Dir:
		return x.dir(o)
	case tree.File, tree.Hardlink:
		return x.file(o)
	case tree.Symlink:
		return x.symlink(to, n)
	}
	x.skip(to, unmade[n.Kind])
	return nil
}

// unmade are the kinds that are not made, and why.
var unmade = map[tree.Kind]string{
	tree.Char: "a device is not made", tree.Block: "a device is not made", tree.Fifo: "a named pipe is not made",
}

func local(to string) bool {
	return to == "." || filepath.IsLocal(filepath.FromSlash(to)) && !strings.ContainsAny(to, "\x00")
}

func (x *extraction) skip(to, why string) {
	x.answer.Skipped = append(x.answer.Skipped, to+": "+why)
}

// dir makes a directory. One that is there already stays as it is, with more in it.
func (x *extraction) dir(o output) error {
	err := x.root.Mkdir(o.to, 0o700)
	switch {
	case err == nil:
		x.dirs = append(x.dirs, o)
	case !errors.Is(err, fs.ErrExist) || !x.isDir(o.to):
		return err
	}
	for _, k := range o.node.Kids() {
		if err := x.plan(output{path.Join(o.to, k.Name), path.Join(o.from, k.Name), k}); err != nil {
			return err
		}
	}
	return nil
}

// isDir tells whether a directory, and no link to one, stands there already.
func (x *extraction) isDir(to string) bool {
	i, err := x.root.Lstat(to)
	return err == nil && i.IsDir()
}

func (x *extraction) file(o output) error {
	p := o.node.Payload()
	if p == nil {
		x.skip(o.to, "its hard link leads to "+o.node.Link+", which no layer carries")
		return nil
	}
	if _, err := x.root.Lstat(o.to); err == nil {
		return fmt.Errorf("%s: %w", o.to, fs.ErrExist)
	}
	if names := x.files[p]; o.node.Kind == tree.File {
		x.files[p] = slices.Insert(names, 0, o) // whose mode and time are the file's
	} else {
		x.files[p] = append(names, o)
	}
	return nil
}

// symlink makes links that stay in the folder; others would lead whoever
// follows them to a file of this system.
func (x *extraction) symlink(to string, n *tree.Node) error {
	if !stays(to, n.Link) {
		x.skip(to, "its link leads out of the folder, to "+n.Link)
		return nil
	}
	if err := x.root.Symlink(n.Link, to); err != nil {
		return err
	}
	x.answer.Files++
	return nil
}

// stays tells whether a link leads nowhere but into the folder. Names may be
// links themselves, after which ".." is not what it looks like: it may only stand
// before them.
func stays(to, link string) bool {
	if path.IsAbs(link) || link == "" || strings.ContainsAny(link, "\x00") {
		return false
	}
	up, named := strings.Count(to, "/"), false
	for name := range strings.SplitSeq(filepath.ToSlash(link), "/") {
		switch name {
		case "", ".":
		case "..":
			if up--; named || up < 0 {
				return false
			}
		default:
			named = true
		}
	}
	return local(path.Join(path.Dir(to), link))
}

// contents reads each layer once for all of its files.
func (x *extraction) contents() error {
	byLayer := map[int]map[int]*tree.Payload{}
	for p := range x.files {
		if x.r.Entry != (session.Entry{}) && p.Layer < 0 {
			if err := x.built(p); err != nil {
				return err
			}
			continue
		}
		files := byLayer[int(p.Layer)]
		if files == nil {
			files = map[int]*tree.Payload{}
			byLayer[int(p.Layer)] = files
		}
		files[p.Entry()] = p
	}
	for _, n := range slices.Sorted(maps.Keys(byLayer)) {
		if x.o == nil || n < 0 || n >= len(x.o.img.Blobs) {
			return fmt.Errorf("no layer %d", n)
		}
		if err := index.Each(x.ctx, x.o.img.Blobs[n], x.o.places(n), byLayer[n], x.write); err != nil {
			return fmt.Errorf("layer %d: %w", n, err)
		}
	}
	return nil
}

// built writes a file that only the engine of a build has.
func (x *extraction) built(p *tree.Payload) error {
	b, err := x.e.building.at(x.r.Entry.Build)
	if err != nil {
		return err
	}
	f, err := b.Open(x.ctx, x.r.Entry.Line, x.r.Entry.Side, x.files[p][0].from)
	if err != nil {
		return err
	}
	defer f.Close()
	return x.write(p, f)
}

// write writes a payload under its first name; the others become hard links.
func (x *extraction) write(p *tree.Payload, r io.Reader) error {
	names := x.files[p]
	if err := x.create(names[0], r); err != nil {
		return err
	}
	for _, o := range names[1:] {
		if err := x.root.Link(names[0].to, o.to); err != nil {
			return err
		}
		x.answer.Files++
	}
	return nil
}

func (x *extraction) create(o output, r io.Reader) error {
	f, err := x.root.OpenFile(o.to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode(o.node, 0o600)&x.most())
	if err != nil {
		return err
	}
	n, err := io.Copy(f, reader{x.ctx, r})
	if err := errors.Join(err, f.Close()); err != nil {
		x.root.Remove(o.to)
		return err
	}
	x.answer.Files++
	x.answer.Bytes += n
	x.stamp(o)
	return nil
}

// most are the permissions that a copy may have at the most.
func (x *extraction) most() fs.FileMode {
	if x.r.Edit {
		return 0o600
	}
	return 0o777
}

// mode returns a node's permissions without setuid, setgid and sticky, and
// with what its owner needs to work with it.
func mode(n *tree.Node, least fs.FileMode) fs.FileMode { return fs.FileMode(n.Mode)&0o777 | least }

func (x *extraction) stamp(o output) {
	t := time.Unix(0, o.node.ModTime)
	x.root.Chtimes(o.to, t, t)
}

// reader stops when the context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
