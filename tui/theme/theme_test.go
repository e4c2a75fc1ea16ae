package theme

import (
	"image/color"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

var profiles = []colorprofile.Profile{colorprofile.NoTTY, colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor}

// each calls f for every theme on every terminal.
func each(f func(*Theme, Terminal)) {
	for _, name := range All {
		for _, dark := range []bool{true, false} {
			for _, p := range profiles {
				f(New(name, Terminal{dark, p}), Terminal{dark, p})
			}
		}
	}
}

// styles returns every sequence of a theme by the name of its field.
func styles(t *Theme) map[string]string {
	all := map[string]string{"Selected": t.Selected.Start, "Resting": t.Resting.Start}
	for _, v := range []reflect.Value{reflect.ValueOf(*t), reflect.ValueOf(t.Code)} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Name" && v.Field(i).Kind() == reflect.String {
				all[name] = v.Field(i).String()
			}
		}
	}
	return all
}

var (
	sequence = regexp.MustCompile(`^(\x1b\[[0-9;:]*m)*$`)
	colour   = regexp.MustCompile(`[\[;](3[0-8]|4[0-8]|9[0-7]|10[0-7])[;:m]`)
	full     = regexp.MustCompile(`[\[;][34]8[;:]`)
)

func TestAStyleIsNothingButSGR(t *testing.T) {
	each(func(th *Theme, on Terminal) {
		for field, s := range styles(th) {
			if !sequence.MatchString(s) {
				t.Errorf("%s on %+v: %s = %q, want SGR sequences alone", th.Name, on, field, s)
			}
		}
	})
}

func TestNoColourWhereTheTerminalOrTheThemeHasNone(t *testing.T) {
	each(func(th *Theme, on Terminal) {
		if th.Name != "mono" && on.Colors >= colorprofile.ANSI {
			return
		}
		for field, s := range styles(th) {
			if colour.MatchString(s) {
				t.Errorf("%s on %+v: %s = %q has a colour", th.Name, on, field, s)
			}
		}
	})
}

func TestSixteenColoursAreTheTerminalsOwn(t *testing.T) {
	each(func(th *Theme, on Terminal) {
		if th.Name != "ansi" && on.Colors != colorprofile.ANSI {
			return
		}
		for field, s := range styles(th) {
			if full.MatchString(s) {
				t.Errorf("%s on %+v: %s = %q is a colour beyond the sixteen", th.Name, on, field, s)
			}
		}
	})
}

func TestTheCursorsRowIsSeenInEveryTheme(t *testing.T) {
	each(func(th *Theme, on Terminal) {
		if th.Selected.Start == "" || th.Resting.Start == "" || th.Selected == th.Resting {
			t.Errorf("%s on %+v: selected %q, resting %q", th.Name, on, th.Selected.Start, th.Resting.Start)
		}
		if th.Selected.Alone != strings.Contains(th.Selected.Start, "[7m") {
			t.Errorf("%s on %+v: selected %q, alone %v; want alone exactly where it is reversed", th.Name, on, th.Selected.Start, th.Selected.Alone)
		}
	})
}

func TestTheFocusIsSeenInEveryTheme(t *testing.T) {
	each(func(th *Theme, on Terminal) {
		if th.Title == th.Strong {
			t.Errorf("%s on %+v: titles with and without focus are both %q", th.Name, on, th.Title)
		}
	})
}

func TestAKeyWalksThroughEveryTheme(t *testing.T) {
	name := All[0]
	for i := range All {
		if !Known(name) || name != All[i] {
			t.Errorf("theme %d is %q, want %q", i, name, All[i])
		}
		name = Next(name)
	}
	if name != All[0] {
		t.Errorf("after all comes %q, want the first again", name)
	}
}

func TestAutoFollowsTheBackground(t *testing.T) {
	for _, dark := range []bool{true, false} {
		named := map[bool]string{true: "dark", false: "light"}[dark]
		auto, want := New("auto", Terminal{dark, colorprofile.TrueColor}), New(named, Terminal{!dark, colorprofile.TrueColor})
		if auto.Accent != want.Accent || auto.Selected != want.Selected {
			t.Errorf("dark %v: auto has accent %q, want that of %s, %q", dark, auto.Accent, named, want.Accent)
		}
	}
}

// luminance and contrast are WCAG's.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	part := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b string) float64 {
	x, y := luminance(lipgloss.Color(a)), luminance(lipgloss.Color(b))
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestEveryColourCanBeRead(t *testing.T) {
	for name, p := range map[string]palette{"dark": dark, "light": light} {
		for word, i := range map[string]ink{"strong": p.strong, "accent": p.accent, "added": p.added, "modified": p.modified, "removed": p.removed,
			"keyword": p.keyword, "text": p.text, "number": p.number, "name": p.name, "dim": p.dim} {
			for _, ground := range []string{p.terminals, p.selected, p.resting} {
				if got := contrast(i.full, ground); got < 3.6 || ground == p.terminals && got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", name, word, ground, got)
				}
			}
		}
	}
}
