//go:build unix

package home

import (
	"io/fs"
	"os"
	"syscall"
)

// Owner returns the user that a file belongs to, and whether that is who runs
// this. Where files have no such owner all are one's own.
func Owner(i fs.FileInfo) (user int, mine bool) {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(s.Uid), int(s.Uid) == os.Geteuid()
}
