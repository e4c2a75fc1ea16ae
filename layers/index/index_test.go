package index

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// storages are the ways in which a tar is stored as a blob.
var storages = []struct {
	name string
	pack func([]byte) []byte
}{
	{"plain", func(b []byte) []byte { return b }},
	{"gzip", sourcetest.Gzip},
	{"zstd", sourcetest.Zstd},
	{"gzip of many members", func(b []byte) []byte { return pieces(b, sourcetest.Gzip) }},
	{"zstd of many frames", func(b []byte) []byte { return pieces(b, sourcetest.Zstd) }},
	{"zstd with frames to skip", func(b []byte) []byte {
		skip := append([]byte{0x5a, 0x2a, 0x4d, 0x18}, binary.LittleEndian.AppendUint32(nil, 9)...)
		skip = append(skip, "skip this"...)
		return append(append(bytes.Clone(skip), pieces(b, sourcetest.Zstd)...), skip...)
	}},
}

// pieces compresses a tar in three parts, one after the other.
func pieces(b []byte, pack func([]byte) []byte) []byte {
	a, c := len(b)/3, 2*len(b)/3
	return bytes.Join([][]byte{pack(b[:a]), pack(b[a:c]), pack(b[c:])}, nil)
}

// blobs are a stored tar with and without reading at random.
func blobs(stored []byte) map[string]source.Blob {
	return map[string]source.Blob{"stream": streamed(stored), "file": atRandom(stored)}
}

func streamed(stored []byte) source.Blob {
	return source.Blob{Size: int64(len(stored)), Digest: sourcetest.Digest(stored), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(stored)), nil
	}}
}

func atRandom(stored []byte) source.Blob {
	b := streamed(stored)
	b.At = bytes.NewReader(stored)
	return b
}

// said is what the library says of an entry: the oracle.
type said struct {
	path string
	attr tree.Attr
	body []byte
}

// oracle reads a tar by the library alone, slowly, and whole.
func oracle(t testing.TB, b []byte) []said {
	t.Helper()
	var all []said
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		var body []byte
		if h.Size > 0 {
			if body, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, said{tree.Clean(h.Name), wantedAttr(h), body})
	}
}

// wantedAttr says in a second way what attr says.
func wantedAttr(h *tar.Header) tree.Attr {
	a := tree.Attr{Mode: uint32(h.Mode & 0o7777), UID: h.Uid, GID: h.Gid, ModTime: h.ModTime.UnixNano(), Link: h.Linkname}
	kinds := map[byte]tree.Kind{'0': tree.File, '7': tree.File, 'S': tree.File, '5': tree.Dir, '2': tree.Symlink, '1': tree.Hardlink, '3': tree.Char, '4': tree.Block, '6': tree.Fifo}
	if a.Kind = kinds[h.Typeflag]; a.Kind == tree.Unset {
		a.Kind = tree.File // as POSIX wants of types that one does not know
	}
	if a.Kind == tree.File && strings.HasSuffix(h.Name, "/") {
		a.Kind = tree.Dir // as V7 told directories
	}
	switch a.Kind {
	case tree.File:
		a.Size, a.Link = h.Size, ""
	case tree.Dir, tree.Fifo:
		a.Link = ""
	}
	if a.Kind == tree.Char || a.Kind == tree.Block {
		a.Major, a.Minor, a.Link = h.Devmajor, h.Devminor, ""
	}
	if h.ModTime.After(time.Unix(0, math.MaxInt64)) {
		a.ModTime = math.MaxInt64
	} else if h.ModTime.Before(time.Unix(0, math.MinInt64)) {
		a.ModTime = math.MinInt64
	}
	return a
}

func TestATreeIsWhatTheTarSays(t *testing.T) {
	t.Parallel()
	for name, b := range tars() {
		checkTree(t, name, b)
	}
	for seed := range uint64(8) {
		for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
			checkTree(t, fmt.Sprintf("seed %d as %s", seed, f), generated(seed, f))
		}
	}
}

// checkTree reads a tar in every storage and holds it against the oracle.
func checkTree(t *testing.T, name string, b []byte) {
	t.Helper()
	want := oracle(t, b)
	for _, s := range storages {
		stored := s.pack(b)
		for how, blob := range blobs(stored) {
			where := fmt.Sprintf("%s, %s, %s", name, s.name, how)
			blob.DiffID = sourcetest.Digest(b)
			l, facts, err := Layer(t.Context(), 3, blob, Options{})
			if err != nil {
				t.Errorf("%s: %v", where, err)
				continue
			}
			if len(facts.Faults) > 0 || facts.Tar != int64(len(b)) || facts.DiffID != blob.DiffID || facts.Digest != blob.Digest {
				t.Errorf("%s: got %+v of a tar of %d bytes", where, facts, len(b))
			}
			checkPayloads(t, where, l, want)
			checkNodes(t, where, l, want)
			checkContents(t, where, blob, facts.Places, l, want)
			if blob.At != nil {
				checkContents(t, where+", many places", blob, placesOf(t, stored, 1), l, want)
			}
		}
	}
}

// checkPayloads holds every file that the tar carries, also one that a later
// one replaces.
func checkPayloads(t *testing.T, where string, l *tree.Layer, want []said) {
	t.Helper()
	got, due := heldBy(l), []held(nil)
	for i := range got {
		got[i].Offset = 0
	}
	for n, e := range want {
		if e.attr.Kind == tree.File {
			p := held{Layer: 3, Entry: n, Path: e.path, Size: e.attr.Size}
			if len(e.body) > 0 {
				p.Content = xxh3.Hash(e.body)
			}
			due = append(due, p)
		}
	}
	if diff := cmp.Diff(due, got); diff != "" {
		t.Errorf("%s: payloads: %s", where, diff)
	}
}

// held is a file that a layer has.
type held struct {
	Layer, Entry int
	Path         string
	Size, Offset int64
	Content      uint64
}

func heldBy(l *tree.Layer) []held {
	where := map[*tree.Payload]string{}
	for p := range l.Payloads() {
		where[p] = ""
	}
	l.Locate(where)
	var all []held
	for p := range l.Payloads() {
		all = append(all, held{int(p.Layer), p.Entry(), where[p], p.Size, p.Offset(), p.Content()})
	}
	return all
}

func files(l *tree.Layer) []*tree.Payload { return slices.Collect(l.Payloads()) }

// checkNodes holds the last entry of each path. Hard links are the tree's to resolve.
func checkNodes(t *testing.T, where string, l *tree.Layer, want []said) {
	t.Helper()
	last := map[string]tree.Attr{}
	for _, e := range want {
		for p := range last {
			if strings.HasPrefix(p, e.path+"/") && e.attr.Kind != tree.Dir || strings.HasPrefix(e.path, p+"/") && last[p].Kind != tree.Dir {
				delete(last, p)
			}
		}
		last[e.path] = e.attr
	}
	for path, a := range last {
		n := l.Root.Find(path)
		if n == nil {
			t.Errorf("%s: no %s", where, path)
			continue
		}
		got := n.Attr()
		got.Xattrs = ""
		if a.Kind == tree.Hardlink {
			got.Size = 0
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("%s: %s: %s", where, path, diff)
		}
	}
}

// checkContents opens each file alone, and all of them at once.
func checkContents(t *testing.T, where string, b source.Blob, at *Places, l *tree.Layer, want []said) {
	t.Helper()
	all := map[int]*tree.Payload{}
	for p := range l.Payloads() {
		all[p.Entry()] = p
		if b.At == nil && p.Entry()%5 != 0 {
			continue // each costs a read from the beginning
		}
		r, err := Open(t.Context(), b, at, p)
		if err != nil {
			t.Errorf("%s: open %s: %v", where, p.Name, err)
			continue
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, want[p.Entry()].body) {
			t.Errorf("%s: %s: got %d bytes, %v; want %d", where, p.Name, len(got), err, len(want[p.Entry()].body))
		}
	}
	seen := map[int]bool{}
	err := Each(t.Context(), b, at, all, func(p *tree.Payload, r io.Reader) error {
		got, err := io.ReadAll(r)
		if seen[p.Entry()] || !bytes.Equal(got, want[p.Entry()].body) {
			t.Errorf("%s: each: %s: got %d bytes, %v; want %d", where, p.Name, len(got), err, len(want[p.Entry()].body))
		}
		seen[p.Entry()] = true
		return err
	})
	if err != nil || len(seen) != len(all) {
		t.Errorf("%s: each: got %d files, %v; want %d", where, len(seen), err, len(all))
	}
}

func TestExtendedAttributesAreReadUnderBothNames(t *testing.T) {
	t.Parallel()
	l, _, err := Layer(t.Context(), 0, streamed(tars()["xattrs"]), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/cap":  "security.capability=\x01\x00\x00\x02 \x00\x00user.a=1\x00user.b=2\x00",
		"/bsd":  "user.na me=hello\x00user.one=1\x00",
		"/both": "user.k=1\x00",
		"/odd":  "user.%zz=not base64!\x00",
		"/dir":  "user.on=dir\x00",
	} {
		if got := l.Root.Find(path).Xattrs; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestTheLibrarysOwnTarsAreRead reads the test data of Go, where it is installed.
func TestTheLibrarysOwnTarsAreRead(t *testing.T) {
	t.Parallel()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src/archive/tar/testdata/*.tar"))
	if err != nil || len(files) == 0 {
		t.Skip("the test data of Go is not installed")
	}
	read := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		whole, small := readable(b)
		if !small {
			continue // more zeros than a test has time for
		}
		if !whole {
			if l, facts, err := Layer(t.Context(), 0, streamed(b), Options{}); err == nil && len(facts.Faults) == 0 {
				t.Errorf("%s: read without a word, with %d entries", filepath.Base(f), l.Entries)
			}
			continue
		}
		read++
		checkTree(t, filepath.Base(f), b)
	}
	if read < 10 {
		t.Errorf("read %d of %d tars", read, len(files))
	}
}

// readable tells whether the library reads a tar to its end, and whether that
// is not far away.
func readable(b []byte) (whole, small bool) {
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err == nil && h.Size > 1<<20 {
			return false, false
		}
		if err == nil && h.Size > 0 {
			_, err = io.Copy(io.Discard, r)
		}
		if err != nil {
			return errors.Is(err, io.EOF), true
		}
	}
}

// TestTarsOfTheTarProgramAreRead makes them with the program of this machine.
func TestTarsOfTheTarProgramAreRead(t *testing.T) {
	t.Parallel()
	if out, err := exec.CommandContext(t.Context(), "tar", "--version").Output(); err != nil || !bytes.Contains(out, []byte("GNU tar")) {
		t.Skip("no GNU tar")
	}
	dir := sourcetest.Parts{{Name: "d/file", Body: []byte("body")}, {Name: strings.Repeat("long", 30), Body: []byte("long")}, {Name: "link", Link: strings.Repeat("far/", 40)}}.Folder(t)
	f, err := os.Create(filepath.Join(dir, "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{1 << 14, 1 << 16, 1<<17 + 5} {
		f.WriteAt([]byte("here"), at)
	}
	if err := errors.Join(f.Truncate(300_000), f.Close(), os.Link(filepath.Join(dir, "d/file"), filepath.Join(dir, "d/hard"))); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"--format=v7", "--format=ustar", "--format=oldgnu -S", "--format=gnu -S", "--format=posix", "--format=posix -S --sparse-version=0.0",
		"--format=posix -S --sparse-version=0.1", "--format=posix -S --sparse-version=1.0"} {
		args := append(strings.Fields(how), "-C", dir, "--ignore-failed-read", "-c", ".")
		b, err := exec.CommandContext(t.Context(), "tar", args...).Output()
		if err != nil && len(b) == 0 {
			t.Errorf("tar %s: %v", how, err)
			continue
		}
		checkTree(t, "tar "+how, b)
	}
}
