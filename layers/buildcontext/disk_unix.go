//go:build unix

package buildcontext

import (
	"io/fs"
	"syscall"
)

// nonblock lets nobody wait for the other end of a pipe.
const nonblock = syscall.O_NONBLOCK

// identity tells files apart, whatever their names.
type identity struct{ device, inode uint64 }

func identify(i fs.FileInfo) (identity, uint64) {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, 1
	}
	return identity{uint64(s.Dev), s.Ino}, uint64(s.Nlink)
}

func fingerprint(i fs.FileInfo) key {
	id, _ := identify(i)
	return key{Size: i.Size(), Modified: i.ModTime().UnixNano(), Changed: changed(i), Device: id.device, Inode: id.inode}
}

// device returns the numbers of a device as BuildKit's client reads them.
func device(i fs.FileInfo) (major, minor int64) {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	d := uint64(s.Rdev)
	return int64(d >> 8 & 0xfff), int64(d&0xff | d>>12&0xfff00)
}

// foreign is for systems that have other permissions.
func foreign(bits uint32) uint32 { return bits }
