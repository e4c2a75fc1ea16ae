package store

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Kept is an entry as it lies in the store.
type Kept struct {
	Key     Key
	Bytes   int64
	Entries int // headers of the layer's tar; −1 where the file is damaged
	Used    time.Time
}

// List returns what is kept, the last used first.
func (s *Store) List() ([]Kept, error) {
	root, err := s.folder()
	if err != nil {
		return nil, unlessGone(err)
	}
	defer root.Close()
	all, err := find(root)
	for i := range all.kept {
		all.kept[i].Entries = s.entries(root, all.kept[i].Key)
	}
	slices.Reverse(all.kept)
	return all.kept, err
}

// entries reads how many entries the layer of a kept file has.
func (s *Store) entries(root *os.Root, k Key) int {
	f, size, err := openRegular(root, k.file())
	if err != nil {
		return -1
	}
	defer f.Close()
	r, err := s.squeeze.read(f, size, k)
	if err != nil {
		return -1
	}
	return r.head.Entries
}

// Freed is what has been removed.
type Freed struct {
	Entries int
	Bytes   int64
}

// Prune removes entries, those first that have not been used for the longest,
// until no more than so many bytes are left, and what killed writers have left.
func (s *Store) Prune(most int64) (Freed, error) {
	root, err := s.folder()
	if err != nil {
		return Freed{}, unlessGone(err)
	}
	defer root.Close()
	all, err := find(root)
	freed, more := all.prune(root, most)
	return freed, errors.Join(err, more)
}

// sweep prunes down to the limit.
func (s *Store) sweep() {
	freed, err := s.Prune(s.most)
	if freed != (Freed{}) || err != nil {
		s.log.Debug("pruned", "entries", freed.Entries, "bytes", freed.Bytes, "err", err)
	}
}

// found is what lies in a store's folder.
type found struct {
	kept  []Kept // the last used last
	aside []left
}

// left is the file of a writer.
type left struct {
	name string
	size int64
	used time.Time
}

// find looks at every file. Those that are not the store's are passed over.
func find(root *os.Root) (found, error) {
	var all found
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return unlessGone(err)
		}
		i, err := d.Info()
		if err != nil {
			return unlessGone(err)
		}
		switch k := keyOf(name); {
		case k != Key{}:
			all.kept = append(all.kept, Kept{Key: k, Bytes: i.Size(), Used: i.ModTime()})
		case isAside(name):
			all.aside = append(all.aside, left{name, i.Size(), i.ModTime()})
		}
		return nil
	})
	slices.SortFunc(all.kept, func(a, b Kept) int {
		return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.Key.String(), b.Key.String()))
	})
	return all, err
}

// writerTime is how long a writer may take; what is older has been left.
const writerTime = 10 * time.Minute

// prune removes what is left, and what is too much. It goes on where one file
// cannot be removed.
func (f found) prune(root *os.Root, most int64) (freed Freed, err error) {
	var errs []error
	total := int64(0)
	for _, l := range f.aside {
		if time.Since(l.used) < writerTime && most > 0 {
			total += l.size
			continue
		}
		errs = append(errs, unlessGone(root.Remove(l.name)))
		freed.Bytes += l.size
	}
	for _, k := range f.kept {
		total += k.Bytes
	}
	for _, k := range f.kept {
		if total <= most {
			break
		}
		if err := root.Remove(k.Key.file()); err != nil {
			errs = append(errs, unlessGone(err))
			continue
		}
		total -= k.Bytes
		freed.Entries++
		freed.Bytes += k.Bytes
	}
	return freed, errors.Join(errs...)
}
