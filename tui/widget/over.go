package widget

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/tui/theme"
)

// over puts part over the cells x to x+w of a line of so many cells. A wide
// character that would be cut in two becomes spaces.
func over(line, part string, x, w, cells int) string {
	left, right := ansi.Cut(line, 0, x), ansi.Cut(line, x+w, cells)
	pad := spaces(max(x-ansi.StringWidth(left), 0))
	gap := spaces(max(cells-x-w-ansi.StringWidth(right), 0))
	return left + theme.Reset + pad + part + theme.Reset + gap + right
}
