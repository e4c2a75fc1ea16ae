package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// sample is data with repeats and noise.
func sample(n int) []byte {
	r := rand.NewChaCha8([32]byte{7})
	noise := make([]byte, n/8+1)
	r.Read(noise)
	return bytes.Repeat(noise, 9)[:n]
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name, w.Comment, w.Extra = "layer.tar", "made by a test", []byte("extra")
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte, o ...zstd.EOption) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, append([]zstd.EOption{zstd.WithEncoderConcurrency(1)}, o...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// skip is a frame of zstd that holds no data.
func skip(kind byte, n int) []byte {
	b := append([]byte{0x50 | kind, 0x2a, 0x4d, 0x18}, binary.LittleEndian.AppendUint32(nil, uint32(n))...)
	return append(b, make([]byte, n)...)
}

func join(all ...[]byte) []byte { return bytes.Join(all, nil) }

func TestEveryCompressionIsToldByItsBytesAndUndone(t *testing.T) {
	t.Parallel()
	data := sample(700_000)
	a, b := data[:300_000], data[300_000:]
	for name, c := range map[string]struct {
		stored []byte
		codec  string
	}{
		"plain": {data, ""}, "gzip": {gzipped(t, data), "gzip"}, "zstd": {zstded(t, data), "zstd"},
		"gzip of two members":      {join(gzipped(t, a), gzipped(t, b)), "gzip"},
		"gzip with empty members":  {join(gzipped(t, nil), gzipped(t, a), gzipped(t, nil), gzipped(t, b), gzipped(t, nil)), "gzip"},
		"zstd of two frames":       {join(zstded(t, a), zstded(t, b)), "zstd"},
		"zstd of a single segment": {join(zstded(t, a, zstd.WithSingleSegment(true)), zstded(t, b, zstd.WithSingleSegment(true))), "zstd"},
		"zstd that skips first":    {join(skip(0, 10), zstded(t, data)), "zstd"},
		"zstd that skips twice":    {join(skip(15, 300_000), skip(3, 0), zstded(t, a), skip(1, 5), zstded(t, b), skip(0, 40)), "zstd"},
		"zstd with a checksum":     {zstded(t, data, zstd.WithEncoderCRC(true)), "zstd"},
		"zstd without checksum":    {zstded(t, data, zstd.WithEncoderCRC(false)), "zstd"},
		"zstd with a small window": {zstded(t, data, zstd.WithWindowSize(1024)), "zstd"},
	} {
		if got := Name(c.stored[:6]); got != c.codec {
			t.Errorf("%s: told as %q, want %q", name, got, c.codec)
		}
		for how, r := range map[string]io.Reader{
			"at once": bytes.NewReader(c.stored), "in pieces": iotest.HalfReader(bytes.NewReader(c.stored)),
			"end with data": iotest.DataErrReader(bytes.NewReader(c.stored)),
		} {
			d, err := Decode(r)
			if err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
				continue
			}
			got, err := io.ReadAll(d)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s, %s: got %d bytes, %v; want %d", name, how, len(got), err, len(data))
			}
			if err := d.Close(); err != nil {
				t.Errorf("%s, %s: close: %v", name, how, err)
			}
		}
	}
}

func TestEverySkippableFrameIsZstd(t *testing.T) {
	t.Parallel()
	for kind := range byte(16) {
		if got := Name(skip(kind, 0)); got != "zstd" {
			t.Errorf("%#x: told as %q, want zstd", 0x50|kind, got)
		}
	}
	for _, head := range [][]byte{{0x60, 0x2a, 0x4d, 0x18}, {0x50, 0x2a, 0x4d}, {0x50, 0x2a, 0x4d, 0x19}} {
		if got := Name(head); got != "" {
			t.Errorf("%x: told as %q, want nothing", head, got)
		}
	}
}

func TestAShortStreamComesOutAsItIs(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		b := bytes.Repeat([]byte{'x'}, n)
		d, err := Decode(iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: got %q, %v", n, got, err)
		}
	}
}

// TestAStreamThatBreaksOffSaysSo cuts at every byte of small streams.
func TestAStreamThatBreaksOffSaysSo(t *testing.T) {
	t.Parallel()
	data := sample(600)
	for name, stored := range map[string][]byte{
		"gzip": gzipped(t, data), "zstd": zstded(t, data), "zstd, skip first": join(skip(0, 7), zstded(t, data)),
	} {
		ends := map[int]bool{len(stored): true, 15: strings.HasPrefix(name, "zstd, skip")} // a frame's end is an end
		for cut := range stored {
			if Name(stored[:cut]) == "" || ends[cut] {
				continue
			}
			d, err := Decode(bytes.NewReader(stored[:cut]))
			var got []byte
			if err == nil {
				got, err = io.ReadAll(d)
				d.Close()
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(data, got) {
				t.Errorf("%s cut at %d of %d: got %d bytes and %v, want unexpected EOF", name, cut, len(stored), len(got), err)
			}
		}
	}
}

func TestADamagedStreamIsAnError(t *testing.T) {
	t.Parallel()
	data := sample(5000)
	for name, stored := range map[string][]byte{"gzip": gzipped(t, data), "zstd": zstded(t, data, zstd.WithEncoderCRC(true))} {
		for at := range stored {
			b := bytes.Clone(stored)
			b[at] ^= 0x55
			if Name(b) != Name(stored) {
				continue
			}
			d, err := Decode(bytes.NewReader(b))
			if err != nil {
				continue
			}
			got, err := io.ReadAll(d)
			d.Close()
			if err == nil && !bytes.Equal(got, data) {
				t.Errorf("%s changed at %d of %d: other bytes came out and no error", name, at, len(stored))
			}
		}
	}
}

func TestWhatIsNotReadIsNamed(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"\xfd7zXZ\x00rest": "xz is not read: gzip, zstd and plain tar are", "BZh91AY&SY": "bzip2 is not read: gzip, zstd and plain tar are",
		"\x1f\x8b": "gzip: unexpected EOF", "\x1f\x8bxxxxxxxxxxxx": "gzip: gzip: invalid header",
	} {
		if _, err := Decode(strings.NewReader(head)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", head, err, want)
		}
	}
}

func TestAFaultOfTheStreamIsTheDecoders(t *testing.T) {
	t.Parallel()
	fault := errors.New("the disk is gone")
	for name, stored := range map[string][]byte{"nothing": nil, "plain": sample(999_999), "gzip": gzipped(t, sample(999_999)), "zstd": zstded(t, sample(999_999))} {
		d, err := Decode(io.MultiReader(bytes.NewReader(stored[:len(stored)/2]), iotest.ErrReader(fault)))
		if err == nil {
			_, err = io.Copy(io.Discard, d)
			d.Close()
		}
		if !errors.Is(err, fault) {
			t.Errorf("%s: got %v, want %v", name, err, fault)
		}
	}
}

// tinyFrame is the header of a zstd frame that wants to look back so far, and a
// block of five bytes.
func tinyFrame(windowLog byte) []byte {
	return join([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3}, []byte{5<<3 | 1, 0, 0}, []byte("hello"))
}

func TestAStreamThatLooksBackTooFarIsRefused(t *testing.T) {
	t.Parallel()
	for windowLog, c := range map[byte]struct {
		large bool
		err   string
	}{
		10: {false, ""}, 23: {false, ""}, 24: {false, ""}, 25: {true, ""}, 27: {true, ""},
		28: {true, "zstd: it looks back 256MiB; the limit is 128MiB"}, 41: {true, "zstd: it looks back 2TiB; the limit is 128MiB"},
	} {
		s, err := Begin(bytes.NewReader(tinyFrame(windowLog)))
		if err != nil || s.Large() != c.large {
			t.Fatalf("2^%d: large %v, %v; want %v", windowLog, s.Large(), err, c.large)
		}
		d, err := s.Decode()
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("2^%d: got %v, want %s", windowLog, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("2^%d: %v", windowLog, err)
			continue
		}
		if got, err := io.ReadAll(d); err != nil || string(got) != "hello" {
			t.Errorf("2^%d: got %q, %v", windowLog, got, err)
		}
		d.Close()
	}
	d, err := Decode(bytes.NewReader(join(tinyFrame(20), tinyFrame(27))))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got, err := io.ReadAll(d); err == nil {
		t.Errorf("a later frame that looks back farther than the first: got %q", got)
	}
}

func TestDecodersLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, stored := range [][]byte{gzipped(t, sample(3_000_000)), zstded(t, sample(3_000_000))} {
		for range 10 {
			d, err := Decode(bytes.NewReader(stored))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(d, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			d.Close()
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// FuzzDecode holds that nothing panics, that no more memory is taken than a
// window's, and that what is compressed comes out again.
func FuzzDecode(f *testing.F) {
	data := sample(3000)
	for _, seed := range [][]byte{
		nil, data, gzipped(f, data), zstded(f, data), join(gzipped(f, data), gzipped(f, nil)), join(skip(5, 9), zstded(f, data)), tinyFrame(27), tinyFrame(41),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		d, err := Decode(bytes.NewReader(stored))
		if err != nil {
			return
		}
		defer d.Close()
		n, err := io.Copy(io.Discard, io.LimitReader(d, 64<<20))
		if Name(stored) == "" && (err != nil || n != int64(len(stored))) {
			t.Errorf("plain: got %d of %d bytes, %v", n, len(stored), err)
		}
	})
}
