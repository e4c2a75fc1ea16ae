package main

import (
	"bufio"
	"io"
	"strings"

	"github.com/imgtui/imgtui/tui/widget"
)

// table is rows of cells in columns as wide as their widest cell.
type table struct {
	align string // a letter a column: l or r; the last one is written as it is
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.align))
	for _, r := range t.rows {
		for i, c := range r {
			widths[i] = max(widths[i], widget.Width(c))
		}
	}
	b := bufio.NewWriter(w)
	for _, r := range t.rows {
		var line strings.Builder
		for i, c := range r[:len(r)-1] {
			space := strings.Repeat(" ", widths[i]-widget.Width(c))
			if t.align[i] == 'r' {
				space, c = c, space
			}
			line.WriteString(c + space + "  ")
		}
		text := line.String()
		if r[len(r)-1] == "" {
			text = strings.TrimRight(text, " ")
		}
		b.WriteString(text + r[len(r)-1] + "\n")
	}
	return b.Flush()
}
