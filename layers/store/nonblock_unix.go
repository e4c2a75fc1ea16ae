//go:build unix

package store

import "syscall"

// nonblock is for what has just become a pipe: nobody writes to it.
const nonblock = syscall.O_NONBLOCK
