package pane

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// diffDocument shows two texts line by line: − is what was, + what is.
type diffDocument struct {
	rows           []diffRow
	added, removed int
}

// diffRow is a line, or the head of a hunk.
type diffRow struct {
	sign     byte // '+', '-', ' ' or '@'
	was, now int  // line numbers; 0 is none
	text     string
}

// compared makes the document of both sides of a file.
func compared(e Env, f *session.File) document {
	w := e.Words.Viewer
	b, a := f.Before, f.After
	switch {
	case string(b) == string(a):
		if note := explain.Note(*e.Words, f.Delta); note != "" {
			return said{fmt.Sprintf(w.OnlyMeta, note)}
		}
		return said{w.Same}
	case binary(b) || binary(a):
		return said{fmt.Sprintf(w.Binary, words.Bytes(int64(len(b))), words.Bytes(int64(len(a))), words.Exact(differs(b, a)))}
	}
	return newDiff(string(b), string(a))
}

// differs returns the first index at which two byte strings differ.
func differs(b, a []byte) int {
	i := 0
	for i < len(b) && i < len(a) && b[i] == a[i] {
		i++
	}
	return i
}

// around is how many equal lines stand round a change.
const around = 3

func newDiff(before, after string) *diffDocument {
	d := &diffDocument{}
	u, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), around)
	if err != nil {
		d.rows = append(d.rows, diffRow{sign: '@', text: err.Error()})
		return d
	}
	for _, h := range u.Hunks {
		d.hunk(h)
	}
	return d
}

func (d *diffDocument) hunk(h *udiff.Hunk) {
	d.rows = append(d.rows, diffRow{sign: '@', text: fmt.Sprintf("@@ −%d +%d @@", h.FromLine, h.ToLine)})
	was, now := h.FromLine, h.ToLine
	for _, l := range h.Lines {
		r := diffRow{sign: ' ', was: was, now: now, text: visible(strings.TrimRight(l.Content, "\r\n"))}
		switch l.Kind {
		case udiff.Delete:
			r.sign, r.now = '-', 0
			d.removed++
			was++
		case udiff.Insert:
			r.sign, r.was = '+', 0
			d.added++
			now++
		default:
			was++
			now++
		}
		d.rows = append(d.rows, r)
	}
}

func (d *diffDocument) count() int { return len(d.rows) }

func (d *diffDocument) how(w words.Viewer) string {
	return fmt.Sprintf("%s · +%d −%d", w.Against, d.added, d.removed)
}

func (d *diffDocument) row(e Env, i, w, left int, find string) string {
	l, t := d.rows[i], e.Theme
	r := widget.NewRow(w)
	if l.sign == '@' {
		return r.Pad(1).Put(t.Dim, l.text).String()
	}
	r.Right(t.Dim, lineNumber(l.was), 5).Right(t.Dim, lineNumber(l.now), 6).Pad(1)
	style := t.Text
	sign := " "
	switch l.sign {
	case '+':
		style, sign = t.Added, "+"
	case '-':
		style, sign = t.Removed, "−"
	}
	r.Put(style, sign+" ")
	line(r, e, style, l.text, left, find)
	return r.String()
}

func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (d *diffDocument) spots(find string, most int) []spot {
	return spotsIn(len(d.rows), d.text, find, most)
}

func (d *diffDocument) text(row int) string { return d.rows[row].text }
