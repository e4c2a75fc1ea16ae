//go:build unix

package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

func TestACancelDoesNotWaitForASilentPipe(t *testing.T) {
	for name, open := range map[string]func(ctx context.Context, path string) error{
		"the reader is not there yet": func(_ context.Context, path string) error {
			ctx, cancel := context.WithDeadline(t.Context(), time.Now())
			defer cancel()
			_, err := openPipe(ctx, path)
			return err
		},
		"nobody writes": func(ctx context.Context, path string) error {
			_, err := Open(ctx, path, Options{})
			return err
		},
		"a writer is silent": func(ctx context.Context, path string) error {
			go func() {
				w, err := os.OpenFile(path, os.O_WRONLY, 0)
				if err == nil {
					defer w.Close()
					w.Write(make([]byte, 10))
					<-t.Context().Done()
				}
			}()
			_, err := Open(ctx, path, Options{})
			return err
		},
		"standard input is silent": func(ctx context.Context, _ string) error {
			r, w := io.Pipe()
			defer w.Close()
			_, err := Open(ctx, "-", Options{Stdin: r})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		within(t, time.Minute, name, func() {
			if err := open(ctx, pipe(t)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want the context's end", name, err)
			}
		})
	}
	waitForNone(t, "source.openPipe")
}

func TestStandardInputThatIsNoArchiveIsNotKept(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, r := range map[string]io.Reader{"zeros without end": zeros{}, "text without end": endless("text ")} {
		within(t, time.Minute, name, func() {
			_, err := Open(t.Context(), "-", Options{Stdin: r})
			if err == nil || err.Error() != "open -: neither an archive of images nor a tar" {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
	if _, err := Open(t.Context(), "-", Options{}); err == nil || err.Error() != "open -: nothing is fed to standard input" {
		t.Errorf("no input: got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// endless repeats a text.
func endless(text string) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		return copy(b, strings.Repeat(text, len(b)/len(text)+1)), nil
	})
}

func TestStandardInputMayComeInPieces(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1")
	body := sourcetest.Legacy(app).Tar()
	for name, r := range map[string]io.Reader{
		"byte by byte": iotest.OneByteReader(bytes.NewReader(body)), "end with data": iotest.DataErrReader(bytes.NewReader(body)),
	} {
		img := mustOpen(t, "-", Options{Stdin: r})
		if img.ID != app.ID() {
			t.Errorf("%s: got %s", name, img.ID)
		}
	}
	fault := errors.New("the pipe broke")
	_, err := Open(t.Context(), "-", Options{Stdin: io.MultiReader(bytes.NewReader(body[:3000]), iotest.ErrReader(fault))})
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want %v", err, fault)
	}
}
