//go:build !linux || noembed

package embed

import (
	"context"
	"errors"
	"net"
	"runtime"
)

// Supported says why there can be no embedded engine here.
func Supported() error {
	if runtime.GOOS != "linux" {
		return errors.New("the embedded engine needs Linux")
	}
	return errors.New("this imgtui was made without the embedded engine")
}

// Dial tells what [Supported] does.
func Dial(context.Context, Options) (net.Conn, error) { return nil, Supported() }

// Describe tells what [Supported] does.
func Describe(context.Context, Options) (Info, error) { return Info{}, Supported() }

// Main has nothing to run.
func Main() bool { return false }
