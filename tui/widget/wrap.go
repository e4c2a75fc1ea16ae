package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Wrap breaks s into lines of at most w cells: between words, and within a word
// only where it is longer than a line; then after a slash, if it can. Spaces at
// the beginning stay.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	line, used := "", 0
	flush := func() { lines, line, used = append(lines, line), "", 0 }
	for i, word := range strings.Split(s, " ") {
		switch {
		case i == 0 || used == 0 && len(lines) > 0:
		case used > 0 && used+1+Width(word) > w:
			flush()
		default:
			line, used = line+" ", used+1
		}
		for word != "" && Width(word) > w-used {
			head := begin(word, w-used)
			line, word = line+head, word[len(head):]
			flush()
		}
		line, used = line+word, used+Width(word)
	}
	return append(lines, line)
}

// begin returns the beginning of a word that fits into w cells, up to a slash
// in its second half if there is one; at least one character.
func begin(word string, w int) string {
	head := word[:Fits(word, max(w, 0))]
	if head == "" {
		cluster, _ := ansi.FirstGraphemeCluster(word, ansi.GraphemeWidth)
		return cluster
	}
	if i := strings.LastIndexByte(head, '/'); i >= len(head)/2 && len(head) < len(word) {
		return head[:i+1]
	}
	return head
}
