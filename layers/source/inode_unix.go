//go:build unix

package source

import (
	"io/fs"
	"syscall"
)

// inodeOf tells which file a name stands for, where it has more than one.
func inodeOf(i fs.FileInfo) (inode, bool) {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok || s.Nlink < 2 {
		return inode{}, false
	}
	return inode{uint64(s.Dev), uint64(s.Ino)}, true
}
