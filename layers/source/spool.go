package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/docker/go-units"
	"github.com/imgtui/imgtui/model"
)

// chunk is how much is copied between two looks at the context.
const chunk = 256 << 10

// spool copies r into a temporary file that has no name, and so vanishes with
// its last descriptor even if the process is killed. Size is what progress is
// told as the total and may be [model.Unknown]. The file stands at its start.
func spool(
	ctx context.Context, r io.Reader, size int64, progress func(done, total int64),
) (*os.File, int64, error) {
	f, err := nameless()
	if err != nil {
		return nil, 0, &hinted{fmt.Errorf("temporary file: %w", err), "set TMPDIR to a folder that can be written to"}
	}
	n, err := copyTold(ctx, f, r, func(done int64) {
		if progress != nil {
			progress(done, atLeast(size, done))
		}
	})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, n, spoolError(err, n)
	}
	return f, n, nil
}

// atLeast corrects an expected size that was too small.
func atLeast(size, done int64) int64 {
	if size == model.Unknown {
		return size
	}
	return max(size, done)
}

// copyTold copies until the end of r, tells how far it came after each chunk,
// and stops when ctx does.
func copyTold(ctx context.Context, w io.Writer, r io.Reader, tell func(int64)) (int64, error) {
	var done int64
	for {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		n, err := io.CopyN(w, r, chunk)
		if done += n; n > 0 {
			tell(done)
		}
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}

// spoolError says which disk is full, for that is the user's to mend.
func spoolError(err error, n int64) error {
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return &hinted{
		err:  fmt.Errorf("temporary file: no space left in %s after %s", os.TempDir(), units.HumanSize(float64(n))),
		hint: "set TMPDIR to a folder with more room",
	}
}
