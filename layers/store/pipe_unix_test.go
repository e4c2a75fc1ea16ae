//go:build unix

package store

import "syscall"

func makePipe(at string) error { return syscall.Mkfifo(at, 0o600) }
