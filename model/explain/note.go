package explain

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// Note says in a few words how a path changed: "content 1.2 kB → 1.4 kB",
// "mode 0644 → 0600"; "" where the sign says it all.
func Note(w words.Words, d tree.Delta) string {
	b, a, t := d.Before, d.After, w.Notes
	switch d.Change() {
	case tree.Modified:
		if a.Kind == tree.Symlink {
			return t.Link
		}
		return t.Content + " " + fromTo(words.Bytes(b.Size), words.Bytes(a.Size))
	case tree.Replaced:
		return fromTo(b.Kind.String(), a.Kind.String())
	case tree.Touched:
		return strings.Join(touched(t, b, a), ", ")
	}
	return ""
}

func touched(t words.Notes, b, a *tree.Node) []string {
	var parts []string
	if b.Mode != a.Mode {
		parts = append(parts, t.Mode+" "+fromTo(fmt.Sprintf("%04o", b.Mode), fmt.Sprintf("%04o", a.Mode)))
	}
	if b.UID != a.UID || b.GID != a.GID {
		parts = append(parts, t.Owner+" "+fromTo(fmt.Sprintf("%d:%d", b.UID, b.GID), fmt.Sprintf("%d:%d", a.UID, a.GID)))
	}
	if b.Xattrs != a.Xattrs {
		parts = append(parts, t.Xattr)
	}
	if len(parts) == 0 && b.ModTime != a.ModTime {
		parts = append(parts, t.Time)
	}
	return parts
}

func fromTo(a, b string) string { return a + " → " + b }
