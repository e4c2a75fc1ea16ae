package plan

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/tree"
)

// CopySpec is a COPY or ADD with its variables expanded.
type CopySpec struct {
	Sources []string // paths and wildcards of what is copied from; none that is [Remote]
	Inline  []Inline // heredocs; BuildKit writes them after the sources
	Dest    string
	WorkDir string // what a relative Dest stands on; "" is the root
	Chown   string // "user", "user:group", names or numbers
	Chmod   string // octal or symbolic
	Parents bool
	Link    bool
	Unpack  bool // a tar among the sources is unpacked: ADD
	Exclude []string
	Stage   bool // the sources are those of another stage or image, not of the context

	Passwd, Group string // /etc/passwd and /etc/group of the root beneath: names of Chown
	Time          int64  // of what the build itself makes, in Unix nanoseconds
	Layer         int    // index of the layer that is foretold
	Base          int    // how many layers beneath come from the base image
}

// Inline is a heredoc that becomes a file.
type Inline struct {
	Name    string
	Size    int64
	Content uint64 // hash of the bytes, as layers have it
}

// MissingError is a source that is not there.
type MissingError struct{ Path string }

// Error returns what BuildKit says of it.
func (e *MissingError) Error() string { return fmt.Sprintf("%q: not found", e.Path) }

// Remote tells whether a source is fetched from elsewhere: what it brings
// cannot be foretold.
func Remote(source string) bool {
	for _, scheme := range []string{"http://", "https://", "git://", "ssh://", "git@"} {
		if strings.HasPrefix(source, scheme) {
			return true
		}
	}
	return false
}

// Copy returns the layer that a COPY or ADD will make from a context, or from
// the root of another stage, over the root beneath. Archives are asked for
// what a file unpacks to, and whether it does; a nil layer means that nobody
// can tell, and is [ErrUnforetold]. The layer is what BuildKit exports: times are whole
// seconds, files that the root beneath has just so are left out, and of
// extended attributes only capabilities stay.
func Copy(from, lower *tree.Node, spec CopySpec, archives func(path string) (*tree.Layer, bool)) (*tree.Layer, error) {
	c := copying{from: from, spec: spec, archives: archives, dest: destination(spec.WorkDir, spec.Dest)}
	if err := c.prepare(lower != nil); err != nil {
		return nil, err
	}
	if spec.Link && spec.Chmod == "" { // BuildKit forgets --link where there is --chmod
		lower = nil
	}
	c.disk = newDisk(lower, spec.Time)
	for _, s := range c.sources {
		if err := c.source(s); err != nil {
			return nil, err
		}
	}
	for _, i := range spec.Inline {
		if err := c.inline(i); err != nil {
			return nil, err
		}
	}
	return c.disk.layer(spec.Layer, spec.Base), nil
}

// copying is a COPY being done in thought.
type copying struct {
	from     *tree.Node
	spec     CopySpec
	archives func(path string) (*tree.Layer, bool)
	dest     string // absolute; a slash at its end means a directory
	owner    *owner // nil: as the source has it
	mode     *modes // nil: as the source has it
	exclude  ignore.Patterns
	sources  []source
	disk     *disk
}

// destination is where a COPY goes.
func destination(workdir, dest string) string {
	if dest == "" {
		dest = "."
	}
	d := path.Join("/", dest)
	if !path.IsAbs(dest) {
		d = path.Join("/", workdir, dest)
	}
	if d != "/" && (dest == "." || strings.HasSuffix(dest, "/") || strings.HasSuffix(dest, "/.")) {
		d += "/"
	}
	return d
}

func (c *copying) prepare(based bool) (err error) {
	if c.owner, err = parseOwner(c.spec, based); err != nil {
		return err
	}
	if c.mode, err = parseModes(c.spec.Chmod); err != nil {
		return err
	}
	if c.exclude, err = ignore.New(c.spec.Exclude); err != nil {
		return fmt.Errorf("invalid excludepatterns: %s: %w", c.spec.Exclude, path.ErrBadPattern)
	}
	for _, text := range c.spec.Sources {
		s, err := c.parseSource(text)
		if err != nil {
			return err
		}
		c.sources = append(c.sources, s)
		if err := c.check(s); err != nil {
			return err
		}
	}
	return nil
}

// source copies what a source stands for. A pattern that matches nothing
// copies nothing.
func (c *copying) source(s source) error {
	paths := []string{s.path}
	if wildcards(s.path) {
		var err error
		if paths, err = c.expand(s.path); err != nil {
			return err
		}
	}
	for _, p := range paths {
		real, err := resolve(p, nodeLink(c.from))
		if err != nil {
			return err
		}
		if done, err := c.unpack(real); done || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		n := c.from.Find(real)
		if n == nil {
			return errGone(real)
		}
		if err := c.one(origin{node: n, name: path.Base(p), include: s.include, contents: true}); err != nil {
			return err
		}
	}
	return nil
}

// inline writes a heredoc.
func (c *copying) inline(i Inline) error {
	b := tree.NewBuilder(0)
	b.Add(tree.Entry{Path: "/file", Content: i.Content, Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: i.Size, ModTime: c.spec.Time}})
	return c.one(origin{node: b.Layer().Root.Find("/file"), name: path.Base(i.Name)})
}
