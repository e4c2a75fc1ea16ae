package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/imgtui/imgtui/model"
)

func TestASpoolLeavesNoNameBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	var told []int64
	f, n, err := spool(t.Context(), bytes.NewReader(want), 10, func(done, total int64) {
		told = append(told, done)
		if total < done {
			t.Errorf("told of %d of %d", done, total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d names left in the folder", len(left))
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, want) || n != int64(len(want)) {
		t.Errorf("got %d bytes, said %d, %v; want %d", len(got), n, err, len(want))
	}
	if len(told) < 2 || told[len(told)-1] != n {
		t.Errorf("told %v, want several steps up to %d", told, n)
	}
}

func TestASpoolStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	endless := readerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
	f, _, err := spool(ctx, endless, model.Unknown, nil)
	if !errors.Is(err, context.Canceled) || f != nil {
		t.Errorf("got %v, %v; want context canceled", f, err)
	}
}

func TestAFaultOfTheStreamIsTheSpools(t *testing.T) {
	fault := errors.New("gone")
	r := io.MultiReader(strings.NewReader("some"), iotest.ErrReader(fault))
	if _, n, err := spool(t.Context(), r, model.Unknown, nil); !errors.Is(err, fault) || n != 4 {
		t.Errorf("got %d, %v; want 4, %v", n, err, fault)
	}
}

func TestAFullDiskIsSaidWithAHint(t *testing.T) {
	err := spoolError(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, 3_000_000)
	if !strings.HasSuffix(err.Error(), "after 3MB") || !strings.Contains(Hint(err), "TMPDIR") {
		t.Errorf("got %q with hint %q", err, Hint(err))
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
