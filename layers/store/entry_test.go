package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

// packed is the file of a made layer.
func packed(t testing.TB, n int) []byte {
	t.Helper()
	pieces, err := newSqueeze().pack(key(n), entry(n))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Join(pieces, nil)
}

// all reads a whole file.
func all(z *squeeze, b []byte, k Key) (Entry, error) {
	r, err := z.read(bytes.NewReader(b), int64(len(b)), k)
	if err != nil {
		return Entry{}, err
	}
	return r.entry([]string{Tree, Places})
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	z, b := newSqueeze(), packed(t, 3)
	got, err := all(z, b, key(3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entry(3), got); diff != "" {
		t.Error(diff)
	}
	r, err := z.read(bytes.NewReader(b), int64(len(b)), key(3))
	if err != nil {
		t.Fatal(err)
	}
	one, err := r.entry([]string{Places, "none"})
	if err != nil || len(one.Sections) != 1 || !bytes.Equal(one.Sections[Places], entry(3).Sections[Places]) {
		t.Errorf("got %+v, %v; want the one section that there is of those asked for", one, err)
	}
}

// TestNoDamageIsReadAsAnEntry changes every byte, in two ways, and cuts the file
// at every length.
func TestNoDamageIsReadAsAnEntry(t *testing.T) {
	t.Parallel()
	z, b := newSqueeze(), packed(t, 0)
	for i := range b {
		for _, by := range []byte{1, 0xff} {
			b[i] ^= by
			if e, err := all(z, b, key(0)); !errors.Is(err, errDamaged) {
				t.Errorf("byte %d changed by %#x: got %+v, %v", i, by, e, err)
			}
			b[i] ^= by
		}
		if e, err := all(z, b[:i], key(0)); !errors.Is(err, errDamaged) {
			t.Errorf("cut at %d: got %+v, %v", i, e, err)
		}
	}
	if _, err := all(z, append(b, 0), key(0)); !errors.Is(err, errDamaged) {
		t.Errorf("a byte more: %v", err)
	}
	if _, err := all(z, b, key(1)); !errors.Is(err, errDamaged) {
		t.Errorf("asked for another: %v", err)
	}
}

// shrinking has ever fewer bytes than it said.
type shrinking struct {
	io.ReaderAt
	size int64
}

func (s *shrinking) ReadAt(p []byte, off int64) (int, error) {
	s.size -= 400
	return io.NewSectionReader(s.ReaderAt, 0, s.size).ReadAt(p, off)
}

func TestAFileThatShrinksIsDamaged(t *testing.T) {
	t.Parallel()
	e := entry(0)
	for i := range 2000 { // which does not compress
		e.Sections["noise"] = binary.LittleEndian.AppendUint64(e.Sections["noise"], xxh3.HashString(fmt.Sprint(i)))
	}
	z := newSqueeze()
	pieces, err := z.pack(key(0), e)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.Join(pieces, nil)
	r, err := z.read(&shrinking{bytes.NewReader(b), int64(len(b))}, int64(len(b)), key(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.entry([]string{Tree}); !errors.Is(err, errDamaged) {
		t.Errorf("got %v", err)
	}
}

// TestHeadsThatLieAreDamaged has their sums right.
func TestHeadsThatLieAreDamaged(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]head{
		"a tar of less than nothing":      {Tar: -1},
		"less than no entries":            {Entries: -1},
		"a section of less than nothing":  {Sections: []section{{Name: Tree, Stored: -5}, {Stored: 9}}},
		"a section longer than the file":  {Sections: []section{{Name: Tree, Stored: 5}}},
		"sums that flow over":             {Sections: []section{{Stored: 1<<63 - 1}, {Stored: 1<<63 - 1}, {Stored: 6}}},
		"a section that fills the memory": {Sections: []section{{Name: Tree, Stored: 4, Plain: 1 << 40}}},
		"a section that grows too much":   {Sections: []section{{Name: Tree, Stored: 4, Plain: 1 << 29}}},
		"bytes behind it":                 {},
		"too many sections":               {Sections: make([]section, 1000)},
		"another's":                       {Key: "sha256:1", Sections: []section{{Name: "x", Stored: 4}}},
	} {
		if h.Key == "" {
			h.Key = key(0).String()
		}
		body, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := all(newSqueeze(), append(sealed(body), "body"...), key(0)); !errors.Is(err, errDamaged) {
			t.Errorf("%s: got %+v, %v", name, e, err)
		}
	}
	long := sealed(bytes.Repeat([]byte(" "), mostHead+1))
	if _, err := all(newSqueeze(), long, key(0)); !errors.Is(err, errDamaged) {
		t.Errorf("a long head: got %v", err)
	}
}

// TestALongHeadIsReadWhole is of one that does not come with the first bytes.
func TestALongHeadIsReadWhole(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(head{Key: key(0).String(), Entries: 5})
	if err != nil {
		t.Fatal(err)
	}
	b := sealed(append(body, bytes.Repeat([]byte(" "), 20_000)...))
	if e, err := all(newSqueeze(), b, key(0)); err != nil || e.Entries != 5 {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestAnOtherVersionIsThrownAway(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	put(cache, Options{}, 0)
	b, err := os.ReadFile(place(cache, 0))
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(string(b), magic, "imgtui 3", 1)
	if err := os.WriteFile(place(cache, 0), []byte(later), 0o600); err != nil {
		t.Fatal(err)
	}
	missed(t, cache, 0, `it begins with \"imgtui 3\"`)
	if got := names(t, cache); len(got) > 0 {
		t.Errorf("left %v", got)
	}
}

// FuzzRead reads any head, with its sum right where it is to be, and any body.
func FuzzRead(f *testing.F) {
	whole := packed(f, 0)
	n := len(whole) - 30
	f.Add(whole, []byte{}, false)
	f.Add(whole[:n], whole[n:], false)
	f.Add([]byte(`{"key":"`+key(0).String()+`","sections":[{"name":"tree","stored":4,"plain":0,"sum":5}]}`), []byte("body"), true)
	f.Add([]byte(`{"key":"`+key(0).String()+`","tar":1,"entries":2}`), []byte{}, true)
	z := newSqueeze()
	f.Fuzz(func(t *testing.T, head, body []byte, seal bool) {
		if seal {
			head = sealed(head)
		}
		e, err := all(z, append(bytes.Clone(head), body...), key(0))
		switch {
		case err != nil && !errors.Is(err, errDamaged):
			t.Errorf("got %v, want that it is damaged", err)
		case err == nil && (e.Facts.Tar < 0 || e.Entries < 0):
			t.Errorf("got %+v", e)
		}
		if err != nil {
			return
		}
		pieces, err := z.pack(key(0), e)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := all(z, bytes.Join(pieces, nil), key(0)); err != nil || !cmp.Equal(e, again) {
			t.Errorf("read %+v, and once more %+v, %v", e, again, err)
		}
	})
}
