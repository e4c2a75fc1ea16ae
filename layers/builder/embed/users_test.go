//go:build linux && !noembed

package embed_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// TestNoStepOfAnOrdinaryUserGetsOut tries the same as an ordinary user with
// subordinate IDs, and as one without. Only root can become either.
func TestNoStepOfAnOrdinaryUserGetsOut(t *testing.T) {
	enginetest.Long(t)
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	attack := attackProgram(t)
	for _, c := range []struct {
		name   string
		who    *user.User
		hidden bool // a part of /proc is, as in a container: no other can be mounted
	}{
		{"subordinate IDs", withRange(), false},
		{"single ID", without(), false},
		{"no PID namespace", withRange(), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.who == nil {
				t.Skipf("no ordinary user with %s here", c.name)
			}
			said := runAs(t, c.who, c.hidden, attack, "^(TestNoStepGetsOut|TestLinksOfAnImageLeadNowhere|TestASecretIsNotLeft|TestDescribe.*|TestOneEngine.*|TestTheBinary.*|TestAbstract.*|TestCancel.*|TestAShell.*|TestMore.*)$")
			passed := strings.Count(said, "--- PASS")
			if passed < len(attacks) {
				t.Errorf("as %s only %d passed:\n%s", c.who.Username, passed, said)
			}
			if sandbox := strings.Contains(said, "Sandbox:true"); sandbox == c.hidden {
				t.Errorf("a process sandbox: %v", sandbox)
			}
			t.Logf("as %s: %d passed, %d skipped", c.who.Username, passed, strings.Count(said, "--- SKIP"))
		})
	}
}

// runAs runs tests of this binary as another user, and returns what they print.
func runAs(t *testing.T, who *user.User, hidden bool, attack []byte, tests string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "imgtui-user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what the engine left is of other users
	uid, gid := number(t, who.Uid), number(t, who.Gid)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"tests": self, "attack": attack} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "tests"), "-test.run", tests, "-test.v")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if hidden {
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Skip("no setpriv")
		}
		become := fmt.Sprintf("mount -t tmpfs tmpfs /proc/acpi && exec setpriv --reuid=%d --regid=%d --clear-groups \"$@\"", uid, gid)
		cmd = exec.CommandContext(t.Context(), "sh", append([]string{"-c", become, "sh"}, cmd.Args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "TMPDIR=" + dir, "PATH=" + os.Getenv("PATH"), "IMGTUI_TEST_EMBEDDED=1", attackFile + "=" + filepath.Join(dir, "attack")}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as %s: %v\n%s", who.Username, err, out)
	}
	return string(out)
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// withRange finds a user that has subordinate IDs.
func withRange() *user.User {
	if _, err := exec.LookPath("newuidmap"); err != nil {
		return nil
	}
	for _, name := range ranges() {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			return u
		}
	}
	return nil
}

// without is a user that has none.
func without() *user.User {
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil
	}
	if slices.Contains(ranges(), u.Username) {
		return nil
	}
	return u
}

func ranges() (names []string) {
	f, err := os.Open("/etc/subuid")
	if err != nil {
		return nil
	}
	defer f.Close()
	for s := bufio.NewScanner(io.LimitReader(f, 1<<20)); s.Scan(); {
		name, _, _ := strings.Cut(s.Text(), ":")
		names = append(names, name)
	}
	return names
}
