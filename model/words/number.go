package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Size returns bytes as a number of at most three significant digits and its
// SI unit: "18.4", "MB". An unknown size, which is negative, is "?".
func Size(n int64) (number, unit string) {
	if n < 0 {
		return "?", ""
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10), "B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		v /= 1000
		if v < 999.5 || unit == "EB" {
			return digits(v), unit
		}
	}
	return "", ""
}

func digits(v float64) string {
	switch {
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
}

// Bytes returns [Size] in one piece: "18.4 MB".
func Bytes(n int64) string {
	number, unit := Size(n)
	return strings.TrimSpace(number + " " + unit)
}

// Signed returns a difference of bytes with its sign: "+18.4 MB", "−3.10 kB", "0 B".
func Signed(n int64) string {
	switch {
	case n > 0:
		return "+" + Bytes(n)
	case n < 0:
		return "−" + Bytes(-max(n, -math.MaxInt64))
	}
	return "0 B"
}

// Exact returns a count with its thousands apart: "1 204".
func Exact[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return sign + s
}

// Plural is a noun with its count, for one and for any other number.
type Plural struct{ One, Many string }

// Of returns the noun for a count: "1 step", "13 steps".
func (p Plural) Of(n int) string {
	if n == 1 {
		return fmt.Sprintf(p.One, Exact(n))
	}
	return fmt.Sprintf(p.Many, Exact(n))
}

// Percent returns a share of a whole: "9.8 %".
func Percent(part, whole int64) string {
	if whole <= 0 {
		return "0 %"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*float64(part)/float64(whole)), ".0") + " %"
}

// Age returns how long ago t was, in at most five cells: "3 w", "2 h"; "" for
// a time that was never set, or that a reproducible build set to the epoch.
func Age(t, now time.Time) string {
	if t.IsZero() || t.Unix() <= 0 || now.IsZero() {
		return ""
	}
	d := max(now.Sub(t), 0)
	for _, u := range ages {
		if d >= u.least {
			return fmt.Sprintf("%d %s", int(d/u.unit), u.name)
		}
	}
	return "0 s"
}

const day = 24 * time.Hour

var ages = []struct {
	least, unit time.Duration
	name        string
}{
	{2 * 365 * day, 365 * day, "y"},
	{60 * day, 30 * day, "mo"},
	{14 * day, 7 * day, "w"},
	{2 * day, day, "d"},
	{time.Hour, time.Hour, "h"},
	{time.Minute, time.Minute, "m"},
	{time.Second, time.Second, "s"},
}

// Mode returns a file's type letter and permission bits as ls does: "-rwsr-xr-x".
func Mode(kind byte, mode uint32) string {
	b := []byte("?rwxrwxrwx")
	b[0] = kind
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	for _, s := range [...]struct {
		bit    uint32
		at     int
		letter byte
	}{{0o4000, 3, 's'}, {0o2000, 6, 's'}, {0o1000, 9, 't'}} {
		switch {
		case mode&s.bit == 0:
		case b[s.at] == 'x':
			b[s.at] = s.letter
		default:
			b[s.at] = s.letter - 'a' + 'A'
		}
	}
	return string(b)
}

// List returns words of a command as a list of quoted strings, as a Dockerfile
// has them: ["flask", "run"]; "" for none.
func List(args []string) string {
	if len(args) == 0 {
		return ""
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = strconv.Quote(a)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
