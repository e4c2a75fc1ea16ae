package widget

import "strings"

var eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// Bar draws part of whole in at most so many cells, to an eighth of a cell. A
// part that is there at all shows at least that much.
func Bar(part, whole int64, cells int) string {
	if part <= 0 || whole <= 0 || cells <= 0 {
		return ""
	}
	n := int(float64(min(part, whole)) / float64(whole) * float64(cells*8))
	n = max(n, 1)
	return strings.Repeat("█", n/8) + eighths[n%8]
}
