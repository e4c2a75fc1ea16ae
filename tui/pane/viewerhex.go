package pane

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// hexDocument shows bytes, eight or sixteen a row.
type hexDocument struct {
	data []byte
	per  int
}

// perRow returns how many bytes fit into a row of w cells.
func perRow(w int) int {
	if w < 78 {
		return 8
	}
	return 16
}

func (h hexDocument) count() int { return (len(h.data) + h.per - 1) / h.per }

func (h hexDocument) how(w words.Viewer) string { return w.Hex }

func (h hexDocument) row(e Env, i, w, _ int, find string) string {
	t, at := e.Theme, i*h.per
	part := h.data[at:min(at+h.per, len(h.data))]
	hits := h.hits(at, find)
	r := widget.NewRow(w).Pad(1).Put(t.Dim, fmt.Sprintf("%08x", at)).Pad(2)
	for n := range h.per {
		if n == h.per/2 {
			r.Pad(1)
		}
		if n >= len(part) {
			r.Pad(3)
			continue
		}
		r.Put(other(hits[n], t.Match, t.Text), fmt.Sprintf("%02x", part[n])).Pad(1)
	}
	r.Pad(1)
	for n, b := range part {
		r.Put(other(hits[n], t.Match, t.Accent), printable(b))
	}
	return r.String()
}

// hits tells which bytes of a row belong to a text that was found.
func (h hexDocument) hits(at int, find string) (hits [16]bool) {
	if find == "" {
		return hits
	}
	from, to := max(at-len(find)+1, 0), min(at+h.per+len(find)-1, len(h.data))
	near := folded(string(h.data[from:to]))
	for n := 0; ; n++ {
		i := strings.Index(near[n:], find)
		if i < 0 {
			return hits
		}
		n += i
		for k := max(from+n, at); k < min(from+n+len(find), at+h.per); k++ {
			hits[k-at] = true
		}
	}
}

func printable(b byte) string {
	if b < ' ' || b > '~' {
		return "."
	}
	return string(rune(b))
}

// spots finds text in the bytes, across rows.
func (h hexDocument) spots(find string, most int) []spot {
	var all []spot
	for _, at := range indexes(folded(string(h.data)), find, most) {
		all = append(all, spot{row: at / h.per})
	}
	return all
}

func (hexDocument) text(int) string { return "" }
