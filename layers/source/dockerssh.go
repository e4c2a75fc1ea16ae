package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// sshDialer runs the ssh program, at whose other end the docker command passes
// the engine's socket through, as the docker command itself does. No password is
// asked for: the terminal is not ssh's to write on.
func sshDialer(address string) (dialer, error) {
	args, err := sshArgs(address)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (net.Conn, error) { return startSSH(ctx, args) }, nil
}

// sshArgs turns ssh://[user@]host[:port][/socket] into ssh's arguments.
func sshArgs(address string) ([]string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("engine address: %w", err)
	}
	if u.Hostname() == "" || strings.HasPrefix(u.Hostname(), "-") {
		return nil, fmt.Errorf("engine address %q: want ssh://user@host", address)
	}
	if _, ok := u.User.Password(); ok {
		return nil, errors.New("engine address: ssh takes no password")
	}
	args := []string{"-o", "ConnectTimeout=10", "-o", "BatchMode=yes", "-T"}
	if name := u.User.Username(); name != "" {
		args = append(args, "-l", name)
	}
	if u.Port() != "" {
		args = append(args, "-p", u.Port())
	}
	args = append(args, "--", u.Hostname(), "docker")
	if socket := strings.TrimSuffix(u.Path, "/"); socket != "" {
		args = append(args, "--host", shellQuote("unix://"+socket))
	}
	return append(args, "system", "dial-stdio"), nil
}

// shellQuote keeps a word whole in the shell at the other end.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// startSSH starts the program and takes its two ends as a connection. The
// connection outlives ctx, for others use it after the request that made it.
func startSSH(ctx context.Context, args []string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := exec.Command("ssh", args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &sshConn{cmd: cmd, in: in, out: out}
	cmd.Stderr, cmd.WaitDelay = &c.words, time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

// sshConn is a connection through the standard streams of ssh.
type sshConn struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   io.ReadCloser
	words tail
	end   sync.Once
}

// Read reads what the engine sends. An end before anything says what ssh said.
func (c *sshConn) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if err == nil || n > 0 {
		return n, nil
	}
	c.Close()
	if words := said(c.words.String()); words != "" {
		return 0, fmt.Errorf("ssh: %s", words)
	}
	return 0, err
}

func (c *sshConn) Write(b []byte) (int, error) { return c.in.Write(b) }

// Close ends the program and waits for it.
func (c *sshConn) Close() error {
	c.end.Do(func() {
		c.in.Close()
		c.cmd.Process.Kill()
		c.cmd.Wait()
	})
	return nil
}

func (c *sshConn) LocalAddr() net.Addr              { return sshAddr{} }
func (c *sshConn) RemoteAddr() net.Addr             { return sshAddr{} }
func (c *sshConn) SetDeadline(time.Time) error      { return nil }
func (c *sshConn) SetReadDeadline(time.Time) error  { return nil }
func (c *sshConn) SetWriteDeadline(time.Time) error { return nil }

// sshAddr is the address of what has none.
type sshAddr struct{}

func (sshAddr) Network() string { return "ssh" }
func (sshAddr) String() string  { return "ssh" }

// tail keeps the beginning of what a program says on its standard error.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 4096 - t.b.Len(); room > 0 {
		t.b.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
