package buildcontext

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// changed returns when anything of a file was changed last.
func changed(i fs.FileInfo) int64 {
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		return s.Ctim.Nano()
	}
	return 0
}

// maxXattrs is how many bytes the names of extended attributes, and how many a
// value may have: what Linux allows.
const maxXattrs = 64 << 10

// xattrs returns those extended attributes of an open file that BuildKit takes
// into account, as trees have them.
func xattrs(f *os.File) string {
	conn, err := f.SyscallConn()
	if err != nil {
		return ""
	}
	var all string
	_ = conn.Control(func(fd uintptr) { all = xattrsOf(int(fd)) }) // an error means that there are none to see
	return all
}

func xattrsOf(fd int) string {
	n, err := unix.Flistxattr(fd, nil)
	if err != nil || n <= 0 || n > maxXattrs {
		return ""
	}
	names := make([]byte, n)
	if n, err = unix.Flistxattr(fd, names); err != nil {
		return ""
	}
	var b strings.Builder
	value := make([]byte, maxXattrs)
	for _, name := range slices.Sorted(strings.SplitSeq(strings.TrimSuffix(string(names[:n]), "\x00"), "\x00")) {
		if !counts(name) {
			continue
		}
		if k, err := unix.Fgetxattr(fd, name, value); err == nil {
			b.WriteString(name + "=" + string(value[:k]) + "\x00")
		}
	}
	return b.String()
}

// counts tells whether an extended attribute is part of a file's checksum.
func counts(name string) bool {
	return name == "security.capability" || !strings.HasPrefix(name, "security.") && !strings.HasPrefix(name, "system.")
}
