package words

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestHarmlessTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a b", "/usr/lib/libc.so.6", "grün", "файл", "文件", "ファイル", "e\u0301", "한국어", "😀", "→ − …", "\ufffd"} {
		if got := Visible(s); got != s {
			t.Errorf("Visible(%q): got %q, want it unchanged", s, got)
		}
	}
}

func TestWhatCouldMoveOrColourIsEscaped(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"\x1b[31mred":              `\x1b[31mred`,
		"a\nb":                     `a\nb`,
		"a\rb":                     `a\rb`,
		"a\tb":                     `a\tb`,
		"\x00\x07\x7f":             `\x00\x07\x7f`,
		"\u009b31m":                `\x9b31m`,
		"\xff\xc3":                 `\xff\xc3`,
		"user\u202egpj.exe":        `user\u202egpj.exe`,
		"\u2066a\u2069":            `\u2066a\u2069`,
		"\u200b\u200d\ufeff":       `\u200b\u200d\ufeff`,
		"\u00ad":                   `\xad`,
		"\u00a0":                   `\xa0`,
		"\u2028":                   `\u2028`,
		"❤\ufe0f":                  `❤\ufe0f`,
		"\U0001f1e9\U0001f1ea":     `\U0001f1e9\U0001f1ea`,
		"👍\U0001f3fd":              `👍\U0001f3fd`,
		"\U000e0041":               `\U000e0041`,
		"\ue000":                   `\ue000`,
		"\u1100\u1161":             `\u1100\u1161`,
		"\u3164\u2800":             `\u3164\u2800`,
		"a\u20dd":                  `a\u20dd`,
		"\u0301abc":                `\u0301abc`,
		"\n\u0301\u0301x":          `\n\u0301\u0301x`,
		"\u0915\u094d\u0915":       "\u0915" + `\u094d` + "\u0915",
		"น\u0e33":                  `น\u0e33`,
		strings.Repeat("\x1b", 3):  `\x1b\x1b\x1b`,
		"good\xffgood\u202egood/é": `good\xffgood\u202egood/é`,
	} {
		if got := Visible(s); got != want {
			t.Errorf("Visible(%q): got %q, want %q", s, got, want)
		}
	}
}

func FuzzVisibleTextIsSafe(f *testing.F) {
	for _, s := range []string{"plain", "\x1b]0;x\x07", "\u202e", "\xff", "e\u0301", "👨\u200d👩\u200d👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Visible(s)
		if !utf8.ValidString(got) {
			t.Errorf("Visible(%q): got %q, want valid UTF-8", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || !unicode.IsPrint(r) {
				t.Errorf("Visible(%q): got %q, which holds %U", s, got, r)
			}
		}
		if again := Visible(got); again != got {
			t.Errorf("Visible(%q): got %q, and %q the second time", s, got, again)
		}
		if len(got) > 4*len(s)+8 {
			t.Errorf("Visible(%q): got %d bytes of %d", s, len(got), len(s))
		}
	})
}
