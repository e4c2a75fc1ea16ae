package builder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/tonistiigi/fsutil/types"

	"github.com/imgtui/imgtui/model/tree"
)

// disk is a root as an engine lists it, by directory.
type disk map[string][]*types.Stat

func (d disk) lister() lister {
	return lister{
		dir: func(_ context.Context, p string) ([]*types.Stat, error) {
			all, ok := d[p]
			if !ok {
				return nil, fmt.Errorf("%s: no such directory", p)
			}
			return all, nil
		},
		stat: func(context.Context, string) (*types.Stat, error) {
			return &types.Stat{Mode: uint32(fs.ModeDir | 0o750), Uid: 7}, nil
		},
	}
}

func folderStat(name string) *types.Stat {
	return &types.Stat{Path: name, Mode: uint32(fs.ModeDir | 0o755), ModTime: 5e9}
}

func fileStat(name string, size, at int64) *types.Stat {
	return &types.Stat{Path: name, Mode: 0o644, Size: size, ModTime: at}
}

func (d disk) read(t *testing.T, known ...*tree.Node) *tree.Node {
	t.Helper()
	n, err := readRoot(t.Context(), d.lister(), make(chan struct{}, 2), known...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func some() disk {
	return disk{
		"/":      {folderStat("bin"), folderStat("etc"), {Path: "tmp", Mode: uint32(fs.ModeDir | fs.ModeSticky | 0o777)}},
		"/bin":   {{Path: "sh", Mode: uint32(fs.ModeSetuid | 0o755), Size: 9, ModTime: 1500000000}, {Path: "bash", Mode: uint32(fs.ModeSymlink | 0o777), Linkname: "sh"}},
		"/etc":   {fileStat("a", 3, 1e9), {Path: "b", Mode: 0o644, Size: 3, ModTime: 1e9, Linkname: "a"}, {Path: "null", Mode: uint32(fs.ModeDevice | fs.ModeCharDevice | 0o666), Devmajor: 1, Devminor: 3}},
		"/tmp":   {folderStat("x")},
		"/tmp/x": {{Path: "pipe", Mode: uint32(fs.ModeNamedPipe | 0o600), Xattrs: map[string][]byte{"user.a": []byte("b"), "trusted.overlay.opaque": []byte("y")}}},
	}
}

func TestARootIsReadAsTheEngineListsIt(t *testing.T) {
	n := some().read(t)
	for p, want := range map[string]tree.Attr{
		"/":           {Kind: tree.Dir, Mode: 0o750, UID: 7},
		"/bin/sh":     {Kind: tree.File, Mode: 0o4755, Size: 9, ModTime: 1e9},
		"/bin/bash":   {Kind: tree.Symlink, Mode: 0o777, Link: "sh"},
		"/etc/a":      {Kind: tree.File, Mode: 0o644, Size: 3, ModTime: 1e9},
		"/etc/b":      {Kind: tree.Hardlink, Mode: 0o644, Size: 3, ModTime: 1e9, Link: "/etc/a"},
		"/etc/null":   {Kind: tree.Char, Mode: 0o666, Major: 1, Minor: 3},
		"/tmp":        {Kind: tree.Dir, Mode: 0o1777},
		"/tmp/x/pipe": {Kind: tree.Fifo, Mode: 0o600, Xattrs: "user.a=b\x00"},
	} {
		got := n.Find(p)
		if got == nil || got.Attr() != want {
			t.Errorf("%s: got %+v, want %+v", p, got, want)
		}
	}
	if n.Find("/etc/a").Payload() != n.Find("/etc/b").Payload() {
		t.Error("two names of one file have two payloads")
	}
}

// TestWhatIsTheSameIsShared with the first root that has it.
func TestWhatIsTheSameIsShared(t *testing.T) {
	was := some().read(t)
	if some().read(t, was) != was {
		t.Error("an equal root is another one")
	}
	d := some()
	d["/etc"] = append(d["/etc"], fileStat("new", 1, 2e9))
	now := d.read(t, was)
	if now.Find("/bin") != was.Find("/bin") || now.Find("/etc/a") != was.Find("/etc/a") {
		t.Error("what did not change is not shared")
	}
	if tree.Compare(was, now).Change() != tree.Within {
		t.Error("what changed is not told")
	}
	d = some()
	d["/etc"][0] = fileStat("a", 3, 1e9+1) // written anew within the second
	if d.read(t, was).Find("/etc/a").Payload() == was.Find("/etc/a").Payload() {
		t.Error("a file that was written anew is taken for the same")
	}
	d = some()
	d["/bin"][0].Mode = 0o700
	if got := d.read(t, was).Find("/bin/sh"); got.Payload() != was.Find("/bin/sh").Payload() || got.Mode != 0o700 {
		t.Error("a file of which only the mode changed has lost its content")
	}
	d = some()
	d["/tmp"][0].ModTime = 9e9 // what was mounted there left a time behind
	if d.read(t, was) != was {
		t.Error("a folder's time alone makes a difference")
	}
}

// TestFilesOfAnImageAreRecognised by path, size and second.
func TestFilesOfAnImageAreRecognised(t *testing.T) {
	b := tree.NewBuilder(0)
	b.Add(tree.Entry{Path: "etc", Attr: tree.Attr{Kind: tree.Dir, Mode: 0o755, ModTime: 5e9}})
	b.Add(tree.Entry{Path: "etc/a", Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: 3, ModTime: 1e9 + 5}, Content: 77})
	image := tree.Fold(nil, b.Layer())
	got := some().read(t, image).Find("/etc/a")
	if got != image.Find("/etc/a") || got.Payload().Content() != 77 {
		t.Errorf("got %+v", got)
	}
}

// TestAnEngineThatLiesIsFoundOut before it costs anything.
func TestAnEngineThatLiesIsFoundOut(t *testing.T) {
	deep := disk{}
	for at, n := "/", 0; n < deepest+10; n++ {
		deep[at] = []*types.Stat{folderStat("d")}
		at = path.Join(at, "d")
	}
	for want, d := range map[string]disk{
		`the engine names ".."`:    {"/": {fileStat("..", 1, 1)}},
		`names "a"`:                {"/": {fileStat("a", 1, 1), fileStat("a", 2, 1)}},
		`names "x\x00y"`:           {"/": {fileStat("x\x00y", 1, 1)}},
		"folders lie deeper":       deep,
		"/gone: no such directory": {"/": {folderStat("gone")}},
	} {
		if _, err := readRoot(t.Context(), d.lister(), make(chan struct{}, 4)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readRoot(ctx, some().lister(), make(chan struct{})); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancel", err)
	}
	panics := lister{dir: func(context.Context, string) ([]*types.Stat, error) { panic("oh") }, stat: emptyRoot.stat}
	if _, err := readRoot(t.Context(), panics, make(chan struct{}, 1)); err == nil || !strings.Contains(err.Error(), "internal fault: oh") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkReadRoot reads a root of 10,000 files whose listing costs nothing, alone
// and beside one that is known.
func BenchmarkReadRoot(b *testing.B) {
	d := disk{}
	for i := range 100 {
		name := fmt.Sprintf("dir%02d", i)
		d["/"] = append(d["/"], folderStat(name))
		for j := range 100 {
			d["/"+name] = append(d["/"+name], fileStat(fmt.Sprintf("file%02d", j), int64(j), int64(i)))
		}
	}
	known, err := readRoot(b.Context(), d.lister(), make(chan struct{}, atOnce))
	if err != nil {
		b.Fatal(err)
	}
	for name, all := range map[string][]*tree.Node{"alone": nil, "known": {known}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := readRoot(b.Context(), d.lister(), make(chan struct{}, atOnce), all...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
