//go:build unix

package buildcontext_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	fs "github.com/tonistiigi/fsutil/copy"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// oracleCopy copies as BuildKit's file operation does, with its own library.
func oracleCopy(ctx context.Context, from, to string, s plan.CopySpec) error {
	dest := filepath.Join("/", s.Dest)
	if strings.HasSuffix(s.Dest, "/") && dest != "/" {
		dest += "/"
	}
	for _, text := range s.Sources {
		src := filepath.Join("/", text)
		info := fs.CopyInfo{CopyDirContents: true, FollowLinks: true, ExcludePatterns: s.Exclude}
		if s.Parents {
			info.IncludePatterns, src = []string{strings.TrimPrefix(src, "/")}, "/"
		}
		if s.Chmod != "" {
			info.ModeStr = s.Chmod
			mode := 0
			if n, _ := fmt.Sscanf(s.Chmod, "%o", &mode); n == 1 {
				info.ModeStr, info.Mode = "", &mode
			}
		}
		all, err := fs.ResolveWildcards(from, src, true)
		if err != nil {
			return err
		}
		for _, one := range all {
			if err := fs.Copy(ctx, from, one, to, dest, fs.WithCopyInfo(info), fs.AllowXAttrErrors); err != nil {
				return err
			}
		}
	}
	return nil
}

// shape is what two roots are compared by. Directories' times are left out:
// those of what is made depend on the clock.
func shape(root *tree.Node) map[string]string {
	all := map[string]string{}
	root.Walk(func(p string, n *tree.Node) bool {
		content, when := "", n.ModTime/int64(time.Second)
		kind := n.Kind
		if n.Payload() != nil {
			kind, content = tree.File, fmt.Sprintf(" %d %x", n.Payload().Size, n.Payload().Content())
		}
		if kind == tree.Dir {
			when = 0
		}
		link := n.Link
		if kind != tree.Symlink {
			link = ""
		}
		all[p] = fmt.Sprintf("%c%04o%s %s @%d", kind.Letter(), n.Mode, content, link, when)
		return true
	})
	return all
}

// randomTree fills a folder with what a copy may stumble over.
func randomTree(dir string, random *rand.Rand) {
	names := []string{"a", "b", "c.go", "d"}
	pick := func() string { return names[random.IntN(len(names))] }
	for range 4 + random.IntN(14) {
		var p strings.Builder
		p.WriteString(pick())
		for range random.IntN(3) {
			p.WriteString("/" + pick())
		}
		switch random.IntN(6) {
		case 0:
			_ = layOne(dir, p.String()+"->"+[]string{"a", "../b", "/a/b", "d", "nowhere"}[random.IntN(5)])
		case 1:
			_ = layOne(dir, p.String()+"/")
			_ = os.Chmod(filepath.Join(dir, p.String()), 0o700|os.FileMode(random.IntN(64)))
		case 2:
			_ = os.Link(filepath.Join(dir, pick()), filepath.Join(dir, p.String())) // where there is something to link to
		default:
			_ = layOne(dir, p.String()+"="+p.String())
			if i, err := os.Lstat(filepath.Join(dir, p.String())); err == nil && i.Mode().IsRegular() {
				_ = os.Chmod(filepath.Join(dir, p.String()), 0o600|os.FileMode(random.IntN(64)))
			}
		}
	}
}

func randomSpec(random *rand.Rand) plan.CopySpec {
	pick := func(all ...string) string { return all[random.IntN(len(all))] }
	s := plan.CopySpec{
		Dest: pick("/", "/a", "/a/", "/b/a", "/d/", "/x/y", "/x/y/", "/c.go", "/a/b/"), Chmod: pick("", "", "", "740", "4755", "u+x", "go=u-w"),
		Time: time.Now().UnixNano(),
	}
	for range 1 + random.IntN(2) {
		s.Sources = append(s.Sources, pick("a", "b", "d", "a/b", ".", "*", "?", "*.go", "*/a", "[ab]", "c.go", "d/a"))
	}
	for range random.IntN(3) {
		s.Exclude = append(s.Exclude, pick("a", "*.go", "**/b", "!a", "*", "!**/a", "b/a"))
	}
	s.Parents = random.IntN(4) == 0
	return s
}

// Each number is a context, a root and a copy of its own.
func FuzzForetoldCopiesAreThoseOfBuildKitsLibrary(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 11))
		dir := t.TempDir()
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		lay(t, from, "a/b/a=deep")
		lay(t, to, "keep=1")
		randomTree(from, random)
		randomTree(to, random)
		s := randomSpec(random)
		context := walk(t, open(t, from, buildcontext.Options{})).Root
		lower := walk(t, open(t, to, buildcontext.Options{})).Root
		layer, err := plan.Copy(context, lower, s, nil)
		if _, missing := errors.AsType[*plan.MissingError](err); missing {
			return // BuildKit looks for what is missing before it calls its library
		}
		want := oracleCopy(t.Context(), from, to, s)
		if (err == nil) != (want == nil) {
			t.Errorf("%+v: got the error %v, want %v", s, err, want)
		}
		if err != nil || want != nil {
			return
		}
		if diff := cmp.Diff(shape(walk(t, open(t, to, buildcontext.Options{})).Root), shape(tree.Fold(lower, layer))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", s, diff)
		}
	})
}
