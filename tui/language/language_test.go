package language

import (
	"os"
	"slices"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// TestChromaReadsTheSame holds the languages against chroma's own.
func TestChromaReadsTheSame(t *testing.T) {
	for name, text := range map[string]string{
		"a.go":           "package a\n\n// b\nfunc c() string { return `d` + \"e\" }\n",
		"a.py":           "import os\n\n@b\ndef c(d=1):\n    return f\"{d}\"  # e\n",
		"b.sh":           "#!/bin/sh\nset -e\nfor a in $(ls); do echo \"$a\"; done # b\n",
		"README.md":      "# A\n\n* b `c`\n\n```python\nimport d\n```\n",
		"Dockerfile":     "FROM a AS b\nRUN --mount=type=cache,target=/c d && \\\n  e\n",
		"index.html":     "<style>a { b: 1px }</style><script>let c = 'd'</script>\n",
		"package.json":   "{\"a\": [1, true, null]}\n",
		"nginx.conf":     "http { server { listen 80; } }\n",
		"a.service":      "[Unit]\nAfter=b.target\n",
		"Gemfile.lock":   "GEM\n  specs:\n    a (1.0)\n",
		"config.yml.in":  "a:\n  - b: 1 # c\n",
		"b.php":          "<?php\necho $a['b'] . 1; // c\n",
		"CMakeLists.txt": "project(a)\nadd_library(b c.c)\n",
		"a.unknown":      "",
	} {
		t.Run(name, func(t *testing.T) {
			got, want := OfFile("/x/"+name), lexers.Match(name)
			if got == nil || want == nil {
				if got != nil || want != nil {
					t.Fatalf("got %v, want %v", got, want)
				}
				return
			}
			if name == "b.php" { // chroma takes it for HTML around PHP
				want = lexers.Get("PHP")
			}
			if g, w := tokens(t, got, text), tokens(t, want, text); !slices.Equal(g, w) {
				t.Errorf("got  %v\nwant %v", g, w)
			}
		})
	}
}

// tokens returns what a text is made of, neighbours of one kind as one.
func tokens(t *testing.T, l chroma.Lexer, text string) []chroma.Token {
	t.Helper()
	it, err := l.Tokenise(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	var all []chroma.Token
	for tok := range it.Stdlib() {
		if n := len(all) - 1; n >= 0 && all[n].Type == tok.Type {
			all[n].Value += tok.Value
		} else {
			all = append(all, tok)
		}
	}
	return all
}

// TestRulesAreChromas fails where chroma's rules have changed: go generate.
func TestRulesAreChromas(t *testing.T) {
	text, err := os.ReadFile("language_test.go")
	if err != nil {
		t.Fatal(err)
	}
	text = text[:500]
	for _, l := range languages().Lexers {
		t.Run(l.Config().Name, func(t *testing.T) {
			want := lexers.Get(l.Config().Name)
			if g, w := tokens(t, l, string(text)), tokens(t, want, string(text)); !slices.Equal(g, w) {
				t.Errorf("got  %v\nwant %v", g, w)
			}
		})
	}
}

// BenchmarkFirstLook is what the first file that is looked at waits for.
func BenchmarkFirstLook(b *testing.B) {
	for b.Loop() {
		read()
	}
}
