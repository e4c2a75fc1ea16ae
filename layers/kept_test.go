package layers

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// storeIn opens the store of a cache folder, as each run does.
func storeIn(cache string) *store.Store {
	return store.Open(store.Options{Env: func(name string) string {
		return map[string]string{"XDG_CACHE_HOME": cache}[name]
	}, Patience: time.Hour})
}

// kept are the keys of what is in a store.
func kept(t *testing.T, cache string) (keys []store.Key) {
	t.Helper()
	all, err := storeIn(cache).List()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		keys = append(keys, k.Key)
	}
	return keys
}

// run opens an image as a run of the program does that nobody watches.
func run(t *testing.T, ref string, o Options) session.Stack {
	t.Helper()
	e := New(o)
	defer e.Close()
	s, rs := session.Start(session.Open{Ref: ref})
	k := session.Settle(t.Context(), s, rs, e.Do).Stacks[session.Was]
	if k.Err != nil {
		t.Fatal(k.Err)
	}
	return k
}

// sameStack holds that two runs have shown the same.
func sameStack(t *testing.T, what string, got, want session.Stack) {
	t.Helper()
	if len(got.Layers) != len(want.Layers) || got.Report == nil {
		t.Fatalf("%s: %d layers of %d, report %v, missing %v", what, len(got.Layers), len(want.Layers), got.Report, got.Missing())
	}
	if diff := cmp.Diff(want.Report, got.Report); diff != "" {
		t.Errorf("%s: the report: %s", what, diff)
	}
	if diff := cmp.Diff(want.Warnings(), got.Warnings()); diff != "" {
		t.Errorf("%s: the warnings: %s", what, diff)
	}
	for n, l := range got.Layers {
		w := want.Layers[n]
		if l.Tar != w.Tar || l.DiffID != w.DiffID || l.Tree.Entries != w.Tree.Entries || l.Tree.Unpacked != w.Tree.Unpacked {
			t.Errorf("%s: layer %d: got %d bytes, %s, %d entries; want %d, %s, %d", what, n, l.Tar, l.DiffID, l.Tree.Entries, w.Tar, w.DiffID, w.Tree.Entries)
		}
		if diff := cmp.Diff(listing(w.Root), listing(l.Root)); diff != "" {
			t.Errorf("%s: layer %d: the root is another: %s", what, n, diff)
		}
	}
}

// listing is a root, a line a path. What is unread equals itself alone, in one run.
func listing(root *tree.Node) (all []string) {
	root.Walk(func(path string, n *tree.Node) bool {
		line := fmt.Sprintf("%s %+v %d %d", path, n.Attr(), n.Layer, n.Count())
		if p := n.Payload(); p != nil && !p.Unread() {
			line += fmt.Sprintf(" %d at %d: %x", p.Entry(), p.Offset(), p.Content())
		} else if p != nil {
			line += fmt.Sprintf(" %d at %d: unread", p.Entry(), p.Offset())
		}
		all = append(all, line)
		return true
	})
	return all
}

// aged makes a file, and all in a folder, as old as most are.
func aged(t testing.TB, name string) string {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(name, func(name string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(name, old, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// app is an image of four layers with whiteouts and links.
func app() sourcetest.Image { return sourcetest.App("a:1") }

// served serves an image, and returns its reference and the requests for its layers.
func served(t *testing.T, i sourcetest.Image) (reg *sourcetest.Registry, ref string, asked func() []string) {
	t.Helper()
	l := &sourcetest.Layout{}
	reg = sourcetest.Serve(t, l.Parts(l.Image(i).Named("1")))
	blobs := map[string]bool{}
	for _, s := range i.Steps {
		if s.Layer != nil {
			blobs["blobs "+string(sourcetest.Digest(sourcetest.Compress(s.Codec, s.Layer)))] = true
		}
	}
	return reg, reg.Ref("1"), func() (all []string) {
		for _, a := range reg.Asked() {
			if blobs[a] {
				all = append(all, a)
			}
		}
		return all
	}
}

// TestASecondOpenFetchesNoLayer counts what a registry is asked for.
func TestASecondOpenFetchesNoLayer(t *testing.T) {
	cache := t.TempDir()
	for _, codec := range []string{"", "gzip", "zstd"} {
		image := app().Stored(codec)
		_, ref, asked := served(t, image)
		first := run(t, ref, Options{Store: storeIn(cache)})
		if got := asked(); len(got) == 0 {
			t.Fatalf("%s: the first run fetched no layer", codec)
		}
		second := run(t, ref, Options{Store: storeIn(cache)})
		if got := asked(); len(got) > 0 {
			t.Errorf("%s: the second run fetched %q", codec, got)
		}
		sameStack(t, codec, second, first)
		without := run(t, ref, Options{})
		if got := asked(); len(got) == 0 {
			t.Errorf("%s: without a store nothing was fetched", codec)
		}
		sameStack(t, codec+" without", second, without)
	}
}

// TestATableIsKeptByAllThatIsSaidOfIt changes one thing after the other.
func TestATableIsKeptByAllThatIsSaidOfIt(t *testing.T) {
	key := func(change func(*source.Blob, *opened, *Engine)) store.Key {
		o := &opened{img: &source.Image{Image: model.Image{Reference: "r/a:1"}, Blobs: []source.Blob{{
			Digest: "sha256:1", Size: 7, TOC: &source.TOC{Chunked: true, Digest: "sha256:2", At: 3, Size: 4, Uncompressed: 5},
		}}}}
		e := &Engine{}
		change(&o.img.Blobs[0], o, e)
		return e.tableKey(o, 0)
	}
	same := key(func(*source.Blob, *opened, *Engine) {})
	if elsewhere := key(func(_ *source.Blob, o *opened, _ *Engine) { o.img.Reference = "r/b:1" }); elsewhere != same || !same.Table() {
		t.Error("a zstd:chunked layer has another key elsewhere")
	}
	seen := map[store.Key]int{same: -1}
	for n, change := range []func(*source.Blob, *opened, *Engine){
		func(b *source.Blob, _ *opened, _ *Engine) { b.Digest = "sha256:3" },
		func(b *source.Blob, _ *opened, _ *Engine) { b.Size++ },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC.Digest = "sha256:4" },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC.At++ },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC.Size++ },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC.Uncompressed++ },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC.Chunked = false },
		func(b *source.Blob, o *opened, _ *Engine) { b.TOC.Chunked, o.img.Reference = false, "r/b:1" },
		func(b *source.Blob, _ *opened, e *Engine) { b.TOC.Chunked, e.o.Source.Insecure = false, true },
		func(b *source.Blob, _ *opened, _ *Engine) { b.TOC = nil },
	} {
		k := key(change)
		if before, ok := seen[k]; ok && k != (store.Key{}) {
			t.Errorf("change %d has the key of %d", n, before)
		}
		if nobodys := k == (store.Key{}); nobodys != (n >= 8) {
			t.Errorf("change %d: nobody's is %t", n, nobodys)
		}
		seen[k] = n
	}
}

// planted puts another layer in the place of what is kept under a key.
func planted(cache string, k store.Key, l int) {
	b := tree.NewBuilder(l)
	b.Add(tree.Entry{Path: "/planted", Attr: tree.Attr{Kind: tree.File, Mode: 0o644}})
	t := b.Layer()
	s := storeIn(cache)
	s.Put(k, func() (store.Entry, error) {
		return store.Entry{Entries: 1, Sections: map[string][]byte{store.Tree: t.Append(nil)}}, nil
	})
	s.Close()
}

// shown tells whether a layer is the one that was planted.
func shown(k session.Stack, layer int) bool { return k.Layers[layer].Tree.Root.Find("/planted") != nil }

// TestALocalImageIsKnownByItsFile plants a layer to see whether what is kept is used.
func TestALocalImageIsKnownByItsFile(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func() string{
		"archive": func() string { return sourcetest.Write(t, "x", sourcetest.Legacy(app()).Tar()) },
		"layout":  func() string { return sourcetest.OCI(app()).Folder(t) },
	} {
		ref, cache := write(), t.TempDir()
		young := run(t, ref, Options{Store: storeIn(cache)})
		if got := kept(t, cache); len(got) > 0 {
			t.Errorf("%s: it has just been written, and yet %v is kept", name, got)
		}
		aged(t, ref)
		first := run(t, ref, Options{Store: storeIn(cache)})
		keys := kept(t, cache)
		if len(keys) != len(first.Layers) || slices.ContainsFunc(keys, func(k store.Key) bool { return !k.Local() }) {
			t.Fatalf("%s: kept %v, want each layer by the state of its file", name, keys)
		}
		second := run(t, ref, Options{Store: storeIn(cache)})
		sameStack(t, name, second, young)
		if n := slices.IndexFunc(second.Layers, func(l session.Layer) bool { return l.Unverified }); n >= 0 {
			t.Errorf("%s: layer %d is unverified", name, n)
		}
		img, err := source.Open(t.Context(), ref, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		state, ok := img.State(1)
		img.Close()
		if !ok {
			t.Fatalf("%s: no state", name)
		}
		planted(cache, store.ByState(state), 1)
		if !shown(run(t, ref, Options{Store: storeIn(cache)}), 1) {
			t.Errorf("%s: what is kept is not used", name)
		}
		if shown(run(t, ref, Options{}), 1) || shown(run(t, ref, Options{Store: storeIn(cache), Verify: true}), 1) {
			t.Errorf("%s: what is kept is used without a store, or by who holds layers against their digests", name)
		}
		if shown(run(t, ref, Options{Store: storeIn(cache)}), 1) {
			t.Errorf("%s: what was verified has not taken the place of what was kept", name)
		}
	}
}

// TestAChangedFileIsReadAgain changes an archive and sets its time back.
func TestAChangedFileIsReadAgain(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	body := sourcetest.Legacy(app()).Tar()
	path := aged(t, sourcetest.Write(t, "x", body))
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	run(t, path, Options{Store: storeIn(cache)})
	before := kept(t, cache)
	changed := bytes.ReplaceAll(body, []byte("passwd"), []byte("PASSWD"))
	if bytes.Equal(changed, body) {
		t.Fatal("nothing to change")
	}
	err = os.WriteFile(path, sourcetest.Rechecked(changed), 0o600)
	if err == nil {
		err = os.Chtimes(path, was.ModTime(), was.ModTime())
	}
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, path, Options{Store: storeIn(cache)})
	sameStack(t, "changed", got, run(t, path, Options{}))
	if after := kept(t, cache); len(after) == len(before) {
		t.Errorf("kept %v, as before", after)
	}
}

// TestAFileThatChangesWhileItIsReadIsNotKept changes it before its second layer.
func TestAFileThatChangesWhileItIsReadIsNotKept(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	path := aged(t, sourcetest.Write(t, "x", sourcetest.Legacy(app()).Tar()))
	e := New(Options{Store: storeIn(cache)})
	ms := all(t, e, session.Open{Ref: path, Gen: 1})
	if len(of[session.Opened](ms)) != 1 {
		t.Fatalf("got %v", ms)
	}
	e.Do(t.Context(), session.Index{Gen: 2}, func(m session.Msg) {
		if _, ok := m.(session.Indexed); ok {
			if err := os.Chtimes(path, time.Now(), time.Now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		}
	})
	e.Close()
	if got := kept(t, cache); len(got) > 0 {
		t.Errorf("kept %v", got)
	}
}

// TestAnArchivePoisonsNoOtherImage has one that says its layers are another's.
func TestAnArchivePoisonsNoOtherImage(t *testing.T) {
	cache := t.TempDir()
	honest := app().Stored("gzip")
	evil := sourcetest.OCI(honest)
	for _, s := range honest.Steps {
		if s.Layer != nil {
			d := sourcetest.Digest(sourcetest.Compress("gzip", s.Layer))
			evil = evil.With(sourcetest.BlobPath(d), sourcetest.Gzip(sourcetest.Tar(sourcetest.File("evil", "evil"))))
		}
	}
	for _, verify := range []bool{false, true} {
		k := run(t, aged(t, evil.Folder(t)), Options{Store: storeIn(cache), Verify: verify})
		if k.Layers[0].Tree.Root.Find("/evil") == nil {
			t.Fatal("the archive is not evil")
		}
		if len(k.Warnings()) == 0 {
			t.Error("nobody says so")
		}
	}
	_, ref, _ := served(t, honest)
	got := run(t, ref, Options{Store: storeIn(cache)})
	sameStack(t, "honest", got, run(t, ref, Options{}))
	// The other way round: what a registry's image is known by says nothing of a file.
	if k := run(t, aged(t, evil.Folder(t)), Options{Store: storeIn(cache)}); k.Layers[0].Tree.Root.Find("/evil") == nil {
		t.Error("the evil archive is shown as the honest image")
	}
}

// TestALayerWithFaultsIsNotKept serves a blob that is another.
func TestALayerWithFaultsIsNotKept(t *testing.T) {
	cache := t.TempDir()
	image := app().Stored("gzip")
	reg, ref, asked := served(t, image)
	wrong := sourcetest.Digest(sourcetest.Gzip(image.Steps[0].Layer))
	reg.Gate(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, string(wrong)) {
			return false
		}
		w.Write(sourcetest.Gzip(sourcetest.Tar(sourcetest.File("evil", "evil"))))
		return true
	})
	for range 2 {
		run(t, ref, Options{Store: storeIn(cache)})
		if got := asked(); !slices.Contains(got, "blobs "+string(wrong)) {
			t.Errorf("asked for %q, want the wrong layer each time", got)
		}
	}
	if got := kept(t, cache); slices.Contains(got, store.ByDigest(wrong)) {
		t.Error("the wrong layer is kept")
	}
	reg.Gate(nil)
	sameStack(t, "honest", run(t, ref, Options{Store: storeIn(cache)}), run(t, ref, Options{}))
}

// TestOnlyWhatWasHeldAgainstItsKeyIsKept tells an engine what came of a layer.
func TestOnlyWhatWasHeldAgainstItsKeyIsKept(t *testing.T) {
	t.Parallel()
	d, other := sourcetest.Digest([]byte("this")), sourcetest.Digest([]byte("other"))
	for name, c := range map[string]struct {
		key   store.Key
		facts index.Facts
		want  bool
	}{
		"the blob":          {store.ByDigest(d), index.Facts{Digest: d, DiffID: other}, true},
		"the tar in it":     {store.ByDigest(d), index.Facts{Digest: other, DiffID: d}, true},
		"neither":           {store.ByDigest(d), index.Facts{Digest: other, DiffID: other}, false},
		"nothing":           {store.ByDigest(d), index.Facts{Unverified: true}, false},
		"with a fault":      {store.ByDigest(d), index.Facts{Digest: d, DiffID: d, Faults: []model.Warning{{}}}, false},
		"nobody's":          {store.Key{}, index.Facts{}, false},
		"another's file":    {store.ByState("of a file that is none of the image's"), index.Facts{Unverified: true}, false},
		"said, and no file": {store.ByState(string(d)), index.Facts{Digest: d, DiffID: d}, false},
	} {
		cache := t.TempDir()
		e := with(t, made(three()...), Options{Store: storeIn(cache)})
		o, err := e.at(session.Was)
		if err != nil {
			t.Fatal(err)
		}
		o.put(0, loaded{tree: tree.NewBuilder(0).Layer(), facts: c.facts, key: c.key})
		e.record(o, 0)
		e.Close()
		if got := kept(t, cache); (len(got) > 0) != c.want {
			t.Errorf("%s: kept %v", name, got)
		}
	}
}

// TestWhatIsBuiltHereIsNotKept: its layouts go when the program ends.
func TestWhatIsBuiltHereIsNotKept(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	ref := aged(t, sourcetest.OCI(app()).Folder(t))
	for _, built := range []bool{true, false} {
		e := New(Options{Store: storeIn(cache)})
		if built {
			e.building.left = []builder.Exported{{Ref: ref}}
		}
		all(t, e, session.Open{Ref: ref, Gen: 1})
		all(t, e, session.Index{Gen: 2})
		e.building.left = nil
		e.Close()
		if got := kept(t, cache); (len(got) == 0) != built {
			t.Errorf("built %v: kept %v", built, got)
		}
	}
}

// TestALieAboutAKnownLayerIsSaidAllTheSame has two images with one blob, one of
// which says that another tar is in it.
func TestALieAboutAKnownLayerIsSaidAllTheSame(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	f := made(three()...)
	for n, b := range three() {
		f.img.Blobs[n].Digest = sourcetest.Digest(b)
	}
	with(t, f, Options{Store: storeIn(cache)}).Do(t.Context(), session.Index{Gen: 1}, func(session.Msg) {})
	for range 2 {
		e := with(t, f, Options{Store: storeIn(cache)})
		e.Close() // so that all is written
		f.opens()
		f.img.Blobs[1].DiffID = "sha256:lie"
		e = with(t, f, Options{Store: storeIn(cache)})
		var faults []model.Warning
		for _, m := range of[session.Indexed](all(t, e, session.Index{Gen: 1})) {
			faults = append(faults, m.Faults...)
		}
		if len(faults) != 1 || !strings.Contains(faults[0].Text, "sha256:lie") {
			t.Errorf("got faults %v", faults)
		}
	}
}

// TestDamageIsReadAgain changes what is kept in each way that a disk has.
func TestDamageIsReadAgain(t *testing.T) {
	cache := t.TempDir()
	_, ref, asked := served(t, app().Stored("gzip"))
	want := run(t, ref, Options{})
	damage := map[string]func(name string) error{
		"cut":     func(name string) error { return os.Truncate(name, 100) },
		"gone":    os.Remove,
		"changed": func(name string) error { return os.WriteFile(name, bytes.Repeat([]byte("x"), 500), 0o600) },
		"no tree": func(name string) error {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return os.WriteFile(name, b[:len(b)-1], 0o600)
		},
		"folder": func(name string) error {
			if err := os.Remove(name); err != nil {
				return err
			}
			return os.MkdirAll(filepath.Join(name, "full"), 0o700)
		},
	}
	for name, do := range damage {
		run(t, ref, Options{Store: storeIn(cache)})
		asked()
		for _, k := range kept(t, cache) {
			file := filepath.Join(cache, "imgtui/v1/sha256", strings.TrimPrefix(k.String(), "sha256:")[:2], strings.TrimPrefix(k.String(), "sha256:")+".idx")
			if err := do(file); err != nil {
				t.Fatal(err)
			}
		}
		got := run(t, ref, Options{Store: storeIn(cache)})
		sameStack(t, name, got, want)
		if len(asked()) == 0 {
			t.Errorf("%s: no layer was fetched again", name)
		}
	}
}

// TestATreeThatIsNoneIsThrownAway keeps bytes that are no layer.
func TestATreeThatIsNoneIsThrownAway(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	f := made(three()...)
	for n, b := range three() {
		f.img.Blobs[n].DiffID = sourcetest.Digest(b)
	}
	s := storeIn(cache)
	for n, b := range three() {
		s.Put(store.ByDigest(f.img.Blobs[n].DiffID), func() (store.Entry, error) {
			return store.Entry{Facts: index.Facts{DiffID: sourcetest.Digest(b), Digest: sourcetest.Digest(b)}, Sections: map[string][]byte{store.Tree: []byte("no tree at all")}}, nil
		})
	}
	s.Close()
	e := with(t, f, Options{Store: storeIn(cache)})
	ms := all(t, e, session.Index{Gen: 1})
	if got := f.opens(); len(got) != 3 || len(of[session.Rooted](ms)) != 3 || len(of[session.Failed](ms)) > 0 {
		t.Errorf("opened %v; got %v", got, ms)
	}
	e.Close()
	if got := with(t, f, Options{Store: storeIn(cache)}); len(of[session.Indexed](all(t, got, session.Index{Gen: 1}))) != 3 || len(f.opens()) > 0 {
		t.Error("what was read has not taken its place")
	}
}

// TestAnEnginesLayersAreKnownByTheirDiffID has blobs of which nothing else is known.
func TestAnEnginesLayersAreKnownByTheirDiffID(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	f := made(three()...)
	for n, b := range three() {
		f.img.Blobs[n].DiffID, f.img.Blobs[n].Size = sourcetest.Digest(b), model.Unknown
	}
	for _, want := range []int{3, 0} {
		e := with(t, f, Options{Store: storeIn(cache)})
		all(t, e, session.Index{Gen: 1})
		e.Close()
		if got := f.opens(); len(got) != want {
			t.Errorf("opened %v, want %d", got, want)
		}
	}
}

// TestWhatIsKeptTakesItsRoom holds that the memory of an image has its bounds where
// its layers come out of the store.
func TestWhatIsKeptTakesItsRoom(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	var many []sourcetest.Entry
	for n := range 3000 {
		many = append(many, sourcetest.File(fmt.Sprint("file", n), ""))
	}
	f := made(sourcetest.Tar(many...))
	f.img.Blobs[0].DiffID = sourcetest.Digest(sourcetest.Tar(many...))
	e := with(t, f, Options{Store: storeIn(cache)})
	all(t, e, session.Index{Gen: 1})
	e.Close()
	f.opens()
	tight := Options{Store: storeIn(cache), Limits: index.DefaultLimits}
	tight.Limits.Held, tight.Limits.HeldFiles, tight.Limits.HeldStored = 1000, 0, 0
	ms := all(t, with(t, f, tight), session.Index{Gen: 1})
	if got := failure(t, ms); !strings.Contains(got.Err.Error(), "need more than") {
		t.Errorf("got %v", got.Err)
	}
	e = with(t, f, Options{Store: storeIn(cache)})
	all(t, e, session.Index{Gen: 1})
	o, err := e.at(session.Was)
	if err != nil || len(f.opens()) != 1 { // of the tight one
		t.Fatal("it is not kept", err)
	}
	fresh := index.NewBudget(index.Limits{}, 0)
	if had, has := fresh.Room(), o.budget.Room(); has >= had {
		t.Errorf("room for %d bytes before, and %d after", had, has)
	}
}

// TestAStoreThatCannotBeIsNoHindrance has a file where its folder is to be.
func TestAStoreThatCannotBeIsNoHindrance(t *testing.T) {
	t.Parallel()
	ref := aged(t, sourcetest.Write(t, "x", sourcetest.Legacy(app()).Tar()))
	cache := sourcetest.Write(t, "file", []byte("no folder"))
	for range 2 {
		sameStack(t, "no folder", run(t, ref, Options{Store: storeIn(cache)}), run(t, ref, Options{}))
	}
	var said bytes.Buffer
	s := store.Open(store.Options{Env: func(string) string { return "" }, Log: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	sameStack(t, "no home", run(t, ref, Options{Store: s}), run(t, ref, Options{}))
	if !strings.Contains(said.String(), "HOME is set") {
		t.Errorf("said %q", &said)
	}
}

// TestAFileOfAKeptLayerIsReadFromThePlacesThatAreKept opens files of a layer that
// nobody has read in this run.
func TestAFileOfAKeptLayerIsReadFromThePlacesThatAreKept(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	layer := sourcetest.Tar(sourcetest.File("a", sourcetest.Noise(1, 6<<20)), sourcetest.File("b", "at the end"))
	image := sourcetest.Image{Tags: []string{"a:1"}, Steps: []sourcetest.Step{{By: "x", Layer: layer, Codec: "gzip"}}}
	ref := aged(t, sourcetest.Write(t, "x", sourcetest.OCI(image).Tar()))
	for run := range 3 {
		e := New(Options{Store: storeIn(cache), Verify: run == 1}) // which keeps it anew
		all(t, e, session.Open{Ref: ref, Gen: 1})
		ms := all(t, e, session.Index{Gen: 2})
		o, err := e.at(session.Was)
		if err != nil {
			t.Fatal(err)
		}
		if kept := o.get(0).later != nil; kept != (run == 2) {
			t.Errorf("run %d: taken from the store %v", run, kept)
		}
		if first := o.places(0); first == nil || o.places(0) != first {
			t.Errorf("run %d: no places, or others each time", run)
		}
		p := of[session.Rooted](ms)[0].Root.Find("/b").Payload()
		got := of[session.Loaded](all(t, e, session.Read{After: p, Limit: 100, Gen: 3}))
		if len(got) != 1 || string(got[0].After) != "at the end" {
			t.Errorf("run %d: read %v", run, got)
		}
		e.Close()
	}
}

// twiceWritten writes an image of the layers of [twice].
func twiceWritten(t *testing.T) (ref string) {
	t.Helper()
	image := sourcetest.Image{Tags: []string{"a:1"}}
	for _, b := range twice() {
		image.Steps = append(image.Steps, sourcetest.Step{By: "x", Layer: b})
	}
	return aged(t, sourcetest.Write(t, "x", sourcetest.OCI(image).Tar()))
}

// TestContentsThatWereLearnedAreKept has files that are passed over: those that are
// compared are read once for all runs, the others by who compares them.
func TestContentsThatWereLearnedAreKept(t *testing.T) {
	t.Parallel()
	cache, ref := t.TempDir(), twiceWritten(t)
	unread := func(k session.Stack) (names []string) {
		for _, l := range k.Layers {
			for p := range l.Tree.Payloads() {
				if p.Unread() {
					names = append(names, p.Name)
				}
			}
		}
		return names
	}
	first := run(t, ref, Options{Store: storeIn(cache)})
	second := run(t, ref, Options{Store: storeIn(cache)})
	sameStack(t, "second", second, first)
	if diff := cmp.Diff(unread(first), unread(second)); diff != "" || len(unread(first)) != 4 {
		t.Errorf("unread are %v (-first +second): %s", unread(first), diff)
	}
	for _, k := range kept(t, cache) {
		e, ok := storeIn(cache).Get(k, store.Tree)
		l, err := tree.DecodeLayer(e.Sections[store.Tree], 0)
		if !ok || err != nil || !e.Facts.Unread || e.Met == "" {
			t.Fatal(e.Facts, e.Met, err)
		}
		for _, path := range []string{"/same", "/other"} {
			if l.Root.Find(path).Payload().Unread() {
				t.Errorf("%s is kept unread", path)
			}
		}
	}
	two := New(Options{Store: storeIn(cache)})
	defer two.Close()
	s, rs := session.Start(session.Open{Ref: ref}, session.Open{Ref: ref})
	s = session.Settle(t.Context(), s, rs, two.Do)
	if got := unread(s.Stacks[session.Now]); len(got) > 0 {
		t.Errorf("of the second image %v are unread", got)
	}
}

// TestALayerMeetsTheOthersOnce has one that was read alone, and contents of all that
// are asked for only until all have met.
func TestALayerMeetsTheOthersOnce(t *testing.T) {
	t.Parallel()
	cache, ref := t.TempDir(), twiceWritten(t)
	want := run(t, ref, Options{})
	open := func(of session.Index) (met bool) {
		e := New(Options{Store: storeIn(cache)})
		defer e.Close()
		all(t, e, session.Open{Ref: ref, Gen: 1})
		all(t, e, of)
		return e.slots[session.Was].haveMet()
	}
	if open(session.Index{Gen: 2, Only: []int{0}}) {
		t.Error("a layer alone has met others")
	}
	for _, k := range kept(t, cache) {
		e, _ := storeIn(cache).Get(k)
		if e.Met != "" {
			t.Errorf("a layer is kept as one that has met %s", e.Met)
		}
	}
	for range 2 { // the first is kept unread
		sameStack(t, "once it was read alone", run(t, ref, Options{Store: storeIn(cache)}), want)
	}
	if _, err := storeIn(cache).Prune(0); err != nil {
		t.Fatal(err)
	}
	run(t, ref, Options{Store: storeIn(cache)})
	if !open(session.Index{Gen: 2}) {
		t.Error("layers that have met are to meet again")
	}
	if open(session.Index{Gen: 2, Only: []int{0}}) {
		t.Error("a part of the layers passes for all")
	}
}

// TestPlacesThatAreNoneAreThrownAway keeps bytes that are no places.
func TestPlacesThatAreNoneAreThrownAway(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	k := store.ByState("x")
	e := New(Options{Store: storeIn(cache)})
	e.o.Store.Put(k, func() (store.Entry, error) {
		return store.Entry{Sections: map[string][]byte{store.Places: []byte("nowhere")}}, nil
	})
	e.Close()
	if len(kept(t, cache)) != 1 {
		t.Fatal("nothing is kept")
	}
	if p := e.places(k); p != nil {
		t.Errorf("got %v", p)
	}
	if got := kept(t, cache); len(got) > 0 {
		t.Errorf("kept %v", got)
	}
}

// TestAStoppedRunKeepsWhatItHasRead stops an Index in its second layer.
func TestAStoppedRunKeepsWhatItHasRead(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	f := made(three()...)
	for n, b := range three() {
		f.img.Blobs[n].DiffID = sourcetest.Digest(b)
	}
	e := with(t, f, Options{Store: storeIn(cache), Workers: 1})
	seen := 0
	f.hook = func(int) error {
		if seen++; seen == 2 {
			all(t, e, session.Halt{Gen: 1})
		}
		return nil
	}
	all(t, e, session.Index{Gen: 1})
	e.Close()
	if got := kept(t, cache); len(got) != 1 {
		t.Errorf("kept %v, want the layer that was read", got)
	}
}
