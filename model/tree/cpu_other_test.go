//go:build !linux

package tree_test

import "testing"

// linear only runs f: the CPU of one thread is told on Linux alone.
func linear(_ *testing.T, n int, f func(n int)) { f(8 * n) }
