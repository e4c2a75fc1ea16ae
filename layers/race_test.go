//go:build race

package layers_test

// With the race detector everything takes longer, and more memory.
const (
	raced    = true
	slowness = 10
)
