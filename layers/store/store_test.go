package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
)

func TestWhatIsPutIsThereForTheNextRun(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	if said := put(cache, Options{}, 1, 2).said(); said != "" {
		t.Errorf("said %q", said)
	}
	s, l := at(cache, Options{})
	for _, n := range []int{1, 2} {
		if e, ok := s.Get(key(n), Tree, Places); !ok || !cmp.Equal(e, entry(n)) {
			t.Errorf("layer %d: got %+v, %v", n, e, ok)
		}
	}
	if e, ok := s.Get(key(3), Tree); ok {
		t.Errorf("what nobody put: got %+v", e)
	}
	if said := l.said(); said != "" {
		t.Errorf("said %q", said)
	}
	for _, name := range []string{filepath.Join(cache, "imgtui"), filepath.Dir(place(cache, 1)), place(cache, 1)} {
		if i, err := os.Stat(name); err != nil || i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v; want that nobody else reads it", name, i.Mode(), err)
		}
	}
	if got := len(names(t, cache)); got != 2 {
		t.Errorf("%d files, want 2", got)
	}
}

func TestNobodysKeyAndNoStoreKeepNothing(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	s, _ := at(cache, Options{})
	made := func() (Entry, error) { t.Error("asked for an entry"); return Entry{}, nil }
	s.Put(Key{}, made)
	s.Close()
	s.Put(key(1), made) // after the end
	if _, ok := s.Get(Key{}); ok || len(names(t, cache)) > 0 {
		t.Error("something is kept")
	}
	(*Store)(nil).Put(key(1), made)
	if _, ok := (*Store)(nil).Get(key(1)); ok {
		t.Error("no store has something")
	}
	(*Store)(nil).Close()
}

func TestKeysAreOfDigestsThatAreKnownOrOfStates(t *testing.T) {
	t.Parallel()
	for _, d := range []string{"", "sha256:", "sha256:../../../../etc/passwd", "sha512:" + strings.Repeat("a", 128), "sha256:" + strings.Repeat("A", 64), "sha256:" + strings.Repeat("a", 65), "local:" + strings.Repeat("a", 64)} {
		if k := ByDigest(model.Digest(d)); k != (Key{}) {
			t.Errorf("%q: got %v, want nobody's", d, k)
		}
	}
	for _, k := range []Key{key(1), ByState("a file"), ByState(""), ByTable("a layer")} {
		if got := keyOf(k.file()); got != k {
			t.Errorf("%s is the file of %v, want of %v", k.file(), got, k)
		}
	}
	for _, file := range []string{"", "x", key(1).file() + "x", "sha256/00/" + key(1).sum + suffix, "sha512" + key(1).file()[6:], "a/" + key(1).file()} {
		if got := keyOf(file); got != (Key{}) && file != key(1).file() {
			t.Errorf("%q is the file of %v, want of nobody", file, got)
		}
	}
	if k := ByTable("x"); !k.Table() || k.Local() || ByState("x").Table() || ByTable("y") == k {
		t.Errorf("%s is not that of a table alone", k)
	}
	if k := ByState("x"); !k.Local() || key(1).Local() || ByState("y") == k {
		t.Error("a state is taken for a digest, or for another state")
	}
}

// TestARunWithoutAPlaceForACacheSaysSo has no home.
func TestARunWithoutAPlaceForACacheSaysSo(t *testing.T) {
	t.Parallel()
	_, l := at("", Options{})
	s, _ := at("", Options{})
	if said := l.said(); !strings.Contains(said, "nothing is kept") || !strings.Contains(said, "neither XDG_CACHE_HOME nor HOME is set") {
		t.Errorf("said %q", said)
	}
	s.Put(key(1), func() (Entry, error) { return entry(1), nil })
	s.Close()
	if _, ok := s.Get(key(1)); ok {
		t.Error("something is kept")
	}
	if dir, err := s.Dir(); dir != "" || err == nil {
		t.Errorf("got folder %q, %v", dir, err)
	}
}

// TestAPlaceThatTakesNothingIsSaidAndNoMore has a file where the folder is to be:
// that stops root too.
func TestAPlaceThatTakesNothingIsSaidAndNoMore(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"imgtui", "imgtui/v1", "imgtui/v1/sha256"} {
		cache := t.TempDir()
		file := filepath.Join(cache, in)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if said := put(cache, Options{}, 1, 2).said(); !strings.Contains(said, "an entry is not kept") {
			t.Errorf("%s: said %q", in, said)
		}
		missed(t, cache, 1, "an entry is not used")
		if b, err := os.ReadFile(file); string(b) != "mine" {
			t.Errorf("%s: the file holds %q, %v", in, b, err)
		}
	}
}

func TestAFolderThatMayNotBeWrittenIsRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	cache := t.TempDir()
	put(cache, Options{}, 1)
	shut := filepath.Join(cache, "imgtui", version, "sha256")
	inner := filepath.Dir(place(cache, 1))
	for _, dir := range []string{inner, shut} {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o700) })
	}
	if said := put(cache, Options{}, 1).said(); !strings.Contains(said, "permission denied") {
		t.Errorf("said %q", said)
	}
	s, _ := at(cache, Options{})
	if e, ok := s.Get(key(1), Tree, Places); !ok || !cmp.Equal(e, entry(1)) {
		t.Errorf("got %+v, %v", e, ok)
	}
}

// TestWhatStandsInTheWayIsThrownAwayAndSaid puts other things where an entry was.
func TestWhatStandsInTheWayIsThrownAwayAndSaid(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "outside")
	for name, c := range map[string]struct {
		put  func(at string) error
		want string
	}{
		"a link to another entry": {func(at string) error { return os.Symlink(filepath.Base(at)+"x", at) }, "no file, but L"},
		"a link to elsewhere":     {func(at string) error { return os.Symlink(outside, at) }, "no file, but L"},
		"a folder":                {func(at string) error { return os.Mkdir(at, 0o700) }, "no file, but d"},
		"a pipe":                  {makePipe, "no file, but p"},
		"an empty file":           {func(at string) error { return os.WriteFile(at, nil, 0o600) }, "damaged: 0 bytes"},
		"another's entry":         {func(at string) error { return os.WriteFile(at, packed(t, 5), 0o600) }, "damaged: it is that of"},
	} {
		cache := t.TempDir()
		put(cache, Options{}, 1)
		whole, err := os.ReadFile(place(cache, 1))
		if err == nil {
			err = os.WriteFile(outside, whole, 0o600)
		}
		if err == nil {
			err = os.Rename(place(cache, 1), place(cache, 1)+"x")
		}
		if err == nil {
			err = c.put(place(cache, 1))
		}
		if errors.Is(err, errors.ErrUnsupported) {
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		missed(t, cache, 1, c.want)
		if _, err := os.Lstat(place(cache, 1)); err == nil {
			t.Errorf("%s: it is still there", name)
		}
		put(cache, Options{}, 1)
		s, _ := at(cache, Options{})
		if e, ok := s.Get(key(1), Tree, Places); !ok || !cmp.Equal(e, entry(1)) {
			t.Errorf("%s: put anew: got %+v, %v", name, e, ok)
		}
		if b, err := os.ReadFile(outside); err != nil || string(b) != string(whole) {
			t.Errorf("%s: what is outside has become another", name)
		}
	}
}

// TestAFullFolderInTheWayIsLeft: it is not the store's to empty.
func TestAFullFolderInTheWayIsLeft(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	mine := filepath.Join(place(cache, 1), "mine")
	if err := os.MkdirAll(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	missed(t, cache, 1, "no file, but d")
	if said := put(cache, Options{}, 1).said(); !strings.Contains(said, "an entry is not kept") {
		t.Errorf("said %q", said)
	}
	if _, err := os.Stat(mine); err != nil || len(names(t, cache)) > 0 {
		t.Errorf("left %v, %v", names(t, cache), err)
	}
}

// TestWhatIsAnothersIsLeftAlone needs root, which alone gives files away.
func TestWhatIsAnothersIsLeftAlone(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	for _, c := range []struct{ whose, want string }{
		{"file", "it belongs to user 12345"}, {"folder", "belongs to user 12345"}, {"home", "belongs to user 12345"},
	} {
		cache := t.TempDir()
		put(cache, Options{}, 1)
		given := map[string]string{"file": place(cache, 1), "folder": filepath.Join(cache, "imgtui", version), "home": cache}[c.whose]
		if c.whose == "home" { // and nothing in it yet
			if err := os.RemoveAll(filepath.Join(cache, "imgtui")); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chown(given, 12345, -1); err != nil {
			t.Skip(err)
		}
		if c.whose != "home" {
			missed(t, cache, 1, c.want)
		}
		if c.whose == "file" {
			continue // in one's own folder it is replaced
		}
		before := names(t, cache)
		if said := put(cache, Options{}, 1, 2).said(); !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q", c.whose, said)
		}
		if got := names(t, cache); !slices.Equal(got, before) {
			t.Errorf("%s: there is %v, was %v", c.whose, got, before)
		}
	}
}

func TestThoseNotUsedForTheLongestGoFirst(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	put(cache, Options{}, 1, 2, 3, 4)
	size := int64(len(packed(t, 3))) // which all have but for a byte or two
	for n, age := range map[int]int{1: 4, 2: 3, 3: 2, 4: 1} {
		old := time.Now().Add(-time.Duration(age) * time.Hour)
		if err := os.Chtimes(place(cache, n), old, old); err != nil {
			t.Fatal(err)
		}
	}
	s, l := at(cache, Options{})
	s.Get(key(2)) // which is a use
	kept, err := s.List()
	if got := of(kept); err != nil || !slices.Equal(got, []Key{key(2), key(4), key(3), key(1)}) {
		t.Errorf("listed %v, %v", got, err)
	}
	if kept[0].Entries != 9 || kept[0].Bytes != int64(len(packed(t, 2))) || time.Since(kept[0].Used) > time.Minute || time.Since(kept[3].Used) < time.Hour {
		t.Errorf("got %+v", kept)
	}
	put(cache, Options{Most: 3*size + size/2}, 5)
	if kept, err = s.List(); err != nil || !slices.Equal(of(kept), []Key{key(5), key(2), key(4)}) {
		t.Errorf("after one more: %v, %v", of(kept), err)
	}
	freed, err := s.Prune(size + size/2)
	if kept, _ := s.List(); err != nil || !slices.Equal(of(kept), []Key{key(5)}) || freed != (Freed{2, int64(len(packed(t, 2)) + len(packed(t, 4)))}) {
		t.Errorf("down to one: %v, freed %v, %v", of(kept), freed, err)
	}
	freed, err = s.Prune(0)
	if kept, _ := s.List(); err != nil || len(kept) > 0 || freed != (Freed{1, int64(len(packed(t, 5)))}) {
		t.Errorf("down to none: %v, freed %v, %v", of(kept), freed, err)
	}
	if said := l.said(); said != "" {
		t.Errorf("said %q", said)
	}
}

func of(all []Kept) (keys []Key) {
	for _, k := range all {
		keys = append(keys, k.Key)
	}
	return keys
}

func TestAnEntryThatIsHalfOfAllIsNotKept(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	if said := put(cache, Options{Most: 300}, 1).said(); !strings.Contains(said, "bytes of the 300 that all may take") {
		t.Errorf("said %q", said)
	}
	if got := names(t, cache); len(got) > 0 {
		t.Errorf("left %v", got)
	}
}

// TestWhatCannotBeMadeKeepsNoOtherBack has one that panics and one that fails.
func TestWhatCannotBeMadeKeepsNoOtherBack(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	s, l := at(cache, Options{})
	s.Put(key(1), func() (Entry, error) { panic("no tree") })
	s.Put(key(2), func() (Entry, error) { return Entry{}, fmt.Errorf("no bytes") })
	s.Put(key(3), func() (Entry, error) { return entry(3), nil })
	s.Close()
	said := l.said()
	if !strings.Contains(said, "internal fault: no tree") || !strings.Contains(said, "no bytes") {
		t.Errorf("said %q", said)
	}
	if _, ok := s.Get(key(3)); !ok {
		t.Error("the third is not kept")
	}
}

// TestTheEndOfARunWaitsNotForLong has a writer that does not come to an end.
func TestTheEndOfARunWaitsNotForLong(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	s, l := at(cache, Options{})
	s.patient = time.Millisecond
	begun, hang := make(chan struct{}), make(chan struct{})
	s.Put(key(1), func() (Entry, error) { close(begun); <-hang; return entry(1), nil })
	s.Put(key(2), func() (Entry, error) { return entry(2), nil })
	<-begun
	s.mu.Lock()
	done := s.writing
	s.mu.Unlock()
	s.Close() // or this never ends
	close(hang)
	<-done
	if _, ok := s.Get(key(2)); ok || !strings.Contains(l.said(), `"not kept"=1`) {
		t.Error("a write has begun after the end")
	}
	if _, ok := s.Get(key(1)); !ok {
		t.Error("the write that ran is not there")
	}
}

func TestWhatKilledWritersLeaveIsSweptAway(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	put(cache, Options{}, 1)
	dir := filepath.Dir(place(cache, 1))
	for name, age := range map[string]time.Duration{
		filepath.Base(place(cache, 1)) + ".ABC" + aside: time.Hour, filepath.Base(place(cache, 1)) + ".DEF" + aside: 0, "mine.txt": time.Hour,
	} {
		old := time.Now().Add(-age)
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	put(cache, Options{}, 1)
	got := names(t, cache)
	slices.Sort(got)
	base := filepath.Base(place(cache, 1))
	if want := []string{base, base + ".DEF" + aside, "mine.txt"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	s, _ := at(cache, Options{})
	if freed, err := s.Prune(0); err != nil || freed.Entries != 1 {
		t.Errorf("freed %v, %v", freed, err)
	}
	if got := names(t, cache); !slices.Equal(got, []string{"mine.txt"}) {
		t.Errorf("left %v, want what is not the store's", got)
	}
}

// another starts the test's own program as another process on a store.
func another(t *testing.T, does, cache string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), "IMGTUI_TEST_STORE="+does, "IMGTUI_TEST_CACHE="+cache, "GORACE=atexit_sleep_ms=0")
	c.Stderr = os.Stderr
	return c
}

// share puts and gets the same few entries over and over, and says what was wrong.
func share() {
	cache := os.Getenv("IMGTUI_TEST_CACHE")
	got := 0
	for range 60 {
		put(cache, Options{Most: 3 * 700}, 0, 1, 2, 3)
		s, _ := at(cache, Options{})
		for n := range 4 {
			e, ok := s.Get(key(n), Tree, Places)
			if ok && !cmp.Equal(e, entry(n)) {
				fmt.Println("another entry", n)
			}
			if ok {
				got++
			}
		}
	}
	if got == 0 {
		fmt.Println("never an entry")
	}
}

// TestSeveralProcessesShareAStore has three put, get and prune at once.
func TestSeveralProcessesShareAStore(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	var all []*exec.Cmd
	var said []*strings.Builder
	for range 3 {
		c, b := another(t, "share", cache), &strings.Builder{}
		c.Stdout = b
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		all, said = append(all, c), append(said, b)
	}
	for i, c := range all {
		if err := c.Wait(); err != nil || said[i].Len() > 0 {
			t.Errorf("%v: %s", err, said[i])
		}
	}
	if got := slices.DeleteFunc(names(t, cache), func(n string) bool { return strings.HasSuffix(n, suffix) }); len(got) > 0 {
		t.Errorf("left %v", got)
	}
}

// writeForEver puts the same large entries until it is killed.
func writeForEver() {
	cache := os.Getenv("IMGTUI_TEST_CACHE")
	for n := 0; ; n++ {
		put(cache, Options{}, n%8)
		if n == 0 {
			fmt.Println("begun")
		}
	}
}

// TestAKilledWriterLeavesNoWrongEntry kills one again and again.
func TestAKilledWriterLeavesNoWrongEntry(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	for round := range 12 {
		c := another(t, "write", cache)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(round) * 3 * time.Millisecond) // wherever it is then
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		s, l := at(cache, Options{})
		for n := range 8 {
			if e, ok := s.Get(key(n), Tree, Places); ok && !cmp.Equal(e, entry(n)) {
				t.Errorf("entry %d is another: %+v", n, e)
			}
		}
		if said := l.said(); said != "" {
			t.Errorf("said %q", said)
		}
	}
}
