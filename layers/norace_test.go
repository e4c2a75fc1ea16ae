//go:build !race

package layers_test

const (
	raced    = false
	slowness = 1
)
