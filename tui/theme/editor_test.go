package theme

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestTheEditorIsSeenWithoutColour(t *testing.T) {
	for _, name := range All {
		e := New(name, Terminal{Dark: true, Colors: colorprofile.TrueColor}).Editor
		if !strings.Contains(e.Selection, "7m") || e.Warning == "" || e.Fault == "" {
			t.Errorf("%s: selection %q, warning %q, fault %q", name, e.Selection, e.Warning, e.Fault)
		}
	}
	m := New("mono", Terminal{Dark: true, Colors: colorprofile.TrueColor}).Editor
	for _, s := range []string{m.Line, m.Selection, m.Variable, m.Warning, m.Fault} {
		if strings.Contains(s, "8;") || strings.Contains(s, "9") {
			t.Errorf("mono has a colour: %q", s)
		}
	}
}
