package source

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test's own program act as ssh, see fakeSSH.
func TestMain(m *testing.M) {
	if socket := os.Getenv("IMGTUI_TEST_SSH"); socket != "" {
		actAsSSH(socket)
		return
	}
	os.Exit(m.Run())
}

// actAsSSH passes a socket through, or fails as ssh does.
func actAsSSH(socket string) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		fmt.Fprint(os.Stderr, "me@box: Permission denied\r\n (publickey).\r\n")
		os.Exit(255)
	}
	go func() {
		io.Copy(c, os.Stdin)
		c.(*net.UnixConn).CloseWrite()
	}()
	io.Copy(os.Stdout, c)
}

// fakeSSH puts an ssh on the PATH whose other end is that socket.
func fakeSSH(t *testing.T, socket string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh")
	write(t, path, fmt.Sprintf("#!/bin/sh\nIMGTUI_TEST_SSH=%q exec %q\n", socket, os.Args[0]))
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(path)+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

func TestAnEngineIsReachedThroughSSH(t *testing.T) {
	newFake(t, "1.41")
	fakeSSH(t, strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://"))
	t.Setenv("DOCKER_HOST", "ssh://me@box")
	checkBlob(t, mustOpen(t, "docker://acct/app:1", Options{}).Blobs[1], "bbbbb")
}

func TestWhatSSHSaysIsTheError(t *testing.T) {
	bareEnv(t)
	fakeSSH(t, "/nowhere.sock")
	t.Setenv("DOCKER_HOST", "ssh://me@box")
	_, err := Open(t.Context(), "docker://a", Options{})
	want := "open docker://a: DOCKER_HOST: ssh: me@box: Permission denied (publickey)."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnEngineOnTheNetworkIsAsked(t *testing.T) {
	s := httptest.NewServer(newFake(t, "1.41"))
	defer s.Close()
	t.Setenv("DOCKER_HOST", "tcp://"+s.Listener.Addr().String())
	checkBlob(t, mustOpen(t, "docker://acct/app:1", Options{}).Blobs[0], "aaaaaaaaaa")
}

// serveTLS starts the engine behind TLS and writes its certificate to a folder.
func serveTLS(t *testing.T, f *fakeEngine, dir string) (address string) {
	t.Helper()
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = silent
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	write(t, filepath.Join(dir, "ca.pem"), string(ca))
	return "tcp://" + s.Listener.Addr().String()
}

func TestAnEngineBehindTLSIsVerified(t *testing.T) {
	f, dir := newFake(t, "1.41"), t.TempDir()
	t.Setenv("DOCKER_HOST", serveTLS(t, f, dir))
	t.Setenv("DOCKER_TLS_VERIFY", "1")
	t.Setenv("DOCKER_CERT_PATH", dir)
	mustOpen(t, "docker://acct/app:1", Options{})

	t.Setenv("DOCKER_CERT_PATH", t.TempDir())
	_, err := Open(t.Context(), "docker://acct/app:1", Options{})
	if err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("without its certificate: got %v", err)
	}
	t.Setenv("DOCKER_TLS_VERIFY", "")
	mustOpen(t, "docker://acct/app:1", Options{})
}

func TestAContextBringsItsCertificates(t *testing.T) {
	f := newFake(t, "1.41")
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "far")
	ca := t.TempDir()
	id := writeContext(t, dir, "far", serveTLS(t, f, ca))
	if err := os.MkdirAll(filepath.Join(dir, "contexts/tls", id), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(ca, filepath.Join(dir, "contexts/tls", id, "docker")); err != nil {
		t.Fatal(err)
	}
	checkBlob(t, mustOpen(t, "docker://acct/app:1", Options{}).Blobs[0], "aaaaaaaaaa")
}

func TestAnAddressThatNobodySpeaksIsRefused(t *testing.T) {
	bareEnv(t)
	for address, want := range map[string]string{
		"/var/run/docker.sock":           `engine address "/var/run/docker.sock": want unix://, tcp:// or ssh://`,
		"ftp://x":                        `engine address "ftp://x": want unix://, tcp:// or ssh://`,
		"npipe:////./pipe/docker_engine": "named pipes are not supported",
	} {
		t.Setenv("DOCKER_HOST", address)
		_, err := Open(t.Context(), "docker://a", Options{})
		if err == nil || !strings.HasSuffix(err.Error(), ": DOCKER_HOST: "+want) {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
}

func TestAnEngineThatNeverAnswersIsLeftByACancel(t *testing.T) {
	bareEnv(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DOCKER_HOST", "tcp://"+l.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		if c, err := l.Accept(); err == nil {
			t.Cleanup(func() { c.Close() })
		}
	}()
	if _, err := Open(ctx, "docker://a", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context canceled", err)
	}
}
