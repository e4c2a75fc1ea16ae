//go:build !linux

package buildcontext

import "os"

// xattrs is empty: extended attributes of other systems mean nothing in an image.
func xattrs(*os.File) string { return "" }
