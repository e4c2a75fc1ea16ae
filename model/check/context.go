package check

import (
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// copyAll finds a COPY of the whole context that brings what an image has no
// use for.
func copyAll(s Subject) []Finding {
	if s.Context == nil {
		return nil
	}
	var all []Finding
	for _, i := range s.File.Instructions {
		if !copiesContext(i) {
			continue
		}
		for _, b := range ballast {
			n := s.Context.Root.Find(b.path)
			if n == nil || n.Kind != tree.Dir || n.Bytes() < b.least {
				continue
			}
			f := at(i, words.Bytes(s.Context.Bytes), strings.TrimPrefix(b.path, "/"), words.Bytes(n.Bytes()))
			f.Path = b.path
			all = append(all, f)
		}
	}
	return all
}

// copiesContext tells whether an instruction brings the whole context.
func copiesContext(i dockerfile.Instruction) bool {
	if i.Name != "COPY" && i.Name != "ADD" || len(i.Words) < 2 || from(i) != "" {
		return false
	}
	return slices.ContainsFunc(i.Words[:len(i.Words)-1], func(src string) bool { return path.Clean("/"+src) == "/" })
}

// ballast are folders that a context has for whoever works in it, and from how
// many bytes on they are worth a word.
var ballast = []struct {
	path  string
	least int64
}{
	{"/.git", 1}, {"/node_modules", 1}, {"/.venv", 1}, {"/venv", 1}, {"/target", 10 << 20}, {"/.terraform", 1},
	{"/__pycache__", 1}, {"/.pytest_cache", 1}, {"/.idea", 1}, {"/.vscode", 1},
}

// secretCopied finds files that open doors and are copied into a layer, where
// every reader of the image has them.
func secretCopied(s Subject) []Finding {
	var all []Finding
	for _, i := range s.File.Instructions {
		if i.Name != "COPY" && i.Name != "ADD" || len(i.Words) < 2 || from(i) != "" {
			continue
		}
		for _, p := range s.secrets(i) {
			f := at(i, strings.TrimPrefix(p, "/"))
			f.Path = p
			all = append(all, f)
		}
	}
	return all
}

// most is how many files of one instruction are told.
const most = 3

// secrets returns the files that open doors among the sources of a COPY: those
// that it names, and those of the context that lie beneath.
func (s Subject) secrets(i dockerfile.Instruction) []string {
	var all []string
	for _, src := range i.Words[:len(i.Words)-1] {
		src = path.Clean("/" + src)
		if opensDoors(src) {
			all = append(all, src)
		}
		if s.Context == nil {
			continue
		}
		for _, p := range s.Context.Suspects {
			if strings.HasPrefix(p, strings.TrimSuffix(src, "/")+"/") && !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all[:min(len(all), most)]
}

// Suspects returns the files of a context whose names say that they open doors.
// It looks at all of them: it is for who reads the context.
func Suspects(root *tree.Node) []string {
	var all []string
	root.Walk(func(p string, n *tree.Node) bool {
		if n.Kind == tree.File && opensDoors(p) {
			all = append(all, p)
		}
		return true
	})
	return all
}

// opensDoors tells whether a file's name says that it holds a secret.
func opensDoors(p string) bool {
	name := path.Base(p)
	switch name {
	case ".env", ".npmrc", ".pypirc", ".netrc", ".git-credentials", "id_rsa", "id_ed25519", "id_ecdsa", "credentials.json", ".dockercfg":
		return true
	}
	return strings.HasSuffix(p, "/.aws/credentials") || strings.HasSuffix(p, "/.docker/config.json") ||
		path.Ext(name) == ".pem" || path.Ext(name) == ".p12" || path.Ext(name) == ".kdbx" || strings.HasPrefix(name, ".env.") && !strings.HasSuffix(name, ".example")
}
