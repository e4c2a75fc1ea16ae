//go:build !unix

package store

import "errors"

// makePipe is for systems that have none among their files.
func makePipe(string) error { return errors.ErrUnsupported }
