package tree

import (
	"bytes"
	"strings"
)

// Clean returns path as an absolute path without ".", ".." or "//"; ".." never
// leads above the root.
func Clean(path string) string {
	if n := len(path) - 1; n > 0 && path[n] == '/' && tidy(path[:n]) && path[:n] != "/" {
		path = path[:n] // a directory's
	}
	if tidy(path) {
		if strings.HasPrefix(path, "/") {
			return path
		}
		return "/" + path
	}
	b := make([]byte, 0, len(path)+1)
	for name := range elements(path) {
		if name == ".." {
			b = b[:max(bytes.LastIndexByte(b, '/'), 0)]
			continue
		}
		b = append(append(b, '/'), name...)
	}
	if len(b) == 0 {
		return "/"
	}
	return string(b)
}

// tidy tells at a glance that a path has nothing to be cleaned but that it may
// not begin with a slash. Of names that begin with a dot it knows nothing.
func tidy(path string) bool {
	if path == "" || path[0] == '.' || path != "/" && path[len(path)-1] == '/' {
		return false
	}
	for i := 0; ; {
		next := strings.IndexByte(path[i:], '/')
		if next < 0 {
			return true
		}
		if i += next + 1; i < len(path) && (path[i] == '/' || path[i] == '.') {
			return false
		}
	}
}

// elements yields the names of a path, without "" and ".".
func elements(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range strings.SplitSeq(path, "/") {
			if name != "" && name != "." && !yield(name) {
				return
			}
		}
	}
}
