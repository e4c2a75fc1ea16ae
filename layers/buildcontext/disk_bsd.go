//go:build darwin || freebsd

package buildcontext

import (
	"io/fs"
	"syscall"
)

// changed returns when anything of a file was changed last.
func changed(i fs.FileInfo) int64 {
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		return syscall.TimespecToNsec(s.Ctimespec)
	}
	return 0
}
