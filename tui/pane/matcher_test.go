package pane

import (
	"strings"
	"testing"
	"time"
)

// matches goes down a path as a list does.
func matches(filter, path string) bool {
	m := newMatcher(filter)
	var at trail
	h := m.begin()
	names := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, name := range names {
		up := at.push([]byte("/"+name), []byte(folded("/"+name)))
		h = m.enter(&at, up, h)
		if i == len(names)-1 {
			return m.wants(&at, up, h, false)
		}
	}
	return false
}

func TestHowAFilterIsRead(t *testing.T) {
	t.Parallel()
	cases := []struct {
		filter, path string
		want         bool
	}{
		{"", "/a", true},
		{"passwd", "/etc/passwd", true},
		{"etc pass", "/etc/passwd", true},
		{"pass etc", "/etc/passwd", true},
		{"etc shadow", "/etc/passwd", false},
		{"tc/pa", "/etc/passwd", true},
		{"!etc", "/etc/passwd", false},
		{"!shadow", "/etc/passwd", true},
		{"py !cache", "/lib/__pycache__/a.pyc", false},
		{"reqtxt", "/app/requirements.txt", true},
		{"rt", "/app/requirements.txt", true},
		{"apy", "/app.py", true},
		{"rqtxt", "/app/requirements.txt", false},
		{"pip", "/archive_dists_noble-updates_main_Packages.lz4", false},
		{"adnp", "/archive_dists_noble-updates_main_Packages.lz4", true},
		{"readme", "/README.md", true},
		{"README", "/README.md", true},
		{"Readme", "/README.md", false},
		{"ÄÖ", "/äö", false},
		{"äö", "/ÄÖ", true},
		{"~^/usr/.*\\.so$", "/usr/lib/libc.so", true},
		{"~^/usr/.*\\.so$", "/usr/lib/libc.so.6", false},
		{"~LIBC", "/usr/lib/libc.so.6", true},
		{"~[", "/whatever", true},
		{"!", "/whatever", true},
		{"~", "/whatever", true},
	}
	for _, c := range cases {
		if got := matches(c.filter, c.path); got != c.want {
			t.Errorf("filter %q on %q: %v, want %v", c.filter, c.path, got, c.want)
		}
	}
	if !newMatcher("~[").bad || newMatcher("~[a]").bad {
		t.Error("an expression is finished when it is one")
	}
}

func TestMoreWordsThanCountAreLeftOut(t *testing.T) {
	t.Parallel()
	filter := strings.Repeat("a ", mostTerms) + "zzz"
	if !matches(filter, "/a") {
		t.Errorf("word %d was looked for, want %d at the most", mostTerms+1, mostTerms)
	}
}

func TestNoNameMakesAFilterSlow(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("a_", 2000)
	began := time.Now()
	for range 100 {
		matches(strings.Repeat("a", 500)+"b", "/"+name)
	}
	if took := time.Since(began); took > 60*time.Second {
		t.Errorf("100 names of %d bytes took %v", len(name), took)
	}
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.! "

func FuzzAFilterNeverFails(f *testing.F) {
	for _, c := range []string{"a b", "!x", "~(", "~.*", "\xff", "É"} {
		f.Add(c, "/usr/lib/É\xff.py")
	}
	f.Fuzz(func(t *testing.T, filter, path string) {
		got := matches(filter, path)
		if !strings.HasPrefix(filter, "~") && len(strings.Fields(filter)) <= mostTerms && strings.Trim(filter+path, letters) == "" {
			if want := plainMatch(filter, "/"+strings.TrimPrefix(path, "/")); got != want && len(path) < 40 && len(filter) < 40 {
				t.Errorf("filter %q on %q: %v, want %v", filter, path, got, want)
			}
		}
	})
}
