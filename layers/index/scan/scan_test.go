package scan

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// pieces gives a tar in pieces of some size, and can skip.
type pieces struct {
	b    []byte
	size int
}

// Next implements Source.
func (p *pieces) Next() ([]byte, error) {
	if len(p.b) == 0 {
		return nil, io.EOF
	}
	n := min(len(p.b), p.size)
	b := p.b[:n]
	p.b = p.b[n:]
	return b, nil
}

// skipping is a source that passes over what is not looked at.
type skipping struct{ pieces }

// Skip implements Skipper.
func (s *skipping) Skip(n int64) (int64, error) {
	k := min(n, int64(len(s.b)))
	s.b = s.b[k:]
	if k < n {
		return k, io.EOF
	}
	return k, nil
}

// said is an entry in words, with its content where that is wanted.
type said struct {
	what string
	body []byte
}

// library reads a tar as archive/tar does: the oracle.
func library(b []byte, bodies bool) (all []said, err error) {
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if err != nil {
			return all, err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		var attributes []string
		sparse := h.Typeflag == tar.TypeGNUSparse
		for _, k := range slices.Sorted(maps.Keys(h.PAXRecords)) {
			if strings.HasPrefix(k, "SCHILY.xattr.") || strings.HasPrefix(k, "LIBARCHIVE.xattr.") {
				attributes = append(attributes, k+"="+h.PAXRecords[k])
			}
			sparse = sparse || strings.HasPrefix(k, "GNU.sparse.")
		}
		s := said{what: fmt.Sprintf("%q %q %q %o %d %d %d %v %d %d %q %v", h.Typeflag, h.Name, h.Linkname, h.Mode, h.Uid, h.Gid, h.Size, h.ModTime.UTC(), h.Devmajor, h.Devminor, attributes, sparse)}
		all = append(all, s)
		if !bodies || h.Size > most {
			continue
		}
		if all[len(all)-1].body, err = io.ReadAll(r); err != nil {
			return all, err
		}
	}
}

// most is how large a content may be to be looked at: holes cost nothing to say.
const most = 1 << 22

func ours(src Source, bodies bool) (all []said, err error) {
	s := New(src)
	for {
		h, err := s.Next()
		if err != nil {
			return all, err
		}
		var attributes []string
		for _, r := range h.Attributes {
			attributes = append(attributes, string(r.Key)+"="+string(r.Value))
		}
		slices.SortFunc(attributes, func(a, b string) int { // as the keys are
			ak, _, _ := strings.Cut(a, "=")
			bk, _, _ := strings.Cut(b, "=")
			return strings.Compare(ak, bk)
		})
		all = append(all, said{what: fmt.Sprintf("%q %q %q %o %d %d %d %v %d %d %q %v", h.Flag, h.Name, h.Link, h.Mode, h.UID, h.GID, h.Size, h.ModTime.UTC(), h.Major, h.Minor, attributes, h.Sparse)})
		if !bodies || h.Size > most {
			continue
		}
		if all[len(all)-1].body, err = content(s, len(all)%2 == 0); err != nil {
			return all, err
		}
	}
}

// content reads an entry's content in either way.
func content(s *Scanner, read bool) ([]byte, error) {
	if read {
		return io.ReadAll(s)
	}
	body := []byte{}
	for {
		b, err := s.Content()
		body = append(body, b...)
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return body, err
		}
	}
}

// check holds a tar against the library.
func check(t *testing.T, name string, b []byte) {
	t.Helper()
	for _, bodies := range []bool{true, false} {
		want, due := library(b, bodies)
		for how, src := range map[string]Source{"whole": &pieces{b, len(b)}, "small": &pieces{b, 300}, "odd": &pieces{b, 1031},
			"skipped": &skipping{pieces{b, 700}}} {
			got, err := ours(src, bodies)
			if (err == io.EOF) != (due == io.EOF) || errors.Is(due, tar.ErrHeader) != errors.Is(err, tar.ErrHeader) {
				t.Fatalf("%s, %s, contents %v: got %v, the library says %v", name, how, bodies, err, due)
			}
			if len(got) != len(want) {
				t.Fatalf("%s, %s: got %d entries, want %d", name, how, len(got), len(want))
			}
			for i := range got {
				last := i == len(got)-1 && due != io.EOF
				if got[i].what != want[i].what || !last && !bytes.Equal(got[i].body, want[i].body) {
					t.Fatalf("%s, %s: entry %d: got\n%s with %d bytes, want\n%s with %d", name, how, i, got[i].what, len(got[i].body), want[i].what, len(want[i].body))
				}
			}
		}
	}
}

// written are tars of archive/tar's writer, from a seed.
func written(seed uint64, f tar.Format) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(f)))
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := range 1 + r.IntN(20) {
		h := &tar.Header{Format: f, Name: fmt.Sprintf("%sf%d", strings.Repeat("directory/", r.IntN(4)), i), Mode: r.Int64N(0o10000), Uid: r.IntN(1 << 20), Gid: r.IntN(1 << 20),
			ModTime: time.Unix(r.Int64N(1<<33), 0), Typeflag: "0012345067"[r.IntN(10)]}
		if f != tar.FormatUSTAR && r.IntN(3) == 0 {
			h.Name = strings.Repeat("long/", 50) + h.Name
		}
		switch h.Typeflag {
		case tar.TypeLink, tar.TypeSymlink:
			h.Linkname = "../target"
		case tar.TypeReg, tar.TypeCont:
			h.Size = r.Int64N(2000)
		}
		if f == tar.FormatPAX && r.IntN(2) == 0 {
			h.PAXRecords = map[string]string{"SCHILY.xattr.user.a": "1", "LIBARCHIVE.xattr.user.b": "Mg"}
			h.ModTime = h.ModTime.Add(time.Duration(r.Int64N(1e9)))
		}
		if w.WriteHeader(h) == nil {
			w.Write(bytes.Repeat([]byte{byte(i)}, int(h.Size)))
		}
	}
	w.Close()
	return out.Bytes()
}

// sums makes the sums of all blocks right that may be headers: what is changed
// in one is then looked at.
func sums(b []byte) {
	for i := 0; i+blockSize <= len(b); i += blockSize {
		h := (*[blockSize]byte)(b[i:])
		if h[257] == 'u' {
			copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum(h)))
		}
	}
}

func TestATarIsReadAsTheLibraryReadsIt(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
			check(t, fmt.Sprintf("seed %d as %s", seed, f), written(seed, f))
		}
	}
}

// TestAChangedTarIsReadAsTheLibraryReadsIt changes bytes of headers, with the
// sum made right again, and cuts.
func TestAChangedTarIsReadAsTheLibraryReadsIt(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	tars := [][]byte{}
	for seed := range uint64(6) {
		tars = append(tars, written(seed, tar.FormatUSTAR), written(seed, tar.FormatPAX), written(seed, tar.FormatGNU))
	}
	tars = append(tars, programs(t)...)
	chars := []byte("\x00 01789-+=,.xgLKS5\x80\xff\nu")
	for n := range 4000 {
		b := bytes.Clone(tars[r.IntN(len(tars))])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(b))
			if r.IntN(4) > 0 { // fields rather than contents
				at = at/blockSize*blockSize + 100 + r.IntN(57)
			}
			if at < len(b) {
				b[at] = chars[r.IntN(len(chars))]
			}
		}
		sums(b)
		if r.IntN(10) == 0 {
			b = b[:r.IntN(len(b))]
		}
		check(t, fmt.Sprint("change ", n), b)
	}
}

// programs are tars of the tar program with a sparse file in each way.
func programs(t *testing.T) (all [][]byte) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "tar", "--version").Output(); err != nil || !bytes.Contains(out, []byte("GNU tar")) {
		return nil
	}
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(1 << 14); at < 300_000; at += 40_000 {
		f.WriteAt([]byte("here"), at)
	}
	if err := errors.Join(f.Truncate(400_000), f.Close(), os.WriteFile(filepath.Join(dir, "z"), []byte("z"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"gnu", "oldgnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"} {
		args := append([]string{"-S", "-C", dir, "-c", "sparse", "z"}, strings.Fields("--format="+how)...)
		b, err := exec.CommandContext(t.Context(), "tar", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		check(t, how, b)
		all = append(all, b)
	}
	return all
}

// TestTheLibrarysOwnTarsAreRead reads the test data of Go, where it is installed.
func TestTheLibrarysOwnTarsAreRead(t *testing.T) {
	t.Parallel()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src/archive/tar/testdata/*.tar"))
	if len(files) == 0 {
		t.Skip("the test data of Go is not installed")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		check(t, filepath.Base(f), b)
	}
}

func TestHeadersDoNotAllocate(t *testing.T) {
	for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		b := bytes.Repeat(bytes.TrimRight(written(3, f), "\x00"), 1)
		b = append(b, make([]byte, -len(b)&511)...)
		s := New(&pieces{bytes.Repeat(b, 200), 64 << 10})
		for range 40 { // buffers grow to their size
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(500, func() {
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations a header", f, n)
		}
	}
}

func TestFieldsAreReadAtOnceAsDigitByDigit(t *testing.T) {
	t.Parallel()
	const some = "00123456789  \x00\x00\x80\xffa"
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var b [12]byte
		for i := range b {
			b[i] = '0' + byte(r.IntN(8))
		}
		b[11], b[7], b[6] = some[r.IntN(len(some))], some[r.IntN(len(some))], some[r.IntN(len(some))]
		for range r.IntN(3) {
			b[r.IntN(12)] = some[r.IntN(len(some))]
		}
		eight := (*[8]byte)(b[:])
		for name, read := range map[string][2]func(*parser) int64{
			"seven digits":  {func(p *parser) int64 { return p.eight(eight) }, func(p *parser) int64 { return p.number(eight[:]) }},
			"eleven digits": {func(p *parser) int64 { return p.twelve(&b) }, func(p *parser) int64 { return p.number(b[:]) }},
			"a sum":         {func(p *parser) int64 { return p.checksum(eight) }, func(p *parser) int64 { return p.octal(eight[:]) }},
		} {
			var got, want parser
			if n, plain := read[0](&got), read[1](&want); n != plain || got != want {
				t.Fatalf("%s of %q: got %d %+v, want %d %+v", name, b, n, got, plain, want)
			}
		}
	}
}

func TestASumIsThatOfEveryByte(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 10_000 {
		var b [blockSize]byte
		want := int64(8 * ' ')
		for i := range b {
			if r.IntN(1+n%100) < 5 {
				b[i] = byte(r.IntN(128 + n%2*128))
			}
			if i < 148 || i >= 156 {
				want += int64(b[i])
			}
		}
		if got := sum(&b); got != want {
			t.Fatalf("%q: got %d, want %d", b, got, want)
		}
	}
}

// FuzzScan holds arbitrary bytes against the library.
func FuzzScan(f *testing.F) {
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		b := written(2, format)
		f.Add(b[:min(len(b), 6000)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		check(t, "as it is", b)
		b = bytes.Clone(b)
		sums(b)
		check(t, "with its sums", b)
	})
}

func BenchmarkHeaders(b *testing.B) {
	all := bytes.Repeat(bytes.TrimRight(written(5, tar.FormatUSTAR), "\x00"), 1)
	all = append(all, make([]byte, -len(all)&511)...)
	all = bytes.Repeat(all, 500)
	b.Run("ours", func(b *testing.B) {
		n := 0
		for b.Loop() {
			s := New(&pieces{all, 192 << 10})
			for n = 0; ; n++ {
				if _, err := s.Next(); err != nil {
					break
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/header")
	})
	b.Run("library", func(b *testing.B) {
		n := 0
		for b.Loop() {
			r := tar.NewReader(bytes.NewReader(all))
			for n = 0; ; n++ {
				if _, err := r.Next(); err != nil {
					break
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/header")
	})
}
