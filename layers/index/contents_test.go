package index

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// estargzOf makes an eStargz layer of a tar as its own library does.
func estargzOf(t testing.TB, b []byte, chunk, least int, ended bool) ([]byte, *source.TOC) {
	t.Helper()
	var out bytes.Buffer
	w := estargz.NewWriterLevel(&out, 1)
	w.ChunkSize, w.MinChunkSize = chunk, least
	add := w.AppendTar // without what ends a tar: the table is a file of it
	if ended {
		add = w.AppendTarLossLess
	}
	if err := add(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	digest, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), &source.TOC{Digest: model.Digest(digest)}
}

// chunkedRow is an entry of a zstd:chunked table.
type chunkedRow struct {
	Type        string            `json:"type"`
	Name        string            `json:"name"`
	Link        string            `json:"linkName,omitempty"`
	Mode        int64             `json:"mode,omitempty"`
	Size        int64             `json:"size,omitempty"`
	UID         int               `json:"uid,omitempty"`
	GID         int               `json:"gid,omitempty"`
	ModTime     *time.Time        `json:"modtime,omitempty"`
	Major       int64             `json:"devMajor,omitempty"`
	Minor       int64             `json:"devMinor,omitempty"`
	Xattrs      map[string][]byte `json:"xattrs,omitempty"`
	Digest      string            `json:"digest,omitempty"`
	Offset      int64             `json:"offset,omitempty"`
	EndOffset   int64             `json:"endOffset,omitempty"`
	ChunkSize   int64             `json:"chunkSize,omitempty"`
	ChunkOffset int64             `json:"chunkOffset,omitempty"`
	ChunkDigest string            `json:"chunkDigest,omitempty"`
}

var rowTypes = map[byte]string{'0': "reg", '1': "hardlink", '2': "symlink", '3': "char", '4': "block", '5': "dir", '6': "fifo"}

// chunkedOf makes a zstd:chunked layer of a tar: frames of headers, frames of
// chunks, and the table in a frame that is skipped.
func chunkedOf(t testing.TB, b []byte, chunk int) ([]byte, *source.TOC) {
	t.Helper()
	var out []byte
	var rows []chunkedRow
	src := bytes.NewReader(b)
	done := 0
	for r := tar.NewReader(src); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		row := chunkedRow{Type: rowTypes[h.Typeflag], Name: h.Name, Link: h.Linkname, Mode: h.Mode, Size: h.Size, UID: h.Uid, GID: h.Gid, ModTime: &h.ModTime, Major: h.Devmajor, Minor: h.Devminor, Xattrs: map[string][]byte{}}
		for k, v := range h.PAXRecords {
			if name, ok := strings.CutPrefix(k, schily); ok {
				row.Xattrs[name] = []byte(v)
			}
		}
		if h.Size == 0 {
			rows = append(rows, row)
			continue
		}
		at := len(b) - src.Len()
		out = append(out, sourcetest.Zstd(b[done:at])...)
		body := b[at : at+int(h.Size)]
		done = at + len(body)
		row.Digest = string(sourcetest.Digest(body))
		first := len(rows)
		for from := 0; from < len(body); from += chunk {
			c := body[from:min(from+chunk, len(body))]
			if from > 0 {
				row = chunkedRow{Type: "chunk", Name: h.Name, ChunkOffset: int64(from)}
			}
			row.Offset = int64(len(out))
			if len(body) > chunk {
				row.ChunkSize, row.ChunkDigest = int64(len(c)), string(sourcetest.Digest(c))
			}
			out = append(out, sourcetest.Zstd(c)...)
			rows = append(rows, row)
		}
		rows[first].EndOffset = int64(len(out))
	}
	out = append(out, sourcetest.Zstd(b[done:])...)
	return tabled(t, out, map[string]any{"version": 1, "entries": rows, "tarSplitDigest": "sha256:none"})
}

// tabled puts a table behind a layer.
func tabled(t testing.TB, out []byte, table any) ([]byte, *source.TOC) {
	t.Helper()
	plain, err := json.Marshal(table)
	if err != nil {
		t.Fatal(err)
	}
	packed := sourcetest.Zstd(plain)
	out = binary.LittleEndian.AppendUint32(append(bytes.Clone(out), 0x50, 0x2a, 0x4d, 0x18), uint32(len(packed)))
	toc := &source.TOC{Chunked: true, Digest: sourcetest.Digest(packed), At: int64(len(out)), Size: int64(len(packed)), Uncompressed: int64(len(plain))}
	return append(append(out, packed...), 0x50, 0x2a, 0x4d, 0x18, 8, 0, 0, 0, 'G', 'N', 'U', 'l', 'I', 'n', 'U', 'x'), toc
}

// far is a blob of a registry that counts what is asked for.
type far struct {
	source.Blob
	requests, bytes, whole int
}

func farBlob(stored []byte, t *source.TOC) *far {
	f := &far{}
	f.Blob = streamed(stored)
	open := f.Open
	f.Open = func(ctx context.Context) (io.ReadCloser, error) {
		f.whole++
		return open(ctx)
	}
	f.TOC = t
	f.Range = func(_ context.Context, from, n int64) (io.ReadCloser, error) {
		if from < 0 || n <= 0 || from+n > int64(len(stored)) {
			return nil, fmt.Errorf("bytes %d to %d of %d", from, from+n, len(stored))
		}
		f.requests, f.bytes = f.requests+1, f.bytes+int(n)
		return io.NopCloser(bytes.NewReader(stored[from : from+n])), nil
	}
	return f
}

// tables are the ways in which a layer has a table of contents.
var tables = map[string]func(t testing.TB, b []byte) ([]byte, *source.TOC){
	"eStargz":                   func(t testing.TB, b []byte) ([]byte, *source.TOC) { return estargzOf(t, b, 0, 0, true) },
	"eStargz that goes on":      func(t testing.TB, b []byte) ([]byte, *source.TOC) { return estargzOf(t, b, 0, 0, false) },
	"eStargz of small chunks":   func(t testing.TB, b []byte) ([]byte, *source.TOC) { return estargzOf(t, b, 700, 0, false) },
	"eStargz of shared members": func(t testing.TB, b []byte) ([]byte, *source.TOC) { return estargzOf(t, b, 700, 5000, true) },
	"zstd:chunked":              func(t testing.TB, b []byte) ([]byte, *source.TOC) { return chunkedOf(t, b, 1<<30) },
	"zstd:chunked, chunks":      func(t testing.TB, b []byte) ([]byte, *source.TOC) { return chunkedOf(t, b, 700) },
}

// TestATableOfContentsTellsTheTreeThatTheTarHas reads layers both ways: the
// trees are the same, and so are the files.
func TestATableOfContentsTellsTheTreeThatTheTarHas(t *testing.T) {
	t.Parallel()
	for name, table := range tables {
		for seed := range uint64(4) {
			formats := []tar.Format{tar.FormatUSTAR, tar.FormatGNU}
			if strings.HasPrefix(name, "zstd") {
				formats = append(formats, tar.FormatPAX) // with parts of seconds, which eStargz rounds
			}
			for _, f := range formats {
				checkTable(t, fmt.Sprintf("%s, seed %d, %s", name, seed, f), generated(seed, f), table)
			}
		}
		for _, of := range []string{"xattrs", "paths", "duplicates", "links", "odd names"} {
			checkTable(t, name+", "+of, tars()[of], table)
		}
		checkTable(t, name+", large", wordy(8, 500<<10), table)
	}
}

func checkTable(t *testing.T, where string, b []byte, table func(testing.TB, []byte) ([]byte, *source.TOC)) {
	t.Helper()
	if strings.Contains(where, "names") || strings.Contains(where, "xattrs") {
		b = without(b)
	}
	stored, toc := table(t, b)
	blob := farBlob(stored, toc)
	want, _, err := Layer(t.Context(), 3, blob.Blob, Options{Whole: true})
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	blob.whole = 0
	got, facts, err := Layer(t.Context(), 3, blob.Blob, Options{})
	if err != nil || len(facts.Faults) > 0 || blob.whole > 0 {
		t.Errorf("%s: %v, faults %v, the layer was read %d times", where, err, facts.Faults, blob.whole)
		return
	}
	checkListed(t, where, blob.Blob, facts.Places, got, want)
	packed, err := facts.Places.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Places
	if err := again.UnmarshalBinary(packed); err != nil {
		t.Fatal(err)
	}
	checkListed(t, where+", kept", atRandom(stored), &again, got, want)
}

// without leaves out what JSON cannot say: names that are no text, and
// attributes that only one archiver writes.
func without(b []byte) []byte {
	var all []sourcetest.Entry
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err != nil {
			return sourcetest.Tar(all...)
		}
		body, _ := io.ReadAll(r)
		if strings.ToValidUTF8(h.Name, "") == h.Name && !slices.ContainsFunc(slices.Collect(keys(h.PAXRecords)), func(k string) bool { return strings.HasPrefix(k, libarchive) }) {
			e := sourcetest.File(h.Name, string(body))
			e.Header = *h
			all = append(all, e)
		}
	}
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// checkListed holds a layer that was read by its table against the same that was
// read whole.
func checkListed(t *testing.T, where string, b source.Blob, at *Places, got, want *tree.Layer) {
	t.Helper()
	all := map[int]*tree.Payload{}
	whole := map[int]uint64{}
	for _, p := range files(want) {
		whole[p.Entry()] = p.Content()
	}
	read := func(p *tree.Payload, r io.Reader) error {
		h := xxh3.New()
		n, err := io.Copy(h, r)
		if err == nil && (n != p.Size || n > 0 && h.Sum64() != whole[p.Entry()]) {
			err = fmt.Errorf("%d bytes of %d, another content", n, p.Size)
		}
		if n > 0 && p.Unread() {
			p.Learn(h.Sum64())
		}
		return err
	}
	for _, p := range files(got) {
		all[p.Entry()] = p
		r, err := Open(t.Context(), b, at, p)
		if err == nil {
			err = errors.Join(read(p, r), r.Close())
		}
		if err != nil {
			t.Errorf("%s: %s: %v", where, p.Name, err)
		}
	}
	n := 0
	err := Each(t.Context(), b, at, all, func(p *tree.Payload, r io.Reader) error { n++; return read(p, r) })
	if err != nil || n != len(whole) {
		t.Errorf("%s: each: %d files of %d, %v", where, n, len(whole), err)
	}
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("%s: %s", where, diff)
	}
	if !tree.Equal(tree.Fold(nil, got), tree.Fold(nil, want)) {
		t.Errorf("%s: the trees are not equal", where)
	}
}

// lines is all that a layer says but where its files lie.
func lines(l *tree.Layer) []string {
	all := []string{fmt.Sprint(l.Entries, l.Unpacked, l.Files())}
	l.Root.Walk(func(path string, n *tree.Node) bool {
		entry := -1
		if p := n.Payload(); p != nil {
			entry = p.Entry()
		}
		all = append(all, fmt.Sprintf("%q %+v %d", path, n.Attr(), entry))
		return true
	})
	return all
}

func TestATableOfContentsCostsFewBytes(t *testing.T) {
	t.Parallel()
	b := wordy(10, 3<<20)
	for name, most := range map[string]int{"eStargz": 2, "zstd:chunked": 1} {
		stored, toc := tables[name](t, b)
		blob := farBlob(stored, toc)
		l, facts, err := Layer(t.Context(), 0, blob.Blob, Options{})
		if err != nil || blob.requests > most || blob.bytes > len(stored)/20+usualTail+64<<10 || blob.whole > 0 {
			t.Errorf("%s: %v, %d requests for %d bytes of %d", name, err, blob.requests, blob.bytes, len(stored))
		}
		for _, p := range files(l) {
			if blob.requests, blob.bytes = 0, 0; p.Size == 0 {
				continue
			}
			r, err := Open(t.Context(), blob.Blob, facts.Places, p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil || blob.requests != 1 || blob.bytes > int(p.Size)+2000 {
				t.Errorf("%s: %s of %d bytes: %v, %d requests for %d bytes", name, p.Name, p.Size, err, blob.requests, blob.bytes)
			}
			r.Close()
		}
	}
}

// TestATableThatCannotBeUsedIsSaidAndTheLayerRead has tables that are damaged,
// others, or none.
func TestATableThatCannotBeUsedIsSaidAndTheLayerRead(t *testing.T) {
	t.Parallel()
	b := wordy(11, 300<<10)
	es, esTOC := estargzOf(t, b, 0, 0, false)
	zc, zcTOC := chunkedOf(t, b, 1<<30)
	with := func(t source.TOC, change func(*source.TOC)) *source.TOC {
		change(&t)
		return &t
	}
	lie, lieTOC := tabled(t, sourcetest.Zstd(b), map[string]any{"version": 1, "entries": []chunkedRow{{Type: "reg", Name: "x", Size: 5}}})
	for name, c := range map[string]struct {
		stored []byte
		toc    *source.TOC
		want   string
	}{
		"eStargz, another digest":     {es, with(*esTOC, func(t *source.TOC) { t.Digest = sourcetest.Digest(nil) }), "its digest is sha256:"},
		"eStargz, no digest":          {es, with(*esTOC, func(t *source.TOC) { t.Digest = "" }), "its digest is sha256:"},
		"eStargz without its end":     {es[:len(es)-1], esTOC, "the layer does not end as eStargz does"},
		"no eStargz":                  {sourcetest.Gzip(b), esTOC, "the layer does not end as eStargz does"},
		"eStargz, the end alone":      {append(sourcetest.Gzip(b), es[len(es)-footerSize:]...), esTOC, ""},
		"eStargz, tiny":               {sourcetest.Gzip(nil), esTOC, ""},
		"zstd:chunked, other digest":  {zc, with(*zcTOC, func(t *source.TOC) { t.Digest = sourcetest.Digest(b) }), "its digest is sha256:"},
		"zstd:chunked, elsewhere":     {zc, with(*zcTOC, func(t *source.TOC) { t.At -= 5 }), ""},
		"zstd:chunked, outside":       {zc, with(*zcTOC, func(t *source.TOC) { t.At = int64(len(zc)) }), "bytes at"},
		"zstd:chunked, far outside":   {zc, with(*zcTOC, func(t *source.TOC) { t.At = 1<<63 - 1 }), "bytes at"},
		"zstd:chunked, huge":          {zc, with(*zcTOC, func(t *source.TOC) { t.Uncompressed = 1 << 40 }), "that become 1099511627776"},
		"zstd:chunked, shorter":       {zc, with(*zcTOC, func(t *source.TOC) { t.Uncompressed -= 10 }), ""},
		"zstd:chunked, contradictory": {lie, lieTOC, "entry 0: "},
	} {
		want, known, whole := Layer(t.Context(), 0, streamed(c.stored), Options{})
		blob := farBlob(c.stored, c.toc)
		got, facts, err := Layer(t.Context(), 0, blob.Blob, Options{})
		if fmt.Sprint(err) != fmt.Sprint(whole) {
			t.Errorf("%s: got %v, want %v", name, err, whole)
		}
		if err != nil {
			continue
		}
		if !tree.Equal(tree.Fold(nil, got), tree.Fold(nil, want)) || len(facts.Faults) != 1+len(known.Faults) || facts.Unread || facts.Places == nil || facts.Places.files != nil {
			t.Errorf("%s: got faults %v", name, facts.Faults)
			continue
		}
		if text := facts.Faults[len(known.Faults)].Text; !strings.HasPrefix(text, "layer 0: its table of contents is not used: ") || !strings.Contains(text, c.want) {
			t.Errorf("%s: got %q, want %q", name, text, c.want)
		}
	}
	blob := farBlob(zc, zcTOC)
	blob.Range = func(context.Context, int64, int64) (io.ReadCloser, error) { return nil, source.ErrNoRange }
	if _, facts, err := Layer(t.Context(), 0, blob.Blob, Options{}); err != nil || len(facts.Faults) > 0 || facts.Unread {
		t.Errorf("no parts: got %v, faults %v", err, facts.Faults)
	}
	b2 := NewBudget(Limits{Bytes: 1 << 40, Path: 1000, Depth: 10, Held: 1000, HeldMost: 1000}, 0)
	if _, _, err := Layer(t.Context(), 0, farBlob(zc, zcTOC).Blob, Options{Budget: b2}); err == nil || b2.held != 0 {
		t.Errorf("without room: got %v, %d bytes are held", err, b2.held)
	}
}

func TestAFileThatIsNotWhatItsTableSaysIsAnError(t *testing.T) {
	t.Parallel()
	b := wordy(12, 200<<10)
	for name, table := range tables {
		stored, toc := table(t, b)
		l, facts, err := Layer(t.Context(), 0, farBlob(stored, toc).Blob, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range files(l) {
			if p.Size == 0 || p.Name == tableName {
				continue
			}
			s, err := facts.Places.files.find(p.Entry())
			if err != nil {
				t.Fatal(err)
			}
			bad := bytes.Clone(stored)
			bad[s.from+(s.to-s.from)*int64(i%7)/8] ^= 4
			r, err := Open(t.Context(), farBlob(bad, toc).Blob, facts.Places, p)
			h := sha256.New()
			if err == nil {
				_, err = io.Copy(h, r)
				r.Close()
			}
			if err == nil && int64(i%7) > 0 && readWhole(t, atRandom(b), nil, p) == nil {
				t.Errorf("%s: %s of %d bytes: changed at %d, and nobody says so", name, p.Name, p.Size, i%7)
			}
		}
	}
}

// FuzzFooter holds that whatever ends a layer leads into it or nowhere.
func FuzzFooter(f *testing.F) {
	stored, _ := estargzOf(f, wordy(13, 5000), 0, 0, true)
	f.Add(stored[len(stored)-footerSize:], int64(len(stored)))
	f.Add(stored[len(stored)-footerSize:], int64(60))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		if at, err := footer(b, size); err == nil && (at <= 0 || at >= size-footerSize || len(b) != footerSize) {
			t.Errorf("%q leads to byte %d of %d", b, at, size)
		}
	})
}
