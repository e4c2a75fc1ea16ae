package treetest

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// Entries reads entries in a short notation, a line each:
//
//	f PATH SIZE      a file; SIZE#N has other bytes, their hash is SIZE·100+N
//	d PATH           a directory
//	s PATH TARGET    a symlink, h PATH TARGET a hard link
//	c PATH MAJ MIN   a character device, b PATH MAJ MIN a block device, p PATH a pipe
//	w PATH           a whiteout of PATH, o PATH an opaque mark in PATH
//
// followed by any of mode=OCTAL uid=N gid=N mtime=N xattr=TEXT. It panics on
// what it cannot read.
func Entries(lines ...string) []tree.Entry {
	var all []tree.Entry
	for _, line := range lines {
		all = append(all, entry(strings.Fields(line)))
	}
	return all
}

// Layers reads the layers of an image, each as [Entries] does.
func Layers(layers ...[]string) [][]tree.Entry {
	var all [][]tree.Entry
	for _, l := range layers {
		all = append(all, Entries(l...))
	}
	return all
}

var kinds = map[string]tree.Kind{
	"f": tree.File, "d": tree.Dir, "s": tree.Symlink, "h": tree.Hardlink,
	"c": tree.Char, "b": tree.Block, "p": tree.Fifo, "w": tree.File, "o": tree.File,
}

func entry(words []string) tree.Entry {
	e := tree.Entry{Path: words[1], Attr: tree.Attr{Kind: kinds[words[0]], Mode: 0o644}}
	rest := words[2:]
	switch words[0] {
	case "f":
		size, other, _ := strings.Cut(rest[0], "#")
		e.Size, e.Content, rest = number(size), uint64(number(size)*100+number("0"+other)), rest[1:]
	case "d":
		e.Mode = 0o755
	case "s", "h":
		e.Link, rest = rest[0], rest[1:]
	case "c", "b":
		e.Major, e.Minor, rest = number(rest[0]), number(rest[1]), rest[2:]
	case "w":
		e.Path = path.Dir(words[1]) + "/.wh." + path.Base(words[1])
	case "o":
		e.Path = words[1] + "/.wh..wh..opq"
	}
	for _, w := range rest {
		set(&e.Attr, w)
	}
	return e
}

func set(a *tree.Attr, word string) {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "mode":
		mode, err := strconv.ParseUint(value, 8, 12)
		if err != nil {
			panic(err)
		}
		a.Mode = uint32(mode)
	case "uid":
		a.UID = int(number(value))
	case "gid":
		a.GID = int(number(value))
	case "mtime":
		a.ModTime = number(value)
	case "xattr":
		a.Xattrs = value + "\x00"
	default:
		panic(fmt.Sprintf("no attribute %q", word))
	}
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// Build makes the layer with that index of entries.
func Build(layer int, entries []tree.Entry) *tree.Layer {
	b := tree.NewBuilder(layer)
	for i, e := range entries {
		e.Offset = int64(i)
		b.Add(e)
	}
	return b.Layer()
}

// Fold builds the layers of an image and folds them to their roots.
func Fold(layers [][]tree.Entry) ([]*tree.Layer, []*tree.Node) {
	var ls []*tree.Layer
	var roots []*tree.Node
	var root *tree.Node
	for i, entries := range layers {
		l := Build(i, entries)
		root = tree.Fold(root, l)
		ls, roots = append(ls, l), append(roots, root)
	}
	return ls, roots
}
