package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model/words"
)

const cacheLong = `What was read of a layer is kept, so that it need not be read or fetched again:
by the digest of its bytes where they were held against it, what its table of
contents says by what its manifest says, and that of a file for as long as it is
the same. Those not used for the longest go when all take too much.
The content of files is not in it.`

// cacheVerbs are what can be done with the cache; the first is what is done
// without a name.
var cacheVerbs = []struct {
	name string
	run  func(*call, *store.Store) error
}{
	{"list", (*call).cacheList},
	{"size", (*call).cacheSize},
	{"prune", (*call).cachePrune},
	{"path", (*call).cachePath},
}

func cacheNames() (names []string) {
	for _, v := range cacheVerbs {
		names = append(names, v.name)
	}
	return names
}

func cacheFlags(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.all, "all", false, "prune: remove everything")
	o.most = store.Most
	f.Var(&o.most, "keep", "prune: remove until no more than so many `bytes` are left, such as 100MB")
}

// size is a number of bytes on the command line.
type size int64

// String implements pflag.Value.
func (s *size) String() string { return units.HumanSize(float64(*s)) }

// Type implements pflag.Value.
func (s *size) Type() string { return "bytes" }

// Set implements pflag.Value.
func (s *size) Set(text string) error {
	n, err := units.FromHumanSize(text)
	if err != nil || n < 0 {
		return errors.New("want bytes, such as 100MB")
	}
	*s = size(n)
	return nil
}

// cacheJSON is the document of cache: what there is when all is done.
type cacheJSON struct {
	Path    string     `json:"path"`
	Bytes   int64      `json:"bytes"`
	Limit   int64      `json:"limit_bytes"`
	Freed   int64      `json:"freed_bytes"`
	Removed int        `json:"removed"`
	Layers  []keptJSON `json:"layers"`
}

// keptJSON is a layer of which something is kept.
type keptJSON struct {
	Key     string     `json:"key"`
	Bytes   int64      `json:"bytes"`
	Entries *int       `json:"entries"`
	Used    *time.Time `json:"last_used"`
}

// cache tells of the cache, or prunes it.
func (c *call) cache() error {
	verb := cacheVerbs[0].name
	if len(c.args) > 0 {
		verb = c.args[0]
	}
	i := slices.Index(cacheNames(), verb)
	if i < 0 {
		return &usageError{"cache: there is no " + verb, "there are " + strings.Join(cacheNames(), ", ")}
	}
	s := c.store()
	if _, err := s.Dir(); err != nil {
		return err
	}
	return cacheVerbs[i].run(c, s)
}

// store is the cache of layers that were read.
func (c *call) store() *store.Store { return store.Open(store.Options{Env: c.env, Log: c.debug}) }

// cacheDocument is what there is, after so much has been removed.
func cacheDocument(s *store.Store, freed store.Freed) (cacheJSON, error) {
	dir, _ := s.Dir()
	all, err := s.List()
	j := cacheJSON{Path: dir, Limit: s.Limit(), Freed: freed.Bytes, Removed: freed.Entries, Layers: []keptJSON{}}
	for _, k := range all {
		l := keptJSON{Key: k.Key.String(), Bytes: k.Bytes, Used: when(k.Used)}
		if k.Entries >= 0 {
			l.Entries = &k.Entries
		}
		j.Bytes += k.Bytes
		j.Layers = append(j.Layers, l)
	}
	return j, err
}

// cacheTell writes what there is, as a document or by a func.
func (c *call) cacheTell(s *store.Store, freed store.Freed, text func(cacheJSON) error) error {
	j, err := cacheDocument(s, freed)
	switch {
	case err != nil:
		return err
	case c.json:
		return c.write(j)
	}
	return text(j)
}

func (c *call) cacheList(s *store.Store) error {
	return c.cacheTell(s, store.Freed{}, func(j cacheJSON) error {
		now := time.Now()
		t := table{align: "rrrl"}
		t.add("SIZE", "ENTRIES", "USED", "LAYER")
		for _, l := range j.Layers {
			entries := "damaged"
			if l.Entries != nil {
				entries = words.Exact(*l.Entries)
			}
			t.add(words.Bytes(l.Bytes), entries, words.Age(*l.Used, now), l.Key)
		}
		return t.write(c.out)
	})
}

func (c *call) cacheSize(s *store.Store) error {
	return c.cacheTell(s, store.Freed{}, func(j cacheJSON) error {
		_, err := fmt.Fprintf(c.out, "%s of %s, layers: %d\n", words.Bytes(j.Bytes), words.Bytes(j.Limit), len(j.Layers))
		return err
	})
}

func (c *call) cachePrune(s *store.Store) error {
	most := int64(c.most)
	if c.all {
		most = 0
	}
	freed, err := s.Prune(most)
	if err != nil {
		return err
	}
	return c.cacheTell(s, freed, func(j cacheJSON) error {
		_, err := fmt.Fprintf(c.out, "%s freed, layers: %d; %s left, layers: %d\n", words.Bytes(j.Freed), j.Removed, words.Bytes(j.Bytes), len(j.Layers))
		return err
	})
}

func (c *call) cachePath(s *store.Store) error {
	return c.cacheTell(s, store.Freed{}, func(j cacheJSON) error {
		_, err := fmt.Fprintln(c.out, j.Path)
		return err
	})
}
