// Package explain says in words what a step is and did, what an image is, and
// how a path came to be.
package explain

import (
	"time"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// Kind is how a line is to be set.
type Kind uint8

// The kinds of lines.
const (
	Text Kind = iota
	Heading
	Pair // Key and Text
	Bad
	Advice
	Code
	List
	Item   // Key is a size, Text a path or what it is of: one row each
	Remark // about the Item above
	Gap
)

// Line is a piece of an explanation. Its text is fit to be shown and not yet
// broken into rows.
type Line struct {
	Kind      Kind
	Key, Text string
}

// Subject is a step and all that is known of it.
type Subject struct {
	Image         *model.Image
	Step          int
	Layer         *tree.Layer // nil where it has none, or is not read yet
	Before, After *tree.Node
	Known         bool // the two roots are there
	Report        *waste.Report
	Faults        []model.Warning
	Err           error
	Now           time.Time
	Tar           int64
	DiffID        model.Digest
	// Totals sums up a delta; nil walks it. Who keeps the sums spares the walks.
	Totals func(tree.Delta) tree.Totals
}

// totals sums up a delta.
func (s Subject) totals(d tree.Delta) tree.Totals {
	if s.Totals == nil {
		return d.Totals()
	}
	return s.Totals(d)
}

// text is lines being written.
type text []Line

func (t *text) add(k Kind, s string) {
	if s != "" {
		*t = append(*t, Line{Kind: k, Text: s})
	}
}

func (t *text) pair(key, s string) {
	if s != "" {
		*t = append(*t, Line{Pair, key, s})
	}
}

// item is something with its bytes.
func (t *text) item(bytes int64, s string) {
	*t = append(*t, Line{Item, words.Bytes(bytes), s})
}

// heading begins a section.
func (t *text) heading(s string) {
	t.gap()
	t.add(Heading, s)
}

func (t *text) gap() {
	if n := len(*t); n > 0 && (*t)[n-1].Kind != Gap {
		*t = append(*t, Line{Kind: Gap})
	}
}

// visible is a foreign text, fit to be shown and of a bounded length.
func visible(s string) string { return words.Visible(bounded(s)) }

// bounded cuts what is longer than a screen ever shows.
func bounded(s string) string {
	if len(s) <= longest {
		return s
	}
	end := longest
	for end > longest-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
