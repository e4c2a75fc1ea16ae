//go:build linux

package builder_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// TestOrdinaryUsersBuildTheSame runs the cases as an ordinary user with
// subordinate IDs, and as one without. Only root can become either.
func TestOrdinaryUsersBuildTheSame(t *testing.T) {
	enginetest.Long(t)
	for _, u := range []struct {
		name string
		find func() *user.User
		env  string
	}{
		{"subordinate IDs", userWithRange, ""},
		{"single ID", userWithout, singleID + "=1"},
	} {
		t.Run(u.name, func(t *testing.T) {
			if os.Getuid() != 0 {
				t.Skip("only root can become another user")
			}
			who := u.find()
			if who == nil {
				t.Skipf("no ordinary user with %s here", u.name)
			}
			runAs(t, who, u.env, "^TestEveryEngineBuildsTheSame$/^embedded$")
		})
	}
}

// runAs runs tests of this binary as another user, who must be able to reach it.
func runAs(t *testing.T, who *user.User, env, tests string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "imgtui-user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what the engine left is of other users
	uid, gid := number(t, who.Uid), number(t, who.Gid)
	binary := filepath.Join(dir, "tests")
	copyFile(t, "/proc/self/exe", binary)
	for _, path := range []string{dir, binary} {
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.run", tests, "-test.v")
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "TMPDIR=" + dir, "PATH=" + os.Getenv("PATH"), "IMGTUI_TEST_EMBEDDED=1", env}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	out, err := cmd.CombinedOutput()
	said := string(out)
	if err != nil {
		t.Fatalf("as %s: %v\n%s", who.Username, err, said)
	}
	passed, skipped := strings.Count(said, "--- PASS"), strings.Count(said, "--- SKIP")
	t.Logf("as %s: %d passed, %d skipped", who.Username, passed, skipped)
	if passed < 20 {
		t.Errorf("as %s only %d passed:\n%s", who.Username, passed, said)
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	r, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// userWithRange finds a user that has subordinate IDs.
func userWithRange() *user.User {
	if _, err := exec.LookPath("newuidmap"); err != nil {
		return nil
	}
	for name := range ranges() {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			return u
		}
	}
	return nil
}

// userWithout is one that has none: there is such a one everywhere.
func userWithout() *user.User {
	u, err := user.Lookup("nobody")
	if err != nil || ranges()["nobody"] {
		return nil
	}
	return u
}

func ranges() map[string]bool {
	all := map[string]bool{}
	f, err := os.Open("/etc/subuid")
	if err != nil {
		return all
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		name, _, _ := strings.Cut(s.Text(), ":")
		all[name] = true
	}
	return all
}
