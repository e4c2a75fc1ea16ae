package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model/tree"
)

// write writes one JSON document.
func (c *call) write(v any) error {
	e := json.NewEncoder(harmlessJSON{c.out})
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// harmlessJSON writes JSON with every character escaped that a terminal obeys
// or hides. It is the same document.
type harmlessJSON struct{ to io.Writer }

// Write implements io.Writer. Only whole characters may be written.
func (h harmlessJSON) Write(p []byte) (int, error) {
	if _, err := h.to.Write(escaped(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func escaped(p []byte) []byte {
	if bytes.IndexFunc(p, obeyed) < 0 {
		return p
	}
	var b bytes.Buffer
	for _, r := range string(p) {
		if !obeyed(r) {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, "\\u%04x", u)
		}
	}
	return b.Bytes()
}

// obeyed tells whether a terminal does something else with a character than to
// show it. What is below 0x20 stands between JSON's words: in strings it is escaped.
func obeyed(r rune) bool {
	return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// pathJSON is a path, with its bytes beside it where they are no UTF-8.
type pathJSON struct {
	Path  string `json:"path"`
	Bytes []byte `json:"path_bytes,omitempty"`
}

func pathOf(p string) pathJSON {
	if utf8.ValidString(p) {
		return pathJSON{Path: p}
	}
	return pathJSON{strings.ToValidUTF8(p, "\uFFFD"), []byte(p)}
}

// entryJSON is a path of a root.
type entryJSON struct {
	pathJSON
	Kind   string     `json:"kind"`
	Size   int64      `json:"size"`
	Mode   string     `json:"mode"`
	UID    int        `json:"uid"`
	GID    int        `json:"gid"`
	MTime  *time.Time `json:"mtime"`
	Link   string     `json:"link"`
	Step   int        `json:"step"`
	Change string     `json:"change"`
}

func (o *opened) entry(path string, n *tree.Node, change tree.Change) entryJSON {
	e := entryJSON{
		pathJSON: pathOf(path), Kind: n.Kind.String(), Size: n.Size, Mode: fmt.Sprintf("%04o", n.Mode),
		UID: n.UID, GID: n.GID, MTime: when(time.Unix(0, n.ModTime)), Link: n.Link, Step: o.Stacks[0].Image.StepOf(int(n.Layer)),
	}
	if change != tree.Same && change != tree.Within {
		e.Change = change.Letter()
	}
	return e
}

// when returns a time for JSON; nil is none. Years that RFC 3339 cannot write are none.
func when(t time.Time) *time.Time {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	t = t.UTC()
	return &t
}
