// Package store keeps between runs what was read of layers, by digest, safely:
// what is not there, damaged or cannot be written is read again, and never an
// error for who asks.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/imgtui/imgtui/layers/home"
)

// Store is a folder of entries, which several processes may use at once. It may
// be used from several goroutines at once.
type Store struct {
	dir     string
	none    error // why nothing is kept, or nil
	most    int64
	patient time.Duration
	log     *slog.Logger
	squeeze *squeeze

	mu      sync.Mutex
	queue   []job
	writing chan struct{} // closed when the writer has ended; nil where none runs
	until   time.Time     // when no further write begins; zero before Close
}

// Options say where entries are kept, and how many.
type Options struct {
	Env  func(string) string // where the user's caches are; nil asks the process
	Most int64               // bytes of all files; 0 is [Most]
	Log  *slog.Logger        // is told of what is thrown away and cannot be kept; may be nil
	// Patience is how long [Store.Close] lets writes begin; 0 is half a second.
	Patience time.Duration
}

// Most is how many bytes all files may have together, where nobody says another.
const Most = 256 << 20

// version is the folder of files of this layout.
const version = "v1"

// Open returns the store of the user. Where there is no place for one it keeps
// nothing, and the log says why.
func Open(o Options) *Store {
	s := &Store{most: cmp.Or(o.Most, Most), patient: cmp.Or(o.Patience, lastBegin), log: o.Log, squeeze: newSqueeze()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	env := o.Env
	if env == nil {
		env = os.Getenv
	}
	dir, err := home.Cache(env)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		s.none = fmt.Errorf("no folder for a cache: %w", err)
		s.log.Debug("nothing is kept", "cause", s.none)
		return s
	}
	s.dir = filepath.Join(dir, version)
	return s
}

// Dir is the folder of all entries, which need not be there. An error says why
// there is none.
func (s *Store) Dir() (string, error) { return s.dir, s.none }

// Limit is how many bytes all files may have together.
func (s *Store) Limit() int64 { return s.most }

// folder opens the store's folder, which must be the user's own.
func (s *Store) folder() (*os.Root, error) {
	if s.none != nil {
		return nil, s.none
	}
	if err := home.Own(s.dir); err != nil {
		return nil, err
	}
	return os.OpenRoot(s.dir)
}

// Get returns what is kept under a key, of its sections those with these names,
// and whether anything is. Who asks counts as a use.
func (s *Store) Get(k Key, sections ...string) (Entry, bool) {
	if s == nil || k == (Key{}) {
		return Entry{}, false
	}
	root, err := s.folder()
	if err == nil {
		defer root.Close()
		var e Entry
		if e, err = s.get(root, k, sections); err == nil {
			return e, true
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.log.Debug("an entry is not used", "key", k, "cause", err)
	}
	return Entry{}, false
}

func (s *Store) get(root *os.Root, k Key, sections []string) (Entry, error) {
	f, size, err := openRegular(root, k.file())
	if err != nil {
		return Entry{}, s.discarded(root, k, err)
	}
	defer f.Close()
	r, err := s.squeeze.read(f, size, k)
	if err != nil {
		return Entry{}, s.discarded(root, k, err)
	}
	e, err := r.entry(sections)
	if err != nil {
		return Entry{}, s.discarded(root, k, err)
	}
	s.touch(root, k)
	return e, nil
}

// discarded throws away what is not as it was written, and returns why.
func (s *Store) discarded(root *os.Root, k Key, why error) error {
	if errors.Is(why, errDamaged) {
		return errors.Join(why, root.Remove(k.file()))
	}
	return why
}

// Free gives back the memory of a section, which nobody looks at any more.
func (s *Store) Free(section []byte) { s.squeeze.free(section) }

// Discard throws an entry away of which somebody else can make nothing.
func (s *Store) Discard(k Key, why error) {
	root, err := s.folder()
	if err == nil {
		err = root.Remove(k.file())
		root.Close()
	}
	s.log.Debug("an entry is thrown away", "key", k, "cause", why, "err", err)
}

// touch notes a use. The system does so for few files, and late.
func (s *Store) touch(root *os.Root, k Key) {
	now := time.Now()
	if err := root.Chtimes(k.file(), now, now); err != nil {
		s.log.Debug("a use is not noted", "key", k, "cause", err)
	}
}
