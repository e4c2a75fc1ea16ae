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

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// fault makes one line, and a hint, of what went wrong with a registry.
func (r *registry) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	host := r.ref.Context().RegistryStr()
	var answer *transport.Error
	var cert *tls.CertificateVerificationError
	if errors.As(err, &answer) && !errors.As(err, &cert) {
		return r.refused(host, answer)
	}
	text, hint := networkFault(host, err)
	if hint == "" {
		return fmt.Errorf("%s: %w", host, reworded{text, err})
	}
	return &hinted{err: fmt.Errorf("%s: %w", host, reworded{text, err}), hint: hint}
}

// reworded is an error told in other words.
type reworded struct {
	text string
	err  error
}

func (r reworded) Error() string { return r.text }
func (r reworded) Unwrap() error { return r.err }

// refused says what a registry's answer means.
func (r *registry) refused(host string, answer *transport.Error) error {
	login := "docker login " + host
	if host == "index.docker.io" {
		login = "docker login"
	}
	words := ""
	if s := diagnosis(answer); s != "" {
		words = ": " + s
	}
	line := func(text string) error { return fmt.Errorf("%s: %w", host, reworded{text + words, answer}) }
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		return &hinted{line("401: no such repository, or it needs a login"), "if it is a private one: " + login}
	case http.StatusForbidden:
		return &hinted{line("403: access denied"), "if another account may: " + login}
	case http.StatusNotFound:
		return line("404: no such image")
	case http.StatusTooManyRequests:
		return &hinted{line("429: too many requests"), "wait, or raise the limit: " + login}
	}
	return line(fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
}

// diagnosis is what the registry itself says, in one line.
func diagnosis(answer *transport.Error) string {
	var all []string
	for _, d := range answer.Errors {
		text := d.Message
		if text == "" {
			text = string(d.Code)
		}
		all = append(all, text)
	}
	return said(strings.Join(all, "; "))
}

// networkFault says what a failed connection means, and what may help.
func networkFault(host string, err error) (text, hint string) {
	var name *net.DNSError
	var timeout net.Error
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		return "no such host", ""
	case errors.As(err, &cert):
		return "its certificate is not trusted: " + said(cert.Err.Error()), "--insecure takes it all the same"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it speaks plain HTTP", "--insecure takes it all the same"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time", ""
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return said(err.Error()), ""
}
