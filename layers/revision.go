package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// older reads what a forecast is to be compared with, where the user names it.
func (e *Engine) older(ctx context.Context, r session.Fetch, path string) (*session.Old, error) {
	switch {
	case r.WasPath != "":
		text, err := readDraft(r.WasPath)
		return &session.Old{Name: r.WasPath, Text: text}, err
	case r.WasRev != "":
		return revision(ctx, r.WasRev, path, r.Dir)
	}
	return nil, nil
}

// revision reads Dockerfile and build context as they are in a revision of the
// git repository that they lie in. The files are written aside, with the
// permissions that git gives them here, and taken away again.
func revision(ctx context.Context, rev, path, dir string) (*session.Old, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = filepath.Dir(path)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	aside, err := os.MkdirTemp("", "imgtui-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(aside)
	g := git{dir: dir, index: filepath.Join(aside, "index")}
	top, err := g.run(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	if _, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}"); err != nil {
		return nil, fmt.Errorf("no revision %s", rev)
	}
	if _, err := g.run(ctx, "read-tree", "--end-of-options", rev); err != nil {
		return nil, err
	}
	g.dir = top // all of the index, not what is beneath the context alone
	files := filepath.Join(aside, "files")
	if _, err := g.run(ctx, "checkout-index", "--all", "--prefix="+files+string(filepath.Separator)); err != nil {
		return nil, err
	}
	return asOf(ctx, rev, files, top, path, dir)
}

// asOf reads Dockerfile and context of a tree that stands in for another.
func asOf(ctx context.Context, rev, files, top, path, dir string) (*session.Old, error) {
	there := func(p string) (string, error) {
		real, err := filepath.EvalSymlinks(filepath.Dir(p))
		if err != nil {
			return "", err
		}
		rel, err := filepath.Rel(top, filepath.Join(real, filepath.Base(p)))
		if err != nil || !filepath.IsLocal(rel) {
			return "", fmt.Errorf("%s: not in the repository at %s", p, top)
		}
		return filepath.Join(files, rel), nil
	}
	draft, err := there(path)
	if err != nil {
		return nil, err
	}
	text, err := readDraft(draft)
	if err != nil {
		return nil, fmt.Errorf("%s has no %s", rev, path)
	}
	folder, err := there(dir)
	if err != nil {
		return nil, err
	}
	f, err := buildcontext.Open(folder, buildcontext.Options{Dockerfile: draft})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := f.Walk(ctx)
	if err != nil {
		return nil, err
	}
	return &session.Old{Name: rev, Text: text, Context: &plan.Context{Dir: dir, Root: c.Root, Files: c.Files, Bytes: c.Bytes}}, nil
}

// withGit lays the repository's own folder, which is no part of a revision, over
// the older context as it is now.
func withGit(old, now *plan.Context) *plan.Context {
	dir := now.Root.Find(gitFolder)
	if dir == nil || old.Root.Find(gitFolder) != nil {
		return old
	}
	b := tree.NewBuilder(0)
	dir.Walk(func(p string, n *tree.Node) bool {
		e := tree.Entry{Path: strings.TrimSuffix(gitFolder+p, "/"), Attr: n.Attr(), Offset: -1}
		if n.Payload() != nil {
			e.Kind, e.Link, e.Content = tree.File, "", n.Payload().Content()
		}
		b.Add(e)
		return true
	})
	c := *old
	c.Root = tree.Fold(old.Root, b.Layer())
	return &c
}

const gitFolder = "/.git"

// git is a repository, looked at through an index of its own.
type git struct{ dir, index string }

// run runs git and returns what it printed.
func (g git) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "GIT_INDEX_FILE="+g.index, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		if line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); line != "" {
			err = errors.New(line)
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
