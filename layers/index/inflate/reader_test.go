package inflate

import (
	"bytes"
	stdflate "compress/flate"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
)

// plain undoes gzip as the library does: the oracle.
func plain(stored []byte) ([]byte, error) {
	z, err := library(bytes.NewReader(stored))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// ours undoes gzip with pieces pushed to a sink.
func ours(src io.Reader) ([]byte, error) {
	r, err := NewReader(src)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), err
}

// check holds a stream against the library, whole and in small reads.
func check(t *testing.T, name string, stored []byte) {
	t.Helper()
	want, due := plain(stored)
	for how, src := range map[string]io.Reader{"at once": bytes.NewReader(stored), "with the end": iotest.DataErrReader(bytes.NewReader(stored)),
		"by bits": &drops{b: stored}} {
		got, err := ours(src)
		if (err == nil) != (due == nil) {
			t.Errorf("%s, %s: got %v, the library says %v", name, how, err, due)
			continue
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%s, %s: %d bytes are not the library's %d", name, how, len(got), len(want))
		}
		if n := min(len(got), len(want)); err != nil && !bytes.Equal(got[:n], want[:n]) {
			t.Errorf("%s, %s: what comes before the fault is not what the library has", name, how)
		}
	}
}

// drops gives a few bytes a time, or none.
type drops struct {
	b []byte
	n int
}

// Read implements io.Reader.
func (d *drops) Read(p []byte) (int, error) {
	if len(d.b) == 0 {
		return 0, io.EOF
	}
	d.n = (d.n*7 + 1) % 101
	n := copy(p, d.b[:min(len(d.b), d.n)])
	d.b = d.b[n:]
	return n, nil
}

// texts are what is packed, from a seed.
func texts(seed uint64) map[string][]byte {
	r := rand.New(rand.NewPCG(seed, 1))
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	words := []byte{}
	for len(words) < 300_000 {
		words = fmt.Appendf(words, "%s/%d ", []string{"usr", "lib", "share", "doc", "python3"}[r.IntN(5)], r.IntN(1000))
	}
	skewed := make([]byte, 200_000) // with codes of all lengths
	for i := range skewed {
		skewed[i] = byte(min(r.ExpFloat64()*9, 255))
	}
	short := bytes.Repeat([]byte("ab"), 90_000)
	for i := 0; i < len(short); i += 1 + r.IntN(500) {
		short[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"nothing": {}, "a byte": {7}, "noise": noise, "words": words, "zeros": make([]byte, 800_000), "skewed": skewed, "short distances": short,
		"mixed": bytes.Join([][]byte{noise[:70_000], words[:200_000], noise[:70_000], make([]byte, 100_000), words[:33_000]}, nil),
	}
}

// pack makes gzip of a level; −2 is Huffman codes alone, −3 one block for each few bytes.
func pack(b []byte, level int) []byte {
	var out bytes.Buffer
	flushed := level == -3
	z, err := stdgzip.NewWriterLevel(&out, max(level, stdgzip.HuffmanOnly))
	if err != nil {
		panic(err)
	}
	for flushed && len(b) > 0 {
		n := min(len(b), 1+len(b)/50)
		z.Write(b[:n])
		z.Flush()
		b = b[n:]
	}
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func TestAStreamUnpacksToWhatTheLibraryHas(t *testing.T) {
	t.Parallel()
	for name, b := range texts(1) {
		for _, level := range []int{-3, -2, 0, 1, 4, 6, 9} {
			check(t, fmt.Sprintf("%s, level %d", name, level), pack(b, level))
		}
		for _, level := range []int{gzip.StatelessCompression, gzip.BestSpeed, gzip.BestCompression} {
			var out bytes.Buffer
			z, err := gzip.NewWriterLevel(&out, level)
			if err != nil {
				t.Fatal(err)
			}
			z.Write(b)
			z.Close()
			check(t, fmt.Sprintf("%s, another library's level %d", name, level), out.Bytes())
		}
	}
}

func TestProgramsStreamsAreRead(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, args := range []string{"gzip -1", "gzip -9", "gzip --rsyncable", "pigz -11 -I 2", "pigz -p 4 -b 128", "igzip -0", "igzip -1", "igzip -3", "libdeflate-gzip -12", "zopfli -c"} {
		name, flags, _ := strings.Cut(args, " ")
		if _, err := exec.LookPath(name); err != nil {
			continue
		}
		for text, b := range texts(2) {
			c := exec.CommandContext(t.Context(), name, append(strings.Fields(flags), "-c")...)
			c.Stdin = bytes.NewReader(b)
			out, err := c.Output()
			if err != nil {
				continue
			}
			ran++
			check(t, args+", "+text, out)
		}
	}
	if ran == 0 {
		t.Skip("no program that packs")
	}
}

func TestMembersFollowOneAnother(t *testing.T) {
	t.Parallel()
	a, b := pack([]byte("one"), 6), pack(texts(3)["mixed"], 6)
	var many []byte
	for range 5000 {
		many = append(many, a...)
	}
	for name, stored := range map[string][]byte{
		"two": append(bytes.Clone(b), b...), "many": many, "empty ones": bytes.Repeat(pack(nil, 6), 300),
		"junk behind": append(bytes.Clone(b), "junk"...), "zeros behind": append(bytes.Clone(b), make([]byte, 512)...),
		"a byte behind": append(bytes.Clone(b), 0x1f), "half a header behind": append(bytes.Clone(b), a[:7]...),
	} {
		check(t, name, stored)
	}
	// The second member looks back into the first one.
	deflated := func(b, dict []byte) []byte {
		var out bytes.Buffer
		z, _ := stdflate.NewWriterDict(&out, 9, dict)
		z.Write(b)
		z.Close()
		sum := crc32.ChecksumIEEE(b)
		return append(append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, out.Bytes()...), byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24), byte(len(b)), byte(len(b)>>8), 0, 0)
	}
	text := bytes.Repeat([]byte("a text that is long enough to be looked back at. "), 5)
	check(t, "looks back", append(deflated(text, nil), deflated(text, text)...))
}

func TestHeadersAreReadAndChecked(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := stdgzip.NewWriter(&out)
	z.Name, z.Comment, z.Extra = "name", "comment", bytes.Repeat([]byte("x"), 1000)
	z.Write([]byte("hello"))
	z.Close()
	check(t, "all fields", out.Bytes())
	for n := 0; n < out.Len(); n += 1 + n/40 {
		check(t, fmt.Sprint("all fields, cut at ", n), out.Bytes()[:n])
	}
	body := pack([]byte("hello"), 6)[10:]
	for _, n := range []int{0, 1, 510, 511, 512, 513, 600} {
		h := append([]byte{0x1f, 0x8b, 8, hasNameFlag, 0, 0, 0, 0, 0, 255}, append(bytes.Repeat([]byte("n"), n), 0)...)
		check(t, fmt.Sprintf("a name of %d", n), append(h, body...))
	}
	for _, flags := range []byte{2, 2 | hasNameFlag, 0xe0} {
		h := []byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255}
		if flags&hasNameFlag != 0 {
			h = append(h, "n\x00"...)
		}
		check(t, "no sum", append(bytes.Clone(h), body...))
		sum := crc32.ChecksumIEEE(h)
		check(t, "a sum", append(append(h, byte(sum), byte(sum>>8)), body...))
	}
}

const hasNameFlag = 1 << 3

func TestAStreamThatIsCutOrChangedIsAnError(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	for name, b := range texts(4) {
		b = b[:min(len(b), 60_000)]
		for _, level := range []int{-3, -2, 0, 1, 6} {
			stored := pack(b, level)
			for range 20 {
				cut := r.IntN(len(stored))
				check(t, fmt.Sprintf("%s, level %d, cut at %d of %d", name, level, cut, len(stored)), stored[:cut])
				changed := bytes.Clone(stored)
				at := r.IntN(len(stored))
				changed[at] ^= 1 << r.IntN(8)
				check(t, fmt.Sprintf("%s, level %d, changed at %d of %d", name, level, at, len(stored)), changed)
			}
		}
	}
	if _, err := ours(bytes.NewReader(nil)); err != io.EOF {
		t.Errorf("nothing: got %v, want EOF", err)
	}
}

// TestWhatTheSourceSaysIsSaid holds that bytes before a source's fault come out
// and that the fault is the source's.
func TestWhatTheSourceSaysIsSaid(t *testing.T) {
	t.Parallel()
	b := texts(5)["words"]
	stored := pack(b, 6)
	fault := errors.New("the connection broke")
	for _, n := range []int{0, 5, 11, 5000, len(stored) - 9, len(stored) - 1, len(stored)} {
		got, err := ours(io.MultiReader(bytes.NewReader(stored[:n]), iotest.ErrReader(fault)))
		if err != fault || !bytes.HasPrefix(b, got) {
			t.Errorf("after %d: got %d bytes, %v; want the fault", n, len(got), err)
		}
		if keeps && n == len(stored)-9 && len(got) < len(b)-300 {
			t.Errorf("after %d: got %d bytes of %d", n, len(got), len(b))
		}
	}
}

func BenchmarkGzip(b *testing.B) {
	stored := pack(bytes.Repeat(texts(1)["mixed"], 10), 6)
	n := int64(10 * len(texts(1)["mixed"]))
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(n)
		b.ReportAllocs()
		for b.Loop() {
			r, err := NewReader(bytes.NewReader(stored))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("klauspost", func(b *testing.B) {
		b.SetBytes(n)
		b.ReportAllocs()
		for b.Loop() {
			r, err := gzip.NewReader(bytes.NewReader(stored))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func plainReader(stored []byte) (io.Reader, error) {
	return library(bytes.NewReader(stored))
}

func oursReader(stored []byte) (io.Reader, error) { return NewReader(bytes.NewReader(stored)) }

// bounded reads what a reader has, but not without end.
func bounded(r io.Reader, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 8<<20))
}
