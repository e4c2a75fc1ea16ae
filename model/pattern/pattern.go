// Package pattern has regular expressions compiled when they are first used, as
// most of the program's are not used at all.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns an expression that is compiled when it is first asked for, by
// whichever goroutine.
func Lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
