package words

import (
	"strings"
	"testing"
	"time"
)

func TestALoggedLineIsAsATerminalLeavesIt(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "  stands in": "  stands in", "10 %\r50 %\r100 %\r": "100 %", "\x1b[31mred\x1b[0m": "red", "a\tb": "a       b",
		"\x1b]0;title\x07on": "on", "\x1b]52;c;aaaa\x1b\\on": "on", "\x1bPq\x1b\\on": "on", "\x1b]never ends": "", "\x1b[": "", "\x1b": "", "\x1bcreset": "reset",
		"\x1b[?25l⠋ go": "⠋ go", "\u202egpj": `\u202egpj`, "\xff": `\xff`, "\x00": `\x00`, "\x1b\xff": `\xff`, "\u009b31m": `\x9b31m`, "": "",
	} {
		if got := Logged(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func FuzzLogged(f *testing.F) {
	f.Add("\x1b[31mred\x1b]0;t\x07\r\tx\xff")
	f.Fuzz(func(t *testing.T, s string) {
		s, _, _ = strings.Cut(s, "\n")
		got := Logged(s)
		if Visible(got) != got || strings.ContainsAny(got, "\x1b\r\n\t") {
			t.Errorf("%q is shown as %q, which is not fit to be shown", s, got)
		}
	})
}

func TestLastsFitsItsColumn(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 420 * time.Millisecond: "0.4 s", 9940 * time.Millisecond: "9.9 s", 9960 * time.Millisecond: "10 s", 41 * time.Second: "41 s",
		99*time.Second + 600*time.Millisecond: "1m 39s", 192 * time.Second: "3m 12s", 125 * time.Minute: "2h 05m", -time.Second: "0.0 s",
	} {
		if got := Lasts(d); got != want {
			t.Errorf("%v is told as %q, want %q", d, got, want)
		}
	}
}
