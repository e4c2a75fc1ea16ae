//go:build linux && !noembed

package embed

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
)

// An engine does not wait for the disk: what it keeps is a cache, and waiting
// takes most of the time of a short step. While the machine runs nothing is lost
// by that, however the engine ends. If the machine stops first, what lies on the
// disk may be half a cache that looks like a whole one; so there is a mark while
// anything is not written out, and a mark that an earlier run of the machine left
// has the cache thrown away.

// markName is the file of the mark: the run of the machine, and the engine.
const markName = "unwritten"

// syncCalls wait for the disk, for a file each. syncfs does still.
var syncCalls = []string{"fsync", "fdatasync"}

// mark is what an engine leaves where its state may not be written out.
type mark struct {
	dir  *os.File // the state folder
	path string
	text []byte
}

// newMark checks the mark that is there, and puts a new one in its place. The
// lock is held.
func newMark(state string) (*mark, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, err
	}
	boot = bytes.TrimSpace(boot)
	m := &mark{path: filepath.Join(state, markName), text: fmt.Appendf(nil, "%s %s\n", boot, rand.Text())}
	was, err := os.ReadFile(m.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err == nil && !bytes.HasPrefix(was, boot) {
		logrus.Error("the machine stopped while the engine ran: its cache is thrown away")
		if err := empty(state); err != nil {
			return nil, err
		}
	}
	if m.dir, err = os.Open(state); err != nil {
		return nil, err
	}
	return m, os.WriteFile(m.path, m.text, 0o600)
}

// empty removes the cache from a state folder.
func empty(state string) error {
	all, err := os.ReadDir(state)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".db") {
			if err := os.RemoveAll(filepath.Join(state, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle writes out what there is and removes the mark. The lock is not held any
// more, so that another engine need not wait; where one has come, the mark is its.
func (m *mark) settle() {
	defer m.dir.Close()
	if err := unix.Syncfs(int(m.dir.Fd())); err != nil {
		return
	}
	lock, err := os.OpenFile(filepath.Join(m.dir.Name(), lockName), os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer lock.Close()
	if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	if now, err := os.ReadFile(m.path); err == nil && bytes.Equal(now, m.text) {
		_ = os.Remove(m.path)
	}
}
