//go:build linux

package builder_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// layFiles makes the plain files of the context.
func layFiles(dir string) error {
	for name, content := range map[string]string{
		"a": "aaa", "b": "bbbb", "empty": "", "one.go": "package one", "two.go": "package two", "notes.md": "# notes", "Ünï cödé/ß file.txt": "ß", "sp ace": "space",
		"dir/x": "x", "dir/y.md": "y", "dir/sub/z": "z", "dir/sub/deep/w.md": "w", "dir/.hidden": "h", "other/x": "other x", "other/sub/v": "v", "other/sub/deep/u": "u",
		"tree/p1/src/main.go": "1", "tree/p1/README": "r1", "tree/p2/src/main.go": "2", "tree/p2/src/x/y.go": "y", "tree/p3/none": "n",
		"[odd]/q*": "odd", "back\\slash": "bs", "big": strings.Repeat("0123456789abcdef", 1<<16), "fake.tar": "no tar at all", "clash/a/inner": "i",
		"ignored/secret": "s", "ignored/kept": "k", "x.log": "log", ".dockerignore": "ignored\n!ignored/kept\n*.log\n",
		"passwd": "root:x:0:0::/:/bin/sh\napp:x:1234:2345::/:/bin/sh\n", "group": "root:x:0:\nstaff:x:50:\n",
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// laySpecials makes what is no plain file with a usual mode.
func laySpecials(dir string) error {
	at := func(name string) string { return filepath.Join(dir, name) }
	var plain, zipped, zst bytes.Buffer
	if err := packFiles(&plain); err != nil {
		return err
	}
	z := gzip.NewWriter(&zipped)
	z.Write(plain.Bytes())
	z.Close()
	s, err := zstd.NewWriter(&zst)
	if err != nil {
		return err
	}
	s.Write(plain.Bytes())
	s.Close()
	for _, err := range []error{
		os.Mkdir(at("void"), 0o750), os.Mkdir(at("dir/void"), 0o711), os.Chmod(at("dir/sub"), 0o700), os.Chmod(at("other"), 0o770),
		os.WriteFile(at("setuid"), []byte("#!"), 0o755), os.Chmod(at("setuid"), 0o755|os.ModeSetuid),
		os.WriteFile(at("exec"), []byte("#!"), 0o755), os.WriteFile(at("secret"), []byte("s"), 0o600),
		os.Mkdir(at("sticky"), 0o777), os.Chmod(at("sticky"), 0o777|os.ModeSticky|os.ModeSetgid), os.WriteFile(at("sticky/f"), nil, 0o400),
		os.Symlink("a", at("filelink")), os.Symlink("dir", at("dirlink")), os.Symlink("nowhere", at("dangling")), os.Symlink("../a", at("dir/uplink")), os.Symlink("/dir/sub", at("abslink")),
		os.Symlink("loop", at("loop")), os.Symlink("../../../a", at("outlink")),
		os.Mkdir(at("hard"), 0o755), os.WriteFile(at("hard/m"), []byte("linked"), 0o644), os.Link(at("hard/m"), at("hard/a")), os.Link(at("hard/m"), at("hardtop")),
		os.Mkdir(at("links"), 0o755), os.Symlink("/target", at("links/abs")), os.Symlink("target", at("links/rel")), os.Symlink("gone/away", at("links/dangling")), os.Mkdir(at("links/target"), 0o755),
		syscall.Mkfifo(at("sticky/pipe"), 0o620),
		os.WriteFile(at("plain.tar"), plain.Bytes(), 0o644), os.WriteFile(at("zipped"), zipped.Bytes(), 0o644), os.WriteFile(at("t.tar.zst"), zst.Bytes(), 0o644),
		os.WriteFile(at("void.tar"), make([]byte, 1024), 0o644), os.Symlink("plain.tar", at("tarlink")),
		os.WriteFile(at("xattr"), []byte("x"), 0o755),
	} {
		if err != nil {
			return err
		}
	}
	_ = unix.Setxattr(at("xattr"), "security.capability", []byte(capability), 0) // where it may not be set there is nothing to see
	_ = unix.Setxattr(at("xattr"), "user.note", []byte("n"), 0)
	return nil
}

// capability is that of a program which may use low ports.
const capability = "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func packFiles(b *bytes.Buffer) error {
	t := tar.NewWriter(b)
	for _, h := range []tar.Header{
		{Name: "./", Typeflag: tar.TypeDir, Mode: 0o700, Uid: 9},
		{Name: "arch/", Typeflag: tar.TypeDir, Mode: 0o751, Uid: 7, Gid: 8},
		{Name: "arch/file", Mode: 0o640, Uid: 7, Gid: 8, Size: 4},
		{Name: "arch/hard", Typeflag: tar.TypeLink, Linkname: "arch/file", Mode: 0o640, Uid: 7, Gid: 8},
		{Name: "arch/link", Typeflag: tar.TypeSymlink, Linkname: "file", Mode: 0o777},
		{Name: "implied/deep/file", Mode: 0o4755, Size: 4},
		{Name: "x", Mode: 0o600, Uid: 3, Gid: 3, Size: 4},
		{Name: "able", Mode: 0o755, Size: 4, PAXRecords: map[string]string{"SCHILY.xattr.security.capability": capability, "SCHILY.xattr.user.note": "n"}},
	} {
		h.ModTime = time.Date(2019, 1, 2, 3, 4, 5, 0, time.UTC)
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if h.Size > 0 {
			t.Write([]byte("file"))
		}
	}
	return t.Close()
}

// foretoldCases are Dockerfiles after their "FROM scratch".
var foretoldCases = []string{
	"COPY a /", "COPY a /b", "COPY a b /d/", "COPY a b /d", "COPY a /x/y/z", "COPY a /x/y/z/", "COPY a .", "COPY a x/", "WORKDIR /w/v\nCOPY a .", "WORKDIR /w\nWORKDIR v\nCOPY a x\nCOPY b ../up/",
	"COPY dir /d", "COPY dir /d/", "COPY dir/ /d", "COPY dir/. /d/.", "COPY dir /", "COPY dir other /d/", "COPY dir/sub /p/q", "COPY . .", "COPY . /app", "COPY . /app/\nCOPY . /app/",
	"COPY *.go /d/", "COPY *.go *.md /d/", "COPY d*/x /d/", "COPY */x /d/", "COPY tree/*/src/main.go /d/", "COPY nope* a /d/", "COPY nope* /d/", "COPY [ab] /d/", "COPY tree/* /d/", "COPY d?r /d/",
	"COPY [\"[[]odd]/q*\", \"/d/\"]", "COPY [\"sp ace\", \"/s p/\"]", "COPY Ünï* /d/", "COPY **/x /d/", "COPY dir/** /d/", "COPY [ /d/", "COPY a[ /d/",
	"COPY missing /d/", "COPY dir/missing /d", "COPY a missing /d/", "COPY dangling /d/", "COPY loop /d/", "COPY a/b /d/", "COPY ignored/secret /d/", "COPY x.log /d/", "COPY ignored /d", "COPY missing/* /d/",
	"COPY filelink /d/", "COPY filelink /d", "COPY dirlink /d", "COPY dirlink/sub /d/", "COPY abslink /d/", "COPY outlink /d/", "COPY dir/uplink /d/", "COPY *link /d/", "COPY dirlink/* /d/", "COPY links /d/",
	"COPY hard /d/", "COPY hard/m hardtop /d/", "COPY . /d/", "COPY hard /d/\nCOPY hard/m /d/m", "COPY void /d", "COPY void /d/", "COPY void a /d/", "COPY void /d\nCOPY void /d",
	"COPY empty setuid exec secret big /d/", "COPY sticky /d", "COPY sticky /", "COPY sticky /d/\nCOPY dir /d/", "COPY dir /d/\nCOPY other /d/", "COPY other /d/\nCOPY dir /d/", "COPY a /d\nCOPY dir /d", "COPY dir /d\nCOPY a /d",
	"COPY dir /d\nCOPY clash/a /d/x", "COPY dir /d\nCOPY clash /d", "COPY a /d/a\nCOPY clash /d", "COPY clash /d\nCOPY a /d/", "COPY a /d\nCOPY b /d/", "COPY a /d\nCOPY b /d/e", "COPY a /d\nCOPY a /d", "COPY a /d\nCOPY b /d",
	"COPY links /\nCOPY a /abs/", "COPY links /\nCOPY a /rel/", "COPY links /\nCOPY a /rel", "COPY links /\nCOPY dir /rel", "COPY links /\nCOPY a /rel/x/y", "COPY links /\nCOPY a /dangling", "COPY links /\nCOPY a /dangling/", "COPY links /\nCOPY dir /dangling",
	"COPY links /l\nCOPY dir /l\nCOPY dirlink /l/rel", "COPY links /l/\nCOPY other /l/rel/", "COPY loop* /d/", "COPY dir /d\nCOPY filelink dir/uplink /d/",
	"COPY --chown=5 dir /d/e/", "COPY --chown=5:6 dir a /d/", "COPY --chown=:6 a /d/", "COPY --chown=5: a /d/", "COPY passwd group /etc/\nCOPY --chown=app a /d/", "COPY passwd group /etc/\nCOPY --chown=app:staff dir /d/", "COPY passwd group /etc/\nCOPY --chown=nobody:none a /d/",
	"COPY passwd group /etc/\nCOPY --chown=5:staff a /d/", "COPY --chown=root a /d/", "COPY --chown=app a /d/", "COPY --chown=7:7 links /d/", "COPY dir /d\nCOPY --chown=5 dir /d", "COPY dir /d\nCOPY --chown=5 dir/sub /d/sub",
	"COPY --chmod=640 dir /d/e/", "COPY --chmod=4755 a /d/e", "COPY --chmod=07777 dir /d/", "COPY --chmod=u+x a /d/e", "COPY --chmod=go=u-w,a+X dir /d/e/", "COPY --chmod=u=rwX,go=rX dir a /d/", "COPY --chmod=+t,g+s dir /d/", "COPY --chmod=8 a /d/", "COPY --chmod=rw a /d/",
	"COPY --chmod=600 links /d/", "COPY dir /d\nCOPY --chmod=700 dir /d", "COPY dir /d\nCOPY --chmod=700 other /d", "COPY --chmod=755 --chown=3:4 a /p/q/r", "COPY --chmod=0 a /p/q", "COPY --chmod=a-r setuid /p/",
	"COPY --link a /d/e/", "COPY --link dir /d", "COPY dir /d\nCOPY --link other /d", "COPY links /\nCOPY --link a /rel/", "COPY --link --chown=5:6 a /d/", "COPY --link --chown=app a /d/", "COPY links /\nCOPY --link --chmod=600 a /rel/", "COPY a /d\nCOPY --link a /d", "COPY --link a /", "COPY --link . /app",
	"COPY --parents dir/sub/z /d/", "COPY --parents dir/sub /d/", "COPY --parents dir/sub/deep/w.md a /d/", "COPY --parents tree/*/src /d/", "COPY --parents tree/**/*.go /d/", "COPY --parents ./tree/./p1/src /d/", "COPY --parents tree/./*/src/main.go /d/", "COPY --parents dir /d",
	"COPY --parents missing /d/", "COPY --parents miss*ing /d/", "COPY --parents **/*.md /d/", "COPY dir /d/dir\nCOPY --parents dir/sub/z /d/", "COPY --parents --chmod=600 --chown=3 dir/sub/z /d/", "COPY --parents dirlink/x /d/", "COPY --parents dirlink /d/", "COPY --parents tree/./p1 tree/./p2/src /d/",
	"COPY --parents dir/sub/z /d\nCOPY --parents --chmod=711 dir/sub/z /d", "COPY --parents --link dir/sub/z /d/", "COPY --parents miss/./x /d/", "COPY --parents dirlink/./x /d/", "COPY --parents dirlink/sub/./z /d/", "COPY --parents dangling /d/", "COPY --parents d*g /d/", "COPY --parents dir/./. /d/", "COPY --parents links /d/", "COPY --parents --exclude=dir dir/x /d/", "COPY --parents --exclude=*.md dir /d/",
	"COPY --exclude=x missing /d/", "COPY --exclude=d* --exclude=loop* . /d/", "COPY --exclude=x links /d/", "COPY --exclude=x dirlink /d/", "COPY --exclude=x dangling /d/", "COPY --exclude=x link[s] /d/", "COPY --exclude=sub d[i]r /d/", "COPY --parents . /d/", "COPY --parents ./ /d/", "COPY --parents dir/ /d/",
	"COPY --exclude=*.md dir /d/", "COPY --exclude=**/*.md dir /d/", "COPY --exclude=sub dir /d/", "COPY --exclude=*.md *.md a /d/", "COPY --exclude=* --exclude=!x dir /d/", "COPY --exclude=** --exclude=!sub/z dir /d/", "COPY --exclude=sub/deep --exclude=.* dir /d/", "COPY --exclude=* dir /d/", "COPY --exclude=a a /d/",
	"COPY --parents --exclude=**/x tree /d/", "COPY --exclude=p1 tree /d/", "COPY --exclude=[ tree /d/", "COPY --exclude=dir . /d/", "ADD --exclude=*.md dir /d/",
	"COPY <<f /d/\nhello\nf", "COPY <<f <<g /d/\nhello\nf\nworld\ng", "COPY <<f /d/name\nhello\nf", "COPY --chmod=755 --chown=4 <<f a /d/\nhello\nf", "COPY <<f /\nf", "COPY --link <<f /d/\nhi\nf", "ADD <<f /d/\nhi\nf", "COPY dir /d\nCOPY <<f /d/x\nhello\nf", "COPY dir /d\nCOPY <<f /d/sub\nhello\nf",
	"ADD a /d/", "ADD plain.tar /d/", "ADD plain.tar /d", "ADD plain.tar /", "ADD zipped /d/", "ADD t.tar.zst /d/", "ADD fake.tar /d/", "ADD void.tar /d/", "ADD tarlink /d/", "ADD --chown=5:6 plain.tar /d/", "ADD --chmod=600 plain.tar /d/", "ADD --unpack=false plain.tar /d/", "ADD empty plain.tar /d/", "COPY plain.tar /d/",
	"COPY dir /d\nADD plain.tar /d", "COPY dir /d/arch\nADD plain.tar /d", "COPY a /d/arch\nADD plain.tar /d", "COPY dir /d/x\nADD plain.tar /d", "COPY links /\nADD plain.tar /rel", "ADD *.tar /d/", "ADD --link plain.tar /d/", "COPY a /d\nADD plain.tar /d", "ADD plain.tar /d\nADD plain.tar /d",
	"WORKDIR /", "WORKDIR /a/b", "WORKDIR a\nWORKDIR b", "USER 5:6\nWORKDIR /x/y", "COPY passwd group /etc/\nUSER app\nWORKDIR /x", "COPY a /x\nWORKDIR /x", "COPY links /\nWORKDIR /rel/x", "WORKDIR /x\nWORKDIR /x", "COPY dir /d\nWORKDIR /d/sub/new",
	"COPY xattr /d/", "COPY xattr /d/\nCOPY xattr /e/", "COPY . /\nCOPY . /", "COPY --chown=3 . /\nCOPY . /", "COPY sticky/pipe /d/",
	"COPY a /x\nFROM scratch\nCOPY --from=0 / /", "COPY hard /h\nCOPY --chown=4:5 dir /d\nFROM scratch\nCOPY --from=0 /h /h2\nCOPY --from=0 /d/ /e/\nCOPY --from=0 --chown=9 /d/sub /f/", "COPY links /\nCOPY dir /target/\nFROM scratch\nCOPY --from=0 /rel /d", "COPY xattr /d/\nFROM scratch\nCOPY --from=0 /d/xattr /e/",
	"COPY a /x\nFROM scratch\nCOPY --from=0 /missing /", "ADD plain.tar /d\nFROM scratch\nCOPY --from=0 /d/ /e/\nCOPY --from=0 --chown=3 /d/able /f/", "COPY a /x\nFROM scratch\nCOPY --from=0 [ /", "COPY a /x\nFROM scratch\nCOPY --from=0 [x] /d/", "WORKDIR /w\nCOPY a .\nFROM scratch\nCOPY --from=0 w /", "COPY sticky /s\nFROM scratch\nCOPY --from=0 /s /s",
}

// What a COPY is foretold to bring is what BuildKit then makes of it, and
// where it is foretold to fail it fails. Left out are the times of what the
// build makes itself.
func TestTheForetoldLayerIsTheLayerThatBuildKitMakes(t *testing.T) {
	c := buildkit(t)
	dir := foretoldContext(t)
	for _, lines := range foretoldCases {
		t.Run(strings.ReplaceAll(lines, "\n", "; "), func(t *testing.T) {
			at := time.Now().UnixNano()
			dockerfile := "FROM scratch\n" + lines + "\n"
			got, err := foretell(t, dir, dockerfile, at)
			want, truth := truly(t, c, dir, dockerfile)
			switch {
			case err == nil && truth == nil:
				same(t, got, want)
			case err == nil || truth == nil:
				t.Errorf("got the error %v, want %v", err, truth)
			case !agrees(err, truth):
				t.Errorf("got the error\n  %v\nwant a part of\n  %v", err, truth)
			}
		})
	}
}
