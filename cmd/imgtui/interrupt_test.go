package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestAnInterruptEndsWhatWaits interrupts a read of a pipe that nobody writes
// to any more, which ends only with the program.
func TestAnInterruptEndsWhatWaits(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("interrupts cannot be sent on windows")
	}
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	var out, errs bytes.Buffer
	temp := t.TempDir()
	c := exec.CommandContext(t.Context(), "imgtui", "history", "-")
	c.Stdin, c.Stdout, c.Stderr = in, &out, &errs
	c.Env = append(os.Environ(), "TMPDIR="+temp, "XDG_CACHE_HOME="+nowhere)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	// More than a pipe holds: when this returns, imgtui has begun to read.
	w := tar.NewWriter(feed)
	if err := w.WriteHeader(&tar.Header{Name: "layer.tar", Mode: 0o644, Size: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != interrupts {
		t.Errorf("got %v, want exit %d", err, interrupts)
	}
	if took := time.Since(began); took > 10*grace {
		t.Errorf("it ended after %v", took)
	}
	if out.Len() > 0 || errs.Len() > 0 {
		t.Errorf("it wrote %q and said %q, want nothing", &out, &errs)
	}
	if left := filesBeneath(t, temp); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

// TestAnInterruptLeavesNoHalfFile interrupts cp while it writes a file.
func TestAnInterruptLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	dir := t.TempDir()
	archive, folder := filepath.Join(dir, "rootfs.tar"), filepath.Join(dir, "out")
	writeZeros(t, archive, size)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for t.Context().Err() == nil {
			if i, err := os.Stat(filepath.Join(folder, "zeros")); err == nil && i.Size() > 0 {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var out, errs bytes.Buffer
	p := program{in: strings.NewReader(""), out: &out, err: &errs, env: noCache}
	code := p.run(ctx, []string{"cp", "rootfs:" + archive, "/zeros", folder})
	if code == fine {
		t.Skip("the file was written before it could be interrupted")
	}
	if code != interrupts || out.Len() > 0 || errs.Len() > 0 {
		t.Errorf("got exit %d, %q, %q, want exit %d and nothing said", code, &out, &errs, interrupts)
	}
	if left := filesBeneath(t, folder); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

// writeZeros writes a tar of one file without a byte of content on the disk.
func writeZeros(t *testing.T, name string, size int64) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tar.NewWriter(f).WriteHeader(&tar.Header{Name: "zeros", Mode: 0o644, Size: size}); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(512 + size + 1024); err != nil {
		t.Fatal(err)
	}
}

func filesBeneath(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
