package source

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// connectTimeout bounds how long a connection may take to stand. What is then
// sent over it may take as long as it needs.
const connectTimeout = 10 * time.Second

// dial returns a transport to the engine and the base of its addresses.
func (h dockerHost) dial() (*http.Transport, string, error) {
	proto, rest, ok := strings.Cut(h.address, "://")
	if !ok {
		return nil, "", fmt.Errorf("engine address %q: want unix://, tcp:// or ssh://", h.address)
	}
	switch proto {
	case "unix":
		return httpOver(socketDialer("unix", rest)), "http://docker", nil
	case "tcp", "http", "https":
		return h.dialTCP(proto)
	case "ssh":
		dial, err := sshDialer(h.address)
		return httpOver(dial), "http://docker", err
	case "npipe":
		return nil, "", &hinted{
			err:  errors.New("named pipes are not supported"),
			hint: "let the engine listen on tcp://localhost:2375 and set DOCKER_HOST to it",
		}
	}
	return nil, "", fmt.Errorf("engine address %q: want unix://, tcp:// or ssh://", h.address)
}

// dialTCP reaches an engine on the network, over TLS where certificates are named.
func (h dockerHost) dialTCP(proto string) (*http.Transport, string, error) {
	u, err := url.Parse(h.address)
	if err != nil {
		return nil, "", fmt.Errorf("engine address: %w", err)
	}
	host, secure := u.Host, h.tls != nil || proto == "https"
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), map[bool]string{true: "2376", false: "2375"}[secure])
	}
	t := httpOver(socketDialer("tcp", host))
	if !secure {
		return t, "http://" + host, nil
	}
	t.TLSClientConfig = h.tls
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return t, "https://" + host + strings.TrimSuffix(u.Path, "/"), nil
}

// dialer opens a connection to one fixed place.
type dialer func(ctx context.Context) (net.Conn, error)

// socketDialer connects to a socket, however an address is called.
func socketDialer(network, address string) dialer {
	return func(ctx context.Context) (net.Conn, error) {
		d := net.Dialer{Timeout: connectTimeout}
		return d.DialContext(ctx, network, address)
	}
}

// httpOver speaks HTTP over the connections of one dialer.
func httpOver(dial dialer) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx)
		},
		DisableCompression:  true,
		MaxIdleConns:        4,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: connectTimeout,
	}
}
