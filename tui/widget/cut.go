package widget

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Cut returns as much of s as fits into n cells, with an ellipsis where it was cut.
func Cut(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if Fits(s, n) == len(s) {
		return s
	}
	return s[:Fits(s, n-1)] + "…"
}

// Fits returns how many bytes of s fit into n cells. It looks no further.
func Fits(s string, n int) int {
	at := 0
	for at < len(s) && at < n && s[at] < utf8.RuneSelf {
		at++
	}
	if at == len(s) || at == n && s[at] < utf8.RuneSelf {
		return at
	}
	if at > 0 { // what follows may belong to the last letter
		at--
	}
	for room := n - at; at < len(s); {
		c, w := ansi.FirstGraphemeCluster(s[at:], ansi.GraphemeWidth)
		if w > room {
			break
		}
		room -= w
		at += len(c)
	}
	return at
}

// CutLeft returns the end of s that fits into n cells, with an ellipsis before it.
func CutLeft(s string, n int) string {
	w := Width(s)
	if w <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	return "…" + tail(s, w, n-1)
}

// CutMiddle returns the beginning of s and a little of its end, with an ellipsis
// between them, in n cells: a name keeps its extension.
func CutMiddle(s string, n int) string {
	w := Width(s)
	if w <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	end := max((n-1)/4, min(4, (n-1)/2))
	return s[:Fits(s, n-1-end)] + "…" + tail(s, w, end)
}

// CutPath returns a path in n cells: of what does not fit, the directories go first.
func CutPath(s string, n int) string {
	if Width(s) <= n {
		return s
	}
	at := strings.LastIndexByte(strings.TrimSuffix(s, "/"), '/')
	name := s[at+1:]
	room := n - Width("…/") - Width(name)
	if at <= 0 || room < 2 {
		return CutMiddle(s, n)
	}
	return s[:Fits(s[:at], room)] + "…/" + name
}

// tail returns the last n cells of s, which has w of them; one less where a
// wide character stands across.
func tail(s string, w, n int) string {
	t := ansi.TruncateLeft(s, w-n, "")
	if Width(t) > n {
		t = ansi.TruncateLeft(s, w-n+1, "")
	}
	return t
}
