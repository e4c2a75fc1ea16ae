package buildcontext

import (
	"sync"
	"time"
)

// Memory is what is known of files that were read: it spares reading those
// that are as they were. It may serve several walks of one folder, one after
// another. The zero value knows nothing.
type Memory struct {
	mu    sync.Mutex
	files map[string]memo
}

// key is what changes when a file does.
type key struct {
	Size, Modified, Changed int64 // times in Unix nanoseconds
	Device, Inode           uint64
}

// memo is what is remembered of a file.
type memo struct {
	Key     key
	Content uint64
	Xattrs  string
}

// Len returns how many files are remembered.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.files)
}

// pass is one walk's use of a memory. What it meets is kept at once, also
// where the walk is given up; what it does not meet is forgotten at its end.
type pass struct {
	*Memory
	met map[string]memo // nil where nothing is to be forgotten
}

func (m *Memory) begin() *pass {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string]memo{}
	}
	return &pass{Memory: m, met: make(map[string]memo, len(m.files))}
}

// part is a pass that sees a part of the folder only.
func (m *Memory) part() *pass {
	p := m.begin()
	p.met = nil
	return p
}

func (p *pass) recall(path string, k key) (memo, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, ok := p.files[path]
	if !ok || m.Key != k {
		return memo{}, false
	}
	if p.met != nil {
		p.met[path] = m
	}
	return m, true
}

// remember keeps what was read at a time, unless the file may change once more
// without its times saying so.
func (p *pass) remember(path string, m memo, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if racy(m.Key, at) {
		delete(p.files, path)
		return
	}
	p.files[path] = m
	if p.met != nil {
		p.met[path] = m
	}
}

func (p *pass) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.met != nil {
		p.files, p.met = p.met, nil
	}
}

// The steps in which file systems count time: those that keep whole seconds or
// milliseconds, and those that take the kernel's clock.
const (
	coarse = 2 * time.Second
	fine   = 100 * time.Millisecond
)

// racy tells whether a file was written so shortly before it was read that a
// later write might get the same time.
func racy(k key, at time.Time) bool {
	step := fine
	if k.Modified%int64(time.Millisecond) == 0 || k.Changed%int64(time.Millisecond) == 0 {
		step = coarse
	}
	return max(k.Modified, k.Changed) > at.Add(-step).UnixNano()
}
