package source

import (
	"bufio"
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

// Docker is the Docker Engine that the environment names, for who speaks another
// protocol with it than that of images.
type Docker struct {
	Address string
	Version string // "20.10.24"; "" where it does not say
	e       *engine
	host    dockerHost
}

// FindDocker connects to the Docker Engine by DOCKER_HOST or the context in force.
func FindDocker(ctx context.Context) (*Docker, error) {
	e, err := connect(ctx, "docker", findDocker)
	if err != nil {
		return nil, err
	}
	host, err := findDocker()
	if err != nil {
		return nil, err
	}
	d := &Docker{Address: host.address, e: e, host: host}
	var v struct{ Version string }
	if err := e.ask(ctx, "/version", nil, &v); err == nil {
		d.Version = said(v.Version)
	}
	return d, nil
}

// Close lets go of the connections that nobody uses.
func (d *Docker) Close() { d.e.close() }

// Holds tells whether the engine has an image by that name.
func (d *Docker) Holds(ctx context.Context, ref string) bool {
	var in inspected
	return d.e.ask(ctx, "/images/"+ref+"/json", nil, &in) == nil
}

// IDs are those of the images that the engine holds without a name.
func (d *Docker) IDs(ctx context.Context) (map[string]bool, error) {
	var rows []struct {
		ID string `json:"Id"`
	}
	q := url.Values{"filters": {`{"dangling":["true"]}`}}
	if err := d.e.ask(ctx, "/images/json", q, &rows); err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, r := range rows {
		all[r.ID] = true
	}
	return all, nil
}

// Tag gives an image another name.
func (d *Docker) Tag(ctx context.Context, ref, name string) error {
	n, err := parseTag(name)
	if err != nil {
		return err
	}
	q := url.Values{"repo": {n.Context().Name()}, "tag": {n.TagStr()}}
	_, err = d.e.send(ctx, http.MethodPost, "/images/"+ref+"/tag", q, nil)
	return err
}

// Untag takes a name away, and with the last one the image.
func (d *Docker) Untag(ctx context.Context, name string) error {
	_, err := d.e.send(ctx, http.MethodDelete, "/images/"+name, url.Values{"noprune": {"1"}}, nil)
	return err
}

// Upgrade turns a request to a path of the engine into a connection of another
// protocol. The connection outlives ctx.
func (d *Docker) Upgrade(ctx context.Context, path, proto string, header map[string][]string) (net.Conn, error) {
	t, base, err := d.host.dial()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	conn, err := t.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, unreachable(err)
	}
	if u.Scheme == "https" {
		config := t.TLSClientConfig.Clone()
		if config.ServerName == "" {
			config.ServerName = u.Hostname()
		}
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	up, err := upgrade(ctx, conn, base+path, proto, header)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return up, nil
}

// upgrade asks for the protocol. Who goes away meanwhile does not wait.
func upgrade(ctx context.Context, conn net.Conn, address, proto string, header map[string][]string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	deadline := time.AfterFunc(connectTimeout, func() { conn.Close() })
	defer deadline.Stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		r.Header[http.CanonicalHeaderKey(k)] = v
	}
	r.Header.Set("User-Agent", "imgtui")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", proto)
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	b := bufio.NewReader(conn)
	res, err := http.ReadResponse(b, r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		defer res.Body.Close()
		var e *engineError
		if err := answerError(res); errors.As(err, &e) {
			return nil, fmt.Errorf("%s: %s", strings.TrimPrefix(r.URL.Path, "/"), e.text)
		}
		return nil, fmt.Errorf("%s: %s", r.URL.Path, res.Status)
	}
	return &readAhead{conn, b}, nil
}

// readAhead gives back first what was read too far.
type readAhead struct {
	net.Conn
	r *bufio.Reader
}

// Read implements io.Reader.
func (c *readAhead) Read(p []byte) (int, error) { return c.r.Read(p) }
