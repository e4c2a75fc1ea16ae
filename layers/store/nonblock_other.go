//go:build !unix

package store

// nonblock is for systems on which a file is not opened for what it may become.
const nonblock = 0
