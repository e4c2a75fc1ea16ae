package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// mixed is a tar with every kind of header that can be cut: long names, PAX
// records, sparse files, bodies that fill a block and such that do not.
func mixed() []byte {
	return archive(
		rawFile(ustar, "a", "short").bytes(), rawFile(ustar, "full", strings.Repeat("x", 512)).bytes(),
		long('L', strings.Repeat("long/", 30)+"f", rawFile(gnu, "x", strings.Repeat("y", 700))),
		paxed(rawFile(ustar, "p", "pax"), "mtime=1.5"), oldSparse("s", 3000, piece{0, "1"}, piece{600, "2"}, piece{1000, "3"}, piece{1500, "4"}, piece{2000, "5"}),
		sparse10("t", 3000, piece{1000, "in the middle"}), sourcetest.Tar(sourcetest.Dir("d/"), sourcetest.Symlink("l", "a"), sourcetest.Hardlink("h", "a"))[:1536],
		rawFile(ustar, "z", strings.Repeat("z", 1025)).bytes())
}

// TestATarCutAnywhereKeepsWhatCameBefore cuts at every byte that is near a
// block's edge, and at every 13th of the others.
func TestATarCutAnywhereKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	b := mixed()
	want := oracle(t, b)
	digest := sourcetest.Digest(b)
	for cut := range b {
		if near := (cut + 2) % 512; near > 4 && cut%13 != 0 {
			continue
		}
		blob := atRandom(b[:cut])
		blob.DiffID = digest
		l, facts, err := Layer(t.Context(), 0, blob, Options{})
		if err != nil {
			if cut >= 512 || !strings.HasPrefix(err.Error(), "no tar in it: ") {
				t.Errorf("cut at %d: %v", cut, err)
			}
			continue
		}
		if len(facts.Faults) != 1 {
			t.Errorf("cut at %d: got faults %v, want one", cut, facts.Faults)
		}
		for n, p := range heldBy(l) {
			due := want[p.Entry]
			if p.Path != due.path || p.Size > due.attr.Size || p.Size < due.attr.Size && n != l.Files()-1 {
				t.Errorf("cut at %d: got %s of %d bytes, want %s of %d", cut, p.Path, p.Size, due.path, due.attr.Size)
			}
			checkRead(t, cut, blob, facts.Places, files(l)[n], due.body)
		}
	}
}

// carried is a file of a plain tar of which no tree tells.
func carried(size, offset int64) *tree.Payload {
	return tree.Carried(0, 0, tree.Entry{Path: "/a", Offset: offset, Attr: tree.Attr{Size: size}})
}

// checkRead holds that a file of a tar that was cut is what is left of it.
func checkRead(t *testing.T, cut int, b source.Blob, at *Places, p *tree.Payload, body []byte) {
	t.Helper()
	r, err := Open(t.Context(), b, at, p)
	if err != nil {
		if p.Offset() >= 0 {
			t.Errorf("cut at %d: open %s: %v", cut, p.Name, err)
		}
		return
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err == nil && int64(len(got)) != p.Size || !bytes.HasPrefix(body, got) {
		t.Errorf("cut at %d: %s: got %d bytes of %d, %v", cut, p.Name, len(got), p.Size, err)
	}
}

func TestAStoredLayerCutAnywhereSaysSo(t *testing.T) {
	t.Parallel()
	b := mixed()
	for _, s := range storages[1:] {
		stored := s.pack(b)
		for cut := 0; cut < len(stored); cut += 1 + len(stored)/97 {
			blob := streamed(stored[:cut])
			blob.Digest = sourcetest.Digest(stored)
			l, facts, err := Layer(t.Context(), 0, blob, Options{})
			if err == nil && len(facts.Faults) == 0 {
				t.Errorf("%s cut at %d of %d: read without a word: %d entries", s.name, cut, len(stored), l.Entries)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("%s cut at %d: more than a line: %v", s.name, cut, err)
			}
		}
	}
}

func TestWhereATarBreaksOffIsSaid(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", "aaa"), sourcetest.File("b", strings.Repeat("b", 3000)), sourcetest.File("c", "c"))
	for name, c := range map[string]struct {
		stored []byte
		want   string
	}{
		"in a body":   {b[:2000], "layer 7: breaks off at entry 2, byte 2000: unexpected EOF"},
		"in a header": {b[:4608+100], "layer 7: breaks off at entry 2, byte 4708: unexpected EOF"},
		"a header changed": {func() []byte { c := slices.Clone(b); c[4608+3] = 'x'; return c }(),
			"layer 7: breaks off at entry 2, byte 5120: archive/tar: invalid tar header"},
		"in gzip": {sourcetest.Gzip(sourcetest.Tar(sourcetest.File("a", sourcetest.Noise(1, 9000))))[:8000], "layer 7: breaks off at entry 1, byte "},
	} {
		l, facts, err := Layer(t.Context(), 7, streamed(c.stored), Options{})
		if err != nil || len(facts.Faults) != 1 || !strings.HasPrefix(facts.Faults[0].Text, c.want) || facts.Faults[0].Layer != 7 {
			t.Errorf("%s: got %v, %v; want %s", name, facts.Faults, err, c.want)
			continue
		}
		if facts.DiffID != "" || facts.Digest != "" || l.Root.Find("/a") == nil {
			t.Errorf("%s: digests %q and %q of what is not whole, /a %v", name, facts.DiffID, facts.Digest, l.Root.Find("/a"))
		}
	}
	l, _, err := Layer(t.Context(), 0, streamed(b[:2000]), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Root.Find("/b").Size; got != 464 {
		t.Errorf("the file that is cut has %d bytes, want the 464 that are there", got)
	}
}

// TestALyingSizeIsNotBelieved has a header that says exabytes.
func TestALyingSizeIsNotBelieved(t *testing.T) {
	t.Parallel()
	h := rawFile(gnu, "huge", "little")
	h.size = base256(1<<62, 12)
	l, facts, err := Layer(t.Context(), 0, atRandom(archive(rawFile(ustar, "a", "b").bytes(), h.bytes())), Options{})
	if err != nil || len(facts.Faults) != 1 || l.Unpacked > 4096 {
		t.Errorf("got %d bytes, %v, %v; want what is there", l.Unpacked, facts.Faults, err)
	}
	h.size = base256(-5, 12)
	l, facts, err = Layer(t.Context(), 0, atRandom(archive(rawFile(ustar, "a", "b").bytes(), h.bytes())), Options{})
	if err != nil || len(facts.Faults) != 1 || l.Unpacked != 1 {
		t.Errorf("a negative size: got %d bytes, %v, %v", l.Unpacked, facts.Faults, err)
	}
}

func TestWhatIsNoTarIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stored []byte
		want   string
	}{
		"text":         {[]byte("hello\n"), "no tar in it: unexpected EOF"},
		"long text":    {[]byte(strings.Repeat("hello\n", 1000)), "no tar in it: archive/tar: invalid tar header"},
		"noise":        {[]byte("x" + sourcetest.Noise(1, 10_000)), "no tar in it: archive/tar: invalid tar header"},
		"JSON":         {[]byte(`{"_type":"https://in-toto.io/Statement/v0.1","subject":[]}`), "no tar in it: unexpected EOF"},
		"gzip of text": {sourcetest.Gzip([]byte("hello\n")), "no tar in it: unexpected EOF"},
		"gzip's head":  {[]byte{0x1f, 0x8b}, "gzip: unexpected EOF"},
		"xz":           {[]byte("\xfd7zXZ\x00and more"), "xz is not read: gzip, zstd and plain tar are"},
		"bzip2":        {[]byte("BZh9and more"), "bzip2 is not read: gzip, zstd and plain tar are"},
	} {
		_, _, err := Layer(t.Context(), 0, streamed(c.stored), Options{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	for name, stored := range map[string][]byte{"no bytes": nil, "zeros": make([]byte, 10_240), "gzip of nothing": sourcetest.Gzip(nil), "one zero": {0}} {
		l, _, err := Layer(t.Context(), 0, streamed(stored), Options{})
		if name == "one zero" {
			if err == nil {
				t.Errorf("%s: read without a word", name)
			}
			continue
		}
		if err != nil || l.Entries != 0 || l.Root == nil {
			t.Errorf("%s: got %v, want an empty layer", name, err)
		}
	}
}

func TestADigestThatIsAnotherIsSaid(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", "b"))
	for _, s := range storages {
		blob := streamed(s.pack(b))
		is := blob.Digest
		blob.Digest, blob.DiffID = "sha256:digest", "sha256:diff"
		_, facts, err := Layer(t.Context(), 2, blob, Options{})
		want := []model.Warning{
			{Layer: 2, Text: fmt.Sprintf("layer 2: digest is %s, the manifest says sha256:digest", is)},
			{Layer: 2, Text: fmt.Sprintf("layer 2: diff ID is %s, the config says sha256:diff", sourcetest.Digest(b))},
		}
		if err != nil || !slices.Equal(facts.Faults, want) {
			t.Errorf("%s: got %v, %v; want %v", s.name, facts.Faults, err, want)
		}
		_, facts, err = Layer(t.Context(), 2, blob, Options{Unverified: true})
		if err != nil || len(facts.Faults) > 0 || facts.DiffID != "" || facts.Digest != "" || !facts.Unverified {
			t.Errorf("%s, unverified: got %+v, %v; want nothing said of digests", s.name, facts, err)
		}
		facts, err = Verify(t.Context(), 2, blob, facts.Tar, nil)
		if err != nil || !slices.Equal(facts.Faults, want) || facts.DiffID != sourcetest.Digest(b) || facts.Digest != is {
			t.Errorf("%s, verified afterwards: got %+v, %v; want %v", s.name, facts, err, want)
		}
		blob.Digest, blob.DiffID = is, sourcetest.Digest(b)
		if facts, err := Verify(t.Context(), 2, blob, facts.Tar, nil); err != nil || len(facts.Faults) > 0 {
			t.Errorf("%s: got %v, %v of digests that match", s.name, facts.Faults, err)
		}
		if _, err := Verify(t.Context(), 2, blob, facts.Tar-1, nil); err == nil {
			t.Errorf("%s: verified though it has more bytes than it had", s.name)
		}
	}
}

// TestABlobThatCannotBeFetchedIsAnErrorAndNoShortLayer is what makes it worth
// to try again.
func TestABlobThatCannotBeFetchedIsAnErrorAndNoShortLayer(t *testing.T) {
	t.Parallel()
	fault := errors.New("the connection broke")
	b := generated(1, 0)
	for _, s := range storages {
		stored := s.pack(b)
		for _, fault := range []error{fault, fmt.Errorf("the connection broke: %w", io.EOF), io.ErrUnexpectedEOF} {
			for part := range 10 {
				checkUnfetched(t, stored, part, fault)
			}
		}
	}
	_, _, err := Layer(t.Context(), 0, source.Blob{Open: func(context.Context) (io.ReadCloser, error) { return nil, fault }}, Options{})
	if err != fault {
		t.Errorf("a blob that does not open: got %v", err)
	}
}

// checkUnfetched reads a blob that fails after so many tenths of it.
func checkUnfetched(t *testing.T, stored []byte, part int, fault error) {
	t.Helper()
	n := len(stored) * part / 10
	blob := source.Blob{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(stored[:n]), iotest.ErrReader(fault))), nil
	}}
	budget := NewBudget(Limits{}, 0)
	l, _, err := Layer(t.Context(), 0, blob, Options{Budget: budget})
	if err != fault || l != nil || budget.held != 0 || budget.stored != 0 || budget.files != 0 {
		t.Errorf("after %d of %d: got %v, budget %+v; want %v", n, len(stored), err, budget, fault)
	}
}

func TestWhatAStreamLacksAtItsEndIsAFault(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", "b"))
	blob := source.Blob{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(&source.PartialError{Text: "3 files could not be read"}))), nil
	}}
	l, facts, err := Layer(t.Context(), 0, blob, Options{})
	if err != nil || l.Entries != 1 || len(facts.Faults) != 1 || facts.Faults[0].Text != "layer 0: 3 files could not be read" {
		t.Errorf("got %v, %v", facts.Faults, err)
	}
}

func TestAFileThatIsNoMoreThereIsAnError(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", strings.Repeat("x", 5000)), sourcetest.File("b", "bbb"))
	l, _, err := Layer(t.Context(), 0, atRandom(b), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, cut := range map[string][]byte{"shorter": b[:3000], "empty": nil} {
		for how, blob := range blobs(cut) {
			for _, p := range files(l) {
				r, err := Open(t.Context(), blob, nil, p)
				if err == nil {
					_, err = io.Copy(io.Discard, r)
					r.Close()
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%s, %s: %s: got %v, want unexpected EOF", name, how, p.Name, err)
				}
			}
		}
	}
	for name, p := range map[string]*tree.Payload{"offset beyond": carried(5, 1<<40), "size beyond": carried(1<<40, 512)} {
		r, err := Open(t.Context(), atRandom(b), nil, p)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want unexpected EOF", name, err)
		}
	}
	nowhere := tree.Entry{Path: "/c", Attr: tree.Attr{Size: 1}, Offset: -1}
	if _, err := Open(t.Context(), streamed(b), nil, tree.Carried(0, 9, nowhere)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an entry that is not there: got %v", err)
	}
	err = Each(t.Context(), streamed(b), nil, map[int]*tree.Payload{1: files(l)[1], 9: tree.Carried(0, 9, nowhere)}, func(*tree.Payload, io.Reader) error { return nil })
	if err == nil || err.Error() != "1 files are not in the layer: unexpected EOF" {
		t.Errorf("each: got %v", err)
	}
	fault := errors.New("no room")
	if err := Each(t.Context(), atRandom(b), nil, map[int]*tree.Payload{0: files(l)[0]}, func(*tree.Payload, io.Reader) error { return fault }); err != fault {
		t.Errorf("each: got %v, want what its function says", err)
	}
}

func TestEachGoesInTheOrderOfTheLayer(t *testing.T) {
	t.Parallel()
	var entries []sourcetest.Entry
	for n := range 50 {
		entries = append(entries, sourcetest.File(fmt.Sprint(n), fmt.Sprint(n)))
	}
	b := sourcetest.Tar(entries...)
	for how, blob := range blobs(b) {
		l, _, err := Layer(t.Context(), 0, blob, Options{})
		if err != nil {
			t.Fatal(err)
		}
		all := map[int]*tree.Payload{}
		for p := range l.Payloads() {
			all[p.Entry()] = p
		}
		last := -1
		if err := Each(t.Context(), blob, nil, all, func(p *tree.Payload, _ io.Reader) error {
			if p.Entry() < last {
				t.Errorf("%s: entry %d after %d", how, p.Entry(), last)
			}
			last = p.Entry()
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestProgressOnlyGrowsAndEndsWithAllThatIsStored(t *testing.T) {
	t.Parallel()
	b := generated(3, 0)
	for _, s := range storages {
		blob := streamed(s.pack(append(b, make([]byte, 1<<20)...)))
		var last int64
		if _, _, err := Layer(t.Context(), 0, blob, Options{Progress: func(n int64) {
			if n < last {
				t.Errorf("%s: %d after %d", s.name, n, last)
			}
			last = n
		}}); err != nil {
			t.Fatal(err)
		}
		if last != blob.Size {
			t.Errorf("%s: ended at %d of %d", s.name, last, blob.Size)
		}
	}
}
