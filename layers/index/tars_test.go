package index

import (
	"archive/tar"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// tars are the kinds of tars that layers are met as.
func tars() map[string][]byte {
	holes := []piece{{100, "first"}, {5000, "second"}, {70_000, "third"}}
	many := []piece{}
	for i := range int64(60) {
		many = append(many, piece{i * 1000, fmt.Sprintf("part %d", i)})
	}
	deep, wide := strings.Repeat("d/", 200)+"f", strings.Repeat("n", 300)
	return map[string][]byte{
		"nothing":            archive(),
		"no end at all":      rawFile(ustar, "a", "b").bytes(),
		"one end block":      append(rawFile(ustar, "a", "b").bytes(), make([]byte, 512)...),
		"junk after the end": append(archive(rawFile(ustar, "a", "b").bytes()), "and more that nobody reads"...),
		"v7": archive(rawFile(v7, "file", "body").bytes(), raw{name: "dir/", mode: "755", flag: 0, magic: v7}.bytes(),
			raw{name: "dir/link", link: "../file", mode: "777", flag: '2', magic: v7}.bytes(), raw{name: "other", link: "file", flag: '1', magic: v7}.bytes(),
			raw{name: "old", mode: "600", size: octal(3), mtime: octal(7), body: []byte("old")}.bytes()),
		"ustar": archive(raw{name: "name", prefix: "a/prefix", mode: "0004755", uid: octal(1000), gid: octal(100), size: octal(5), mtime: octal(1_700_000_000),
			flag: '0', magic: ustar, body: []byte("hello")}.bytes(),
			raw{name: "null", mode: "666", flag: '3', magic: ustar, major: octal(1), minor: octal(3)}.bytes(),
			raw{name: "loop", mode: "660", flag: '4', magic: ustar, major: octal(7), minor: octal(200)}.bytes(),
			raw{name: "pipe", mode: "622", flag: '6', magic: ustar}.bytes(),
			raw{name: "contiguous", mode: "644", flag: '7', magic: ustar, size: octal(2), body: []byte("ct")}.bytes()),
		"gnu, long names": archive(long('L', deep, rawFile(gnu, deep[:99], "deep")), long('K', wide, raw{name: "link", flag: '2', magic: gnu}),
			long('L', wide+"/dir/", raw{name: wide[:99], mode: "755", flag: '5', magic: gnu}),
			append(long('K', wide, raw{})[:1024], long('L', "both/"+wide, raw{name: "x", flag: '2', magic: gnu})...)),
		"base-256": archive(raw{name: "ids", mode: "644", uid: base256(4_000_000_000, 8), gid: base256(1<<40, 8), size: base256(4, 12), mtime: base256(9_000_000_000, 12),
			flag: '0', magic: gnu, body: []byte("ids!")}.bytes(),
			raw{name: "before 1970", flag: '0', magic: gnu, mtime: base256(-86_400, 12)}.bytes(),
			raw{name: "device", flag: '3', magic: gnu, major: base256(1<<20, 8), minor: base256(1<<33, 8)}.bytes()),
		"times": archive(paxed(rawFile(ustar, "a", ""), "mtime=-1.5"), paxed(rawFile(ustar, "b", ""), "mtime=1700000000.123456789"),
			paxed(rawFile(ustar, "c", ""), "mtime=99999999999999"), paxed(rawFile(ustar, "d", ""), "mtime=-99999999999999"),
			raw{name: "e", flag: '0', magic: gnu, mtime: base256(1<<60, 12)}.bytes()),
		"pax": archive(paxed(rawFile(ustar, "short", "body"), "path="+deep, "uid=5000000000", "gid=6000000000", "uname=someone", "comment=none"),
			paxed(raw{name: "l", flag: '2', magic: ustar}, "linkpath="+wide, "path=日本語/ファイル"),
			paxed(raw{name: "big", flag: '0', magic: ustar, size: octal(0), body: []byte("five!")}, "size=5"),
			append(pax('x', "path=lost"), paxed(rawFile(ustar, "twice", "2"), "path=found")...),
			paxed(raw{name: "d/", mode: "755", flag: '5', magic: ustar}, "path=directory/of/pax/")),
		"xattrs": archive(paxed(rawFile(ustar, "cap", "x"), "SCHILY.xattr.security.capability=\x01\x00\x00\x02 \x00", "SCHILY.xattr.user.b=2", "SCHILY.xattr.user.a=1"),
			paxed(rawFile(ustar, "bsd", "x"), "LIBARCHIVE.xattr.user.one=MQ", "LIBARCHIVE.xattr.user.na%20me=aGVsbG8="),
			paxed(rawFile(ustar, "both", "x"), "LIBARCHIVE.xattr.user.k=MQ==", "SCHILY.xattr.user.k=1"),
			paxed(rawFile(ustar, "odd", "x"), "LIBARCHIVE.xattr.user.%zz=not base64!", "SCHILY.acl.access=user::rw-"),
			paxed(raw{name: "dir/", mode: "755", flag: '5', magic: ustar}, "SCHILY.xattr.user.on=dir")),
		"global headers": archive(pax('g', "comment=8f3e0e3a3c7c4c6f0f7e8d9c0b1a2f3e4d5c6b7a"), rawFile(ustar, "git", "archive").bytes(),
			pax('g', "mtime=12345"), rawFile(ustar, "after", "two").bytes(), pax('g', "path=ignored")),
		"sparse, old": archive(oldSparse("holes", 100_000, holes...), rawFile(gnu, "after", "it").bytes(), oldSparse("many", 60_000, many...),
			oldSparse("all hole", 4096), oldSparse("no hole", 5, piece{0, "whole"})),
		"sparse 0.0": archive(sparse00("holes", 100_000, holes...), rawFile(ustar, "after", "it").bytes(), sparse00("many", 60_000, many...)),
		"sparse 0.1": archive(sparse01("holes", 100_000, holes...), rawFile(ustar, "after", "it").bytes(), sparse01("many", 60_000, many...)),
		"sparse 1.0": archive(sparse10("holes", 100_000, holes...), rawFile(ustar, "after", "it").bytes(), sparse10("many", 60_000, many...),
			sparse10("all hole", 4096), sparse10("no hole", 5, piece{0, "whole"})),
		"paths": sourcetest.Tar(sourcetest.Dir("./"), sourcetest.Dir("./a/"), sourcetest.File("./a//b", "1"), sourcetest.File("/abs/c", "2"),
			sourcetest.File("../../out", "3"), sourcetest.File("a/../d", "4"), sourcetest.File("a/./e/.", "5"), sourcetest.Hardlink("./hard", "./a/b"),
			sourcetest.Symlink("s", "/etc//passwd/../x")),
		"duplicates": sourcetest.Tar(sourcetest.File("a", "first"), sourcetest.File("b", "other"), sourcetest.File("a", "second, longer"),
			sourcetest.File("./a", "third"), sourcetest.File("empty", ""), sourcetest.File("empty", "")),
		"links": sourcetest.Tar(sourcetest.File("a", "payload"), sourcetest.Hardlink("b", "a"), sourcetest.Hardlink("c", "b"), sourcetest.Hardlink("d", "nowhere"),
			sourcetest.Symlink("e", "a")),
		"odd names": sourcetest.Tar(sourcetest.File("new\nline", "1"), sourcetest.File("esc\x1b[31m", "2"), sourcetest.File("bad\xff\xfeutf8", "3"),
			sourcetest.File("rtl\u202eexe", "4"), sourcetest.File(`back\slash`, "5"), sourcetest.File("C:\\windows", "6"), sourcetest.File(" ", "7")),
	}
}

// generated is a tar of random entries in a format, from a seed.
func generated(seed uint64, format tar.Format) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(format)))
	var all []sourcetest.Entry
	for i := range 1 + r.IntN(40) {
		name := fmt.Sprintf("%s%c%d", strings.Repeat("dir/", r.IntN(4)), 'a'+r.IntN(3), r.IntN(6))
		var e sourcetest.Entry
		switch r.IntN(8) {
		case 0:
			e = sourcetest.Dir(name + "/")
		case 1:
			e = sourcetest.Symlink(name, "../"+name)
		case 2:
			e = sourcetest.Hardlink(name, "dir/a1")
		case 3:
			e = sourcetest.File(name, "")
			e.Typeflag, e.Devmajor, e.Devminor = tar.TypeChar, int64(r.IntN(100)), int64(r.IntN(100))
		case 4:
			e = sourcetest.File(name, "")
			e.Typeflag = tar.TypeFifo
		default:
			e = sourcetest.File(name, sourcetest.Noise(seed+uint64(i), r.IntN(2000)))
		}
		e.Format, e.Mode, e.Uid, e.Gid = format, int64(r.IntN(0o10000)), r.IntN(1<<18), r.IntN(1<<18)
		e.ModTime = time.Unix(r.Int64N(1<<31), 0)
		if format == tar.FormatPAX && r.IntN(3) == 0 {
			e.PAXRecords = map[string]string{"SCHILY.xattr.user.x": fmt.Sprint(i)}
			e.ModTime = e.ModTime.Add(time.Duration(r.IntN(1e9)))
		}
		all = append(all, e)
	}
	return sourcetest.Tar(all...)
}
