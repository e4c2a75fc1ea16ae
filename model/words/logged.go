package words

import (
	"fmt"
	"strings"
	"time"
)

// Logged returns a line that a command wrote as a terminal would leave it, fit
// to be shown: what it wrote over with a carriage return is gone, colours and
// other sequences are taken off, tabs are spaces, and the rest is [Visible].
func Logged(line string) string {
	line = strings.TrimRight(line, "\r")
	if at := strings.LastIndexByte(line, '\r'); at >= 0 {
		line = line[at+1:]
	}
	if strings.IndexByte(line, 0x1b) >= 0 {
		line = unsequenced(line)
	}
	if strings.IndexByte(line, '\t') < 0 {
		return Visible(line)
	}
	var b strings.Builder
	for i, part := range strings.Split(line, "\t") {
		if i > 0 {
			b.WriteString("        "[b.Len()%8:])
		}
		b.WriteString(Visible(part))
	}
	return b.String()
}

// unsequenced takes off escape sequences: CSI with their parameters, OSC, DCS
// and their kin up to their end, and ESC with one letter.
func unsequenced(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			i++
			continue
		}
		i += sequence(s[i:])
	}
	return b.String()
}

// sequence returns how long the sequence is that begins s.
func sequence(s string) int {
	if len(s) == 1 {
		return 1
	}
	switch s[1] {
	case '[':
		i := 2
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		return min(i+1, len(s))
	case ']', 'P', '_', '^', 'X':
		for i := 2; i < len(s); i++ {
			switch {
			case s[i] == 0x07:
				return i + 1
			case s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\':
				return i + 2
			}
		}
		return len(s)
	}
	if s[1] < 0x80 {
		return 2
	}
	return 1
}

// Lasts returns how long something took, in at most six cells: "0.4 s", "41 s",
// "3m 12s", "2h 05m".
func Lasts(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 9.95:
		return fmt.Sprintf("%.1f s", max(s, 0))
	case s < 99.5:
		return fmt.Sprintf("%.0f s", s)
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(s)%60)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}
