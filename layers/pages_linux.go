package layers

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// unmapStart does so once: nearly all of the program is mapped when it has begun, and
// little of that is needed from then on.
var unmapStart = sync.OnceFunc(unmapProgram)

// unmapProgram takes the program's own file out of the process's memory. What is used
// comes again from the page cache.
func unmapProgram() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	var program string
	var from, to uint64
	// 00400000-016a2000 r-xp 00000000 fe:00 9977986     /usr/bin/imgtui
	// Rss:               14984 kB
	// Anonymous:             0 kB
	for s := bufio.NewScanner(f); s.Scan(); {
		name, rest, _ := strings.Cut(s.Text(), " ")
		if a, b, ok := strings.Cut(name, "-"); ok {
			if program == "" {
				program = mapped(rest)
			}
			if mapped(rest) != program {
				return // it comes first
			}
			from, _ = strconv.ParseUint(a, 16, 64)
			to, _ = strconv.ParseUint(b, 16, 64)
		}
		// What has been written to is not in the file: data, what the linker has put
		// right, a debugger's breakpoints.
		if name == "Anonymous:" && strings.TrimSpace(rest) == "0 kB" {
			unix.Syscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}

// mapped is the name of the file that a mapping is of, "" where it is of none.
func mapped(mapping string) string {
	_, name, ok := strings.Cut(mapping, "/")
	if !ok {
		return ""
	}
	return name
}
