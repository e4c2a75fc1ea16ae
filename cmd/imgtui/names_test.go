package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// oddNames are what a terminal would obey, break a column on, or cannot show.
var oddNames = []string{
	"back`tick", "backspace\b\b", "bad\xff\xfe", "bidi\u202eexe.txt", "c1\u009b31m", "combining e\u0301", "cr\rreturn", "del\x7f",
	"esc\x1b[31mred\x1b[2J", "family 👨\u200d👩", "html<b>&amp;", "line\nbreak", "osc\x1b]0;title\a", "percent%s%d", "pipe|bar", "quote\"'", "space  ", "tab\there",
	"wide 日本語", "zero\u200bwidth",
}

// odd is an image whose every text is odd.
func odd() madeImage {
	all := strings.ReplaceAll(strings.Join(oddNames, " "), "bad\xff\xfe", "")
	base := []entry{{name: "n/"}}
	changed := []entry{}
	for i, n := range oddNames {
		base = append(base, entry{name: "n/" + n, body: n + "\n"})
		switch i % 3 {
		case 0:
			changed = append(changed, entry{name: "n/.wh." + n})
		case 1:
			changed = append(changed, entry{name: "n/" + n, body: n + "!\n"})
		}
	}
	base = append(base, entry{name: "n/link", kind: tar.TypeSymlink, link: "esc\x1b[31m\n"}, entry{name: "n/noted", xattr: "esc\x1b[31m\nred"})
	return madeImage{
		tag: "odd:1", arch: "riscv64",
		settings: map[string]any{
			"Entrypoint": []string{all}, "Env": []string{"A=" + all}, "User": all, "WorkingDir": all, "Labels": map[string]string{"k " + all: all}, "StopSignal": all,
			"ExposedPorts": map[string]any{all: struct{}{}}, "Volumes": map[string]any{all: struct{}{}},
		},
		steps: []madeStep{
			{by: "ADD " + all, comment: all, created: "2024-05-01T10:00:00Z", layer: base},
			{by: "RUN " + all, comment: all, created: "2024-05-02T10:00:00Z", layer: changed},
		},
	}
}

// oddArchive is an image that is odd where it lies: a layer by an odd name that
// is not there, and a digest that is none.
func oddArchive(t testing.TB) []byte {
	m := odd()
	layers := m.layers(t)
	const evil = "esc\x1b[31m\n\u202e"
	config := bytes.ReplaceAll(m.config(t), []byte(sha(layers[1])), []byte(`sha256:esc\u001b[31m\n\u202e`))
	manifest := toJSON(t, []map[string]any{{"Config": evil + ".json", "RepoTags": []string{evil}, "Layers": []string{"0/layer.tar", "1/layer.tar", evil + "/layer.tar"}}})
	return packed(t, map[string][]byte{"manifest.json": manifest, evil + ".json": config, "0/layer.tar": layers[0], "1/layer.tar": layers[1]})
}

// harm tells what in a text would move the cursor, colour the screen or turn
// the writing around; "" is none.
func harm(text string) string {
	if !utf8.ValidString(text) {
		return "invalid UTF-8"
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r)) {
			return fmt.Sprintf("%U", r)
		}
	}
	return ""
}
