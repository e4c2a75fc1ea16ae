//go:build !windows

package source

import "os"

// nameless makes a temporary file and takes its name away at once.
func nameless() (*os.File, error) {
	f, err := os.CreateTemp("", "imgtui-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
