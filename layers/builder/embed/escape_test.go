//go:build linux && !noembed

package embed_test

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// attacks are the ways out that testdata/attacktest knows. Each is tried in a step.
var attacks = []string{
	"chroot", "chdir-above", "proc-root", "mknod", "mount", "remount", "new-mount-api", "ptrace", "setns", "pidfd", "user-namespace", "namespaces",
	"keyring", "raw-socket", "cgroup-release-agent", "signal", "file-handles", "open-files", "kernel", "io-ports", "proc-sys",
	"masked-paths", "memory-of-others", "file-capabilities", "raise-capabilities", "sockets-by-path",
}

// arena is a step's surroundings: a file and a process of the host's that it
// must not reach.
type arena struct {
	engine *enginetest.Engine
	dir    string
	marker string
	victim *exec.Cmd
	binary []byte
}

func newArena(t *testing.T) *arena {
	t.Helper()
	enginetest.Long(t)
	if runtime.GOARCH != "amd64" {
		t.Skip("the attacks are written for amd64")
	}
	supported(t)
	dir := folder(t)
	a := &arena{dir: dir, marker: filepath.Join(dir, "marker"), engine: engine(t, embed.Options{StateDir: filepath.Join(dir, "state")})}
	enginetest.Write(t, dir, map[string]string{"marker": "of the host\n"})
	a.binary = attackProgram(t)
	a.victim = exec.Command("sleep", "600")
	if err := a.victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.victim.Process.Kill(); _ = a.victim.Wait() })
	return a
}

// attackFile names a program that is there already, for users who have no compiler.
const attackFile = "IMGTUI_TEST_ATTACK"

func attackProgram(t *testing.T) []byte {
	t.Helper()
	path := os.Getenv(attackFile)
	if path == "" {
		path = filepath.Join(folder(t), "attack")
		cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./testdata/attacktest")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("no attack without a compiler: %v\n%s", err, out)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bases are with the attacker in it.
func (a *arena) bases(t *testing.T, more ...enginetest.Entry) map[string]v1.Image {
	t.Helper()
	attacker := enginetest.Entry{Header: tar.Header{Name: "attack", Typeflag: tar.TypeReg, Mode: 0o755}, Body: a.binary}
	return map[string]v1.Image{box: enginetest.Busybox(t, v1.Config{Env: []string{"PATH=/bin"}}, append(more, attacker)...)}
}

// lives tells whether the victim does.
func (a *arena) lives() bool {
	return syscall.Kill(a.victim.Process.Pid, 0) == nil && !zombie(a.victim.Process.Pid)
}

func TestNoStepGetsOut(t *testing.T) {
	a := newArena(t)
	bases := a.bases(t)
	for _, name := range attacks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := fmt.Sprintf("/attack %s %s %d", name, a.marker, a.victim.Process.Pid)
			for _, how := range []string{
				"--mount=type=tmpfs,target=/tmpfs --mount=type=cache,target=/cache --mount=type=bind,target=/bind,rw",
				"--network=none",
			} {
				if name == "raw-socket" && strings.Contains(how, "none") {
					continue // in a network of its own a step may
				}
				o, err := a.engine.Run(t, enginetest.Job{Text: fmt.Sprintf("FROM box\nRUN %s %s\n", how, run), Bases: bases})
				if err != nil {
					t.Fatalf("%v\n%s", err, o.Log)
				}
				if !strings.Contains(o.Log, "held: ") || strings.Contains(o.Log, "ESCAPED") {
					t.Errorf("%s: got %q, want it held", how, o.Log)
				} else if testing.Verbose() {
					t.Logf("%.300s", o.Log)
				}
			}
			if !a.lives() {
				t.Error("a process of the host was killed")
			}
		})
	}
}

// TestUsersInAStepGetNoFurther: what root in a step cannot, its users cannot.
func TestUsersInAStepGetNoFurther(t *testing.T) {
	a := newArena(t)
	bases := a.bases(t)
	for _, name := range []string{"proc-root", "mount", "ptrace", "user-namespace", "raw-socket", "raise-capabilities", "signal", "proc-sys"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := a.engine.Run(t, enginetest.Job{Text: fmt.Sprintf("FROM box\nUSER app\nRUN /attack %s %s %d\n", name, a.marker, a.victim.Process.Pid), Bases: bases})
			if err != nil || !strings.Contains(o.Log, "held: ") || strings.Contains(o.Log, "ESCAPED") {
				t.Errorf("got %v %q, want it held", err, o.Log)
			}
		})
	}
}

func TestAbstractSocketsOfTheHostAreOutOfReach(t *testing.T) {
	a := newArena(t)
	if !landlocked() {
		t.Skip("the kernel's Landlock cannot keep sockets apart")
	}
	name := fmt.Sprint("imgtui-test-", os.Getpid())
	l, err := net.Listen("unix", "@"+name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", "@"+name)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	o, err := a.engine.Run(t, enginetest.Job{Text: "FROM box\nRUN /attack abstract-socket " + name + " 1\n", Bases: a.bases(t)})
	if err != nil || !strings.Contains(o.Log, "held: ") {
		t.Errorf("got %v %q, want it held", err, o.Log)
	}
}

// TestLinksOfAnImageLeadNowhere: where mounts go, and what is written before a
// step starts, an image's links must not choose.
func TestLinksOfAnImageLeadNowhere(t *testing.T) {
	a := newArena(t)
	outside := filepath.Join(a.dir, "outside")
	if err := os.Mkdir(outside, 0o777); err != nil {
		t.Fatal(err)
	}
	up := strings.Repeat("../", 20) + strings.TrimPrefix(outside, "/")
	link := func(name, target string) enginetest.Entry {
		return enginetest.Entry{Header: tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}}
	}
	for _, c := range []struct {
		name string
		base []enginetest.Entry
		text string
	}{
		{"dev", []enginetest.Entry{link("dev", outside)}, "RUN echo >/dev/x; ls -la /dev"},
		{"dev by dots", []enginetest.Entry{link("dev", up)}, "RUN echo >/dev/x"},
		{"proc", []enginetest.Entry{link("proc", outside)}, "RUN echo >/proc/x"},
		{"sys", []enginetest.Entry{link("sys", up)}, "RUN true"},
		{"resolv.conf", []enginetest.Entry{link("etc/resolv.conf", outside+"/resolv.conf")}, "RUN true"},
		{"hosts", []enginetest.Entry{link("etc/hosts", up+"/hosts")}, "RUN true"},
		{"mount", []enginetest.Entry{link("in", outside)}, "RUN --mount=type=tmpfs,target=/in/deep/er touch /in/x"},
		{"mount by dots", nil, "RUN --mount=type=tmpfs,target=/../../../../.." + outside + "/t touch " + outside + "/t/x"},
		{"cache", []enginetest.Entry{link("in", up)}, "RUN --mount=type=cache,target=/in touch /in/x"},
		{"secret", []enginetest.Entry{link("run", outside)}, "RUN --mount=type=secret,id=s cat /run/secrets/s"},
		{"workdir", []enginetest.Entry{link("in", outside)}, "WORKDIR /in/made\nRUN touch here"},
		{"copy", []enginetest.Entry{link("in", outside)}, "COPY f /in/f"},
		{"copy by dots", []enginetest.Entry{link("in", up)}, "COPY f /in/deep/f"},
		{"copy over a link", []enginetest.Entry{link("in", outside+"/f")}, "COPY f /in"},
		{"copy a folder", []enginetest.Entry{link("in", outside)}, "COPY . /in"},
		{"add", []enginetest.Entry{link("in", outside)}, "ADD t.tar /in/"},
		{"copy from", []enginetest.Entry{link("in", a.marker)}, "RUN mkdir /d && ln -s " + a.marker + " /d/l\nFROM box\nCOPY --from=0 /in /got\nCOPY --from=0 /d/l /got2\nRUN ! grep -r 'of the host' /got /got2"},
		{"passwd", []enginetest.Entry{link("etc/passwd", a.marker), link("etc/group", a.marker)}, "USER app\nRUN true"},
		{"workdir of an open file", nil, "WORKDIR /proc/self/fd/7\nRUN cat ../../../../../../.." + a.marker},
		{"exec of an open file", nil, "RUN [\"/proc/self/fd/3\"]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			job := enginetest.Job{
				Text: "FROM box\n" + c.text + "\n", Bases: a.bases(t, c.base...), Secrets: map[string]string{"s": "x"},
				Context: map[string]string{"f": "from the context\n", "t.tar": string(enginetest.Tar(t, enginetest.File("unpacked", 0o644, "x")))},
			}
			o, err := a.engine.Run(t, job) // it may be refused
			if strings.Contains(o.Log, "of the host") {
				t.Errorf("a file of the host was read: %q, %v", o.Log, err)
			}
			if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
				t.Errorf("%v is in a folder of the host (%v)", left, err)
			}
			if b, err := os.ReadFile(a.marker); err != nil || string(b) != "of the host\n" {
				t.Errorf("the host's file is %q (%v)", b, err)
			}
		})
	}
}

// TestACacheThatIsSwappedLeadsNowhere: a step exchanges a folder of a cache for a
// link while others mount what lies below it.
func TestACacheThatIsSwappedLeadsNowhere(t *testing.T) {
	a := newArena(t)
	bases := a.bases(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		swap := "mkdir -p /c/d /c/real; for i in $(seq 1 400); do rm -rf /c/d; ln -s " + a.dir + " /c/d; rm /c/d; ln -s /etc /c/d; rm /c/d; mkdir /c/d; done"
		if o, err := a.engine.Run(t, enginetest.Job{Text: "FROM box\nRUN --mount=type=cache,target=/c,id=race " + swap + "\n", Bases: bases}); err != nil {
			t.Errorf("%v\n%s", err, o.Log)
		}
	}()
	for n := 0; ; n++ {
		select {
		case <-done:
			if n == 0 {
				t.Error("no mount was tried")
			}
			return
		default:
		}
		o, _ := a.engine.Run(t, enginetest.Job{Text: fmt.Sprintf("FROM box\nRUN --mount=type=cache,target=/x,id=race,source=d echo %d; cat /x/marker /x/shadow; true\n", n), Bases: bases})
		if strings.Contains(o.Log, "of the host") || strings.Contains(o.Log, "root:") {
			t.Fatalf("a file of the host was read: %q", o.Log)
		}
	}
}

// TestASecretIsNotLeft looks for a secret in later steps, in the image, in what
// the engine keeps and in what it logs.
func TestASecretIsNotLeft(t *testing.T) {
	enginetest.Long(t)
	supported(t)
	for _, runtime := range []string{"", "runc"} {
		t.Run("runtime "+runtime, func(t *testing.T) {
			if _, err := exec.LookPath("runc"); runtime != "" && err != nil {
				t.Skip("no runc")
			}
			if info, err := embed.Describe(t.Context(), embed.Options{StateDir: folder(t)}); runtime != "" && (err != nil || info.Rootless == "single ID") {
				t.Skip("runc needs more than one ID: ", err)
			}
			const secret = "correct-horse-battery-staple"
			dir := folder(t)
			e, pid := running(t, embed.Options{StateDir: dir, Runtime: runtime})
			o := e.Build(t, enginetest.Job{
				Text: `FROM box
RUN --mount=type=secret,id=s test -s /run/secrets/s
RUN --mount=type=secret,id=s,env=S test -n "$S"
RUN --mount=type=secret,id=s,target=/root/.netrc,mode=0400 test -s /root/.netrc
RUN --mount=type=cache,target=/c --mount=type=secret,id=s,target=/c/s wc -c /c/s
RUN ! grep -rq correct-horse / --exclude-dir=proc --exclude-dir=sys 2>/dev/null; env
RUN --mount=type=cache,target=/c ls -la /c; cat /c/* || true
`, Bases: bases(t), Secrets: map[string]string{"s": secret},
			})
			if strings.Contains(o.Log, secret) {
				t.Errorf("the secret is in the log: %q", o.Log)
			}
			_, err := e.Run(t, enginetest.Job{
				Text:  "FROM box\nRUN --mount=type=secret,id=s,env=S --mount=type=secret,id=s false\n",
				Bases: bases(t), Secrets: map[string]string{"s": secret},
			})
			if err == nil || strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("got error %+v, want one without the secret", err)
			}
			if found := grep(t, dir, secret); len(found) > 0 {
				t.Errorf("the secret is in %q while the engine runs", found)
			}
			e.Close()
			gone(t, pid)
			if found := grep(t, dir, secret); len(found) > 0 {
				t.Errorf("the secret is in %q", found)
			}
		})
	}
}

// grep finds the files that hold a text.
func grep(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // gone meanwhile
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(text)) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTheBinaryCannotBeReplaced: a step that is this binary, by the kernel's link
// to it, finds it where nothing can be written.
func TestTheBinaryCannotBeReplaced(t *testing.T) {
	enginetest.Long(t)
	supported(t)
	dir := folder(t)
	e, pid := running(t, embed.Options{StateDir: dir})
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(` ` + regexp.QuoteMeta(dir) + `/self ro[, ]`).Match(mounts) {
		t.Errorf("%s/self is no mount that is read-only:\n%s", dir, mounts)
	}
	if dynamic(t) {
		return // it cannot run in a step, where its libraries are not
	}
	o, err := e.Run(t, enginetest.Job{Text: "FROM box\nRUN [\"/proc/self/exe\", \"-test.run=^TestSelfIsReadOnly$\", \"-test.v\"]\n", Bases: bases(t)})
	if err != nil || !strings.Contains(o.Log, "read-only: true") {
		t.Errorf("got %v\n%s\nwant the binary on a mount that is read-only", err, o.Log)
	}
}

func dynamic(t *testing.T) bool {
	t.Helper()
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Section(".interp") != nil
}

// TestSelfIsReadOnly is that step.
func TestSelfIsReadOnly(t *testing.T) {
	if os.Args[0] != "/proc/self/exe" {
		t.Skip("only a part of another test")
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs("/proc/self/exe", &s); err != nil {
		t.Fatal(err)
	}
	fmt.Println("read-only:", s.Flags&1 != 0) // ST_RDONLY
}

// landlocked tells whether the kernel keeps abstract sockets apart.
func landlocked() bool {
	v, _, e := syscall.RawSyscall(444, 0, 0, 1) // landlock_create_ruleset: its version
	return e == 0 && v >= 6
}
