// Package buildcontext reads a folder as BuildKit's client would send it as a
// build context, and keeps what it read true while the folder changes.
package buildcontext

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/plan"
)

// Options say how to read a folder.
type Options struct {
	// Dockerfile is the path of the Dockerfile: an ignore file named after it
	// stands before the folder's .dockerignore. "" looks for the latter alone.
	Dockerfile string
	// Memory spares the reading of files that are as they were. It may come
	// from an earlier run; nil starts with none.
	Memory *Memory
	// Progress is told now and then how many paths were looked at and how many
	// bytes were read. It is called by one goroutine at a time; may be nil.
	Progress func(paths, bytes int64)
	// Unweighed leaves the ignored paths without their sums: a large folder
	// that is ignored is then not looked at.
	Unweighed bool
	// Poll is how often [Folder.Watch] looks for itself, for disks whose changes
	// the system does not tell of; 0 means to be told.
	Poll time.Duration
}

// Folder is a folder that serves as build context. Its methods may be called
// by several goroutines; one walk is done at a time.
type Folder struct {
	dir     string
	options Options
	root    *os.Root
	memory  *Memory

	mu    sync.Mutex
	state *state // of the last walk; nil before the first
}

// state is what the last walk found.
type state struct {
	rules   rules
	context plan.Context
	faults  []fault
	ignored map[string]plan.Ignored
	linked  map[string]bool // files with more names than one
}

// Open opens a folder. The caller closes it.
func Open(dir string, o Options) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open context: %w", err)
	}
	memory := o.Memory
	if memory == nil {
		memory = &Memory{}
	}
	return &Folder{dir: dir, options: o, root: root, memory: memory}, nil
}

// Close implements io.Closer. What was read stays valid.
func (f *Folder) Close() error { return f.root.Close() }

// Walk reads the whole folder. What cannot be read is told among the faults;
// an error means that there is nothing to show for it.
func (f *Folder) Walk(ctx context.Context) (plan.Context, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.readRules()
	if err != nil {
		return plan.Context{}, err
	}
	return f.walk(ctx, r)
}

func (f *Folder) walk(ctx context.Context, r rules) (plan.Context, error) {
	memory := f.memory.begin()
	w := f.newWalk(ctx, r, memory)
	top := &found{path: "", sent: true, attr: rootAttr}
	w.queue.add(job{dir: top})
	if err := w.run(runtime.GOMAXPROCS(0)); err != nil {
		return plan.Context{}, fmt.Errorf("read context %s: %w", f.dir, err)
	}
	memory.end()
	s := &state{rules: r, faults: w.faults, ignored: w.ignored, linked: map[string]bool{}}
	s.context = plan.Context{Dir: f.dir, Root: s.plant(top)}
	s.sum()
	f.state = s
	return s.context, nil
}

func (f *Folder) newWalk(ctx context.Context, r rules, memory *pass) *walk {
	return &walk{
		ctx: ctx, root: f.root, patterns: r.patterns, memory: memory, options: f.options,
		queue: newQueue(), ignored: map[string]plan.Ignored{},
	}
}

// fault is something that could not be read.
type fault struct{ path, text string }

// String returns it as users read it.
func (f fault) String() string { return f.path + ": " + f.text }

// rules are the patterns in force, and the text they come from.
type rules struct {
	patterns ignore.Patterns
	from     string // the ignore file; "" where there is none
	text     string
}
