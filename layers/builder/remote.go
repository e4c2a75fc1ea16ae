package builder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/connhelper"
	"github.com/moby/buildkit/client/connhelper/dockercontainer"
	"github.com/moby/buildkit/client/connhelper/kubepod"
	"github.com/moby/buildkit/client/connhelper/podmancontainer"
	"github.com/moby/buildkit/client/connhelper/ssh"
)

// remoteAddress is what --engine or else BUILDKIT_HOST names.
func remoteAddress(w Where) string {
	if strings.Contains(w.Engine, "://") {
		return w.Engine
	}
	if w.Env == nil {
		return ""
	}
	return w.Env("BUILDKIT_HOST")
}

// helpers are the schemes that run a program, at whose other end is the engine.
var helpers = map[string]func(*url.URL) (*connhelper.ConnectionHelper, error){
	"ssh": ssh.Helper, "docker-container": dockercontainer.Helper, "podman-container": podmancontainer.Helper, "kube-pod": kubepod.Helper,
}

// dialRemote connects to a buildkitd.
func dialRemote(ctx context.Context, w Where, address string) (*Engine, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", address, err)
	}
	opts, err := connection(u, w)
	if err != nil {
		return nil, err
	}
	c, err := client.New(ctx, address, opts...)
	if err != nil {
		return nil, plain(err)
	}
	e, err := meet(ctx, &Engine{Name: address, Address: address, client: c})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return e, nil
}

// connection says how an address is connected to.
func connection(u *url.URL, w Where) ([]client.ClientOpt, error) {
	if help, ok := helpers[u.Scheme]; ok {
		h, err := help(u)
		if err != nil {
			return nil, fmt.Errorf("address %q: %w", u.Redacted(), err)
		}
		return []client.ClientOpt{client.WithContextDialer(h.ContextDialer)}, nil
	}
	switch u.Scheme {
	case "unix":
		return []client.ClientOpt{client.WithContextDialer(socket("unix", u.Host+u.Path))}, nil
	case "tcp":
		return certificates(u, w)
	case "npipe":
		return nil, nil // the client knows how
	}
	return nil, &hinted{fmt.Errorf("address %q: %s is not known", u.Redacted(), u.Scheme), "it begins with unix://, tcp://, ssh://, docker-container://, podman-container:// or kube-pod://"}
}

// socket connects at once or not at all: a client that tries again and again
// would never say what is wrong.
func socket(network, address string) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, _ string) (net.Conn, error) {
		d := net.Dialer{Timeout: answerTime / 2, KeepAlive: 15 * time.Second}
		return d.DialContext(ctx, network, address)
	}
}

// certificates are those of BUILDKIT_TLS_DIR: ca.pem, cert.pem and key.pem. Each
// may be absent; without the folder the connection is plain.
func certificates(u *url.URL, w Where) ([]client.ClientOpt, error) {
	plainly := []client.ClientOpt{client.WithContextDialer(socket("tcp", u.Host))}
	dir := ""
	if w.Env != nil {
		dir = w.Env("BUILDKIT_TLS_DIR")
	}
	if dir == "" {
		return plainly, nil
	}
	there := func(name string) (string, error) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", nil
		} else if err != nil {
			return "", err
		}
		return path, nil
	}
	ca, err1 := there("ca.pem")
	cert, err2 := there("cert.pem")
	key, err3 := there("key.pem")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if ca == "" && cert == "" {
		return nil, fmt.Errorf("BUILDKIT_TLS_DIR %s: neither ca.pem nor cert.pem is in it", dir)
	}
	opts := append(plainly, client.WithServerConfig(u.Hostname(), ca))
	if cert != "" {
		opts = append(opts, client.WithCredentials(cert, key))
	}
	return opts, nil
}
