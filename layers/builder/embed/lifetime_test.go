//go:build linux && !noembed

package embed_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// gone waits until a process is no more.
func gone(t testing.TB, pid int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || zombie(pid) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(b, []byte(") Z "))
}

func dial(t testing.TB, dir string) net.Conn {
	t.Helper()
	c, err := embed.Dial(t.Context(), embed.Options{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOneEngineIsSharedAndEndsWithItsLastClient(t *testing.T) {
	supported(t)
	dir := folder(t)
	first := dial(t, dir)
	info, err := embed.Describe(t.Context(), embed.Options{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	second := dial(t, dir)
	first.Close()
	again, err := embed.Describe(t.Context(), embed.Options{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if again.PID != info.PID {
		t.Errorf("process %d answers after %d did, want the same", again.PID, info.PID)
	}
	second.Close()
	gone(t, info.PID)
	if _, err := os.Stat(filepath.Join(dir, "socket")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

// TestEnginesFollowEachOther: a client that comes while an engine ends gets another.
func TestEnginesFollowEachOther(t *testing.T) {
	supported(t)
	dir := folder(t)
	for range 20 {
		dial(t, dir).Close()
	}
}

func TestManyStartAtOnce(t *testing.T) {
	supported(t)
	dir := folder(t)
	pids := make(chan int)
	const clients = 12
	for range clients {
		go func() {
			info, err := embed.Describe(t.Context(), embed.Options{StateDir: dir})
			if err != nil {
				t.Error(err)
			}
			pids <- info.PID
		}()
	}
	for range clients {
		if pid := <-pids; pid == 0 {
			t.Error("an engine without a process answered")
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	supported(t)
	for _, c := range []struct {
		o    embed.Options
		want string
	}{
		{embed.Options{StateDir: folder(t), Runtime: "docker"}, `runtime "docker" is not known: it is runc or crun, or none for the own one`},
		{embed.Options{StateDir: "/proc/none/here"}, "no such file or directory"},
	} {
		if _, err := embed.Describe(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: got %v, want one line with %q", c.o, err, c.want)
		}
	}
}

func TestDescribeTellsWhatIsMissing(t *testing.T) {
	supported(t)
	info, err := embed.Describe(t.Context(), embed.Options{StateDir: folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", info)
	if info.BuildKit == "" || info.Executor != "own" || info.Snapshotter == "" || info.StateDir == "" || info.PID == 0 {
		t.Errorf("got %+v, want all of it said", info)
	}
	for _, m := range info.Missing {
		if m.What == "" || m.Why == "" {
			t.Errorf("got %+v, want what is missing and why", m)
		}
	}
}

// A client is another process of this test binary, which builds until it is killed.
const clientOf = "IMGTUI_TEST_CLIENT_OF"

// TestClient is that process.
func TestClient(t *testing.T) {
	dir := os.Getenv(clientOf)
	if dir == "" {
		t.Skip("only a part of other tests")
	}
	e, pid := running(t, embed.Options{StateDir: dir})
	fmt.Printf("engine %d\n", pid)
	base := bases(t)
	for n := range 100 {
		text := fmt.Sprintf("FROM box\nRUN --mount=type=tmpfs,target=/t echo %d >/t/x; echo %[1]d >/f\nRUN --mount=type=cache,target=/c sleep 0.1; echo >>/c/f\nRUN sleep 600 & sleep 0.2\n", n)
		if _, err := e.Run(t, enginetest.Job{Text: text, Bases: base}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("built")
	}
}

// startClient starts one and returns it, its engine's process and what it prints.
func startClient(t *testing.T, dir string) (*exec.Cmd, int, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run", "^TestClient$")
	cmd.Env = append(os.Environ(), clientOf+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "engine "); ok {
			pid, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			return cmd, pid, lines
		}
	}
	t.Fatal("the client told of no engine")
	return nil, 0, nil
}

// traces are what could be left of an engine: processes that have its namespaces,
// mounts below its folder, cgroups, locks that are held.
func traces(t *testing.T, dir string, namespaces []string) (all []string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/ns/mnt")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		if ns, err := os.Readlink(p); err == nil && slices.Contains(namespaces, ns) {
			all = append(all, "process "+p)
		}
		cmd, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(p)), "cmdline"))
		if bytes.HasPrefix(cmd, []byte("imgtui-step")) {
			all = append(all, "process "+p+" "+string(cmd))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, dir) {
			all = append(all, "mount "+line)
		}
	}
	groups, err := filepath.Glob("/sys/fs/cgroup/*/imgtui-*")
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, groups...)
	for _, name := range []string{"lock", "start.lock"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			all = append(all, "lock "+name)
		}
		f.Close()
	}
	return all
}

// settle waits for the traces of what was killed to go.
func settle(t *testing.T, dir string, namespaces []string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left := traces(t, dir, namespaces)
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("left over:\n%s", strings.Join(left, "\n"))
		}
	}
}

// TestNothingIsLeftOfWhatIsKilled kills clients, and engines, at moments of their
// builds that are not chosen. The next start works, and what was built is sound.
func TestNothingIsLeftOfWhatIsKilled(t *testing.T) {
	enginetest.Long(t)
	supported(t)

	for _, who := range []string{"client", "engine", "both"} {
		t.Run(who, func(t *testing.T) {
			dir := folder(t)
			for range 20 {
				cmd, pid, lines := startClient(t, dir)
				ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for lines.Scan() { // or it would stand still
					}
				}()
				time.Sleep(rand.N(900 * time.Millisecond))
				if who != "client" {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
				if who != "engine" {
					_ = cmd.Process.Kill()
				}
				if who == "engine" {
					// Its client is told, or starts another engine for what comes next.
					time.Sleep(20 * time.Millisecond)
					_ = cmd.Process.Kill()
				}
				_ = cmd.Wait()
				settle(t, dir, []string{ns})
			}
			sound(t, dir)
		})
	}
}

// sound builds with what an engine left, and asks it what it has.
func sound(t *testing.T, dir string) {
	t.Helper()
	e := engine(t, embed.Options{StateDir: dir})
	job := enginetest.Job{Text: "FROM box\nRUN echo sound >/f\n", Bases: bases(t)}
	o := e.Build(t, job)
	tree := enginetest.TreeOf(t, o.Image)
	if !strings.HasPrefix(tree["/f"], "00644 0:0 6 ") {
		t.Errorf("got %q for /f, want a file of 6 bytes", tree["/f"])
	}
	if _, err := e.DiskUsage(t.Context()); err != nil {
		t.Errorf("disk usage: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "tmp/*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("temporary files are left: %q", left)
	}
}

func TestCancelEndsAStepAtOnce(t *testing.T) {
	e := engine(t, embed.Options{})
	base := bases(t)
	for _, text := range []string{
		"FROM box\nRUN trap '' TERM INT; sleep 600\n",
		"FROM box\nRUN sleep 600 & sleep 600\n",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		r, w := io.Pipe()
		go func() {
			_, err := e.RunWith(ctx, t, enginetest.Job{Text: strings.Replace(text, "RUN ", "RUN echo started; ", 1), Bases: base}, w)
			w.CloseWithError(io.EOF)
			ended <- err
		}()
		s := bufio.NewScanner(r)
		for s.Scan() && !strings.Contains(s.Text(), "started") {
		}
		go func() { _, _ = io.Copy(io.Discard, r) }()
		start := time.Now()
		cancel()
		if err := <-ended; err == nil {
			t.Error("a build that was cancelled ended well")
		}
		t.Logf("cancelled in %v", time.Since(start))
	}
}
