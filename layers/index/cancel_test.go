package index

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// endless is a blob that goes on until it is stopped, and tells how often it was read.
func endless(head []byte, repeat []byte) source.Blob {
	return source.Blob{Size: model.Unknown, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), &loop{b: repeat})), nil
	}}
}

// loop repeats bytes.
type loop struct {
	b  []byte
	at int
}

func (l *loop) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], l.b[l.at:])
		n += k
		l.at = (l.at + k) % len(l.b)
	}
	return n, nil
}

func TestACancelStopsEveryKindOfReading(t *testing.T) {
	before := runtime.NumGoroutine()
	huge := rawFile(gnu, "huge", "")
	huge.size = base256(1<<60, 12)
	empty := rawFile(ustar, "e", "").bytes()
	unlimited := Limits{Bytes: 1 << 60, Path: 1 << 10, Depth: 100, Held: 1 << 60, HeldMost: 1 << 60}
	for name, blob := range map[string]source.Blob{
		"a body without end":  endless(huge.bytes(), []byte("body")),
		"headers without end": endless(nil, empty),
		"padding without end": endless(archive(empty), make([]byte, 512)),
		"gzip without end":    endless(nil, sourcetest.Gzip(bytes.Repeat(empty, 100))),
		"zstd without end":    endless(sourcetest.Zstd(huge.bytes()), sourcetest.Zstd([]byte("body"))),
		"a hole without end":  streamed(archive(oldSparse("hole", 1<<35))),
		"empty members":       endless(nil, sourcetest.Gzip(nil)),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		began := time.Now()
		_, _, err := Layer(ctx, 0, blob, Options{Limits: unlimited})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 30*time.Second {
			t.Errorf("%s: got %v after %v, want the context's end", name, err, took)
		}
		cancel()
	}
	p := tree.Carried(0, 5, tree.Entry{Path: "/x", Offset: 1 << 40, Attr: tree.Attr{Size: 1}})
	for name, blob := range map[string]source.Blob{"file": endless(huge.bytes(), []byte("body")), "gzip": endless(sourcetest.Gzip(huge.bytes()), sourcetest.Gzip([]byte("body")))} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := Open(ctx, blob, nil, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("open, %s: got %v, want the context's end", name, err)
		}
		cancel()
	}
	for range 6000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestACancelledFileIsNotReadOn(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", strings.Repeat("x", 1<<20)))
	for _, s := range storages {
		for how, blob := range blobs(s.pack(b)) {
			l, _, err := Layer(t.Context(), 0, blob, Options{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			r, err := Open(ctx, blob, nil, files(l)[0])
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			if n, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %s: read %d bytes after the cancel, %v", s.name, how, n, err)
			}
			r.Close()
		}
	}
}
