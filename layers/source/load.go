package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Load puts an image into the Docker Engine, or where there is none into Podman,
// under a name.
func Load(ctx context.Context, i *Image, tag string, tell Sent) (Put, error) {
	p, err := load(ctx, i, tag, tell)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("load %s: %w", tag, err)
	}
	return p, err
}

func load(ctx context.Context, i *Image, tag string, tell Sent) (Put, error) {
	if _, err := parseTag(tag); err != nil {
		return Put{}, err
	}
	e, err := connect(ctx, "docker", findDocker)
	if err != nil {
		var second error
		if e, second = connect(ctx, "podman", findPodman); second != nil {
			return Put{}, fmt.Errorf("no engine: docker: %w; podman: %w", err, second)
		}
	}
	defer e.close()
	out, err := i.put(ctx, gzip.BestSpeed, tell)
	if err != nil {
		return Put{}, err
	}
	defer out.close()
	n, err := e.receive(ctx, out, tag)
	return Put{To: e.scheme + "://" + tag, Digest: out.digest(), Bytes: n}, err
}

// receive streams an archive into the engine.
func (e *engine) receive(ctx context.Context, out *outgoing, tag string) (int64, error) {
	r, w := io.Pipe()
	var n counted
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				w.CloseWithError(fmt.Errorf("pack: %v", p))
			}
		}()
		w.CloseWithError(out.archive(io.MultiWriter(w, &n), DockerArchive, tag))
	}()
	answer, err := e.send(ctx, http.MethodPost, "/images/load", url.Values{"quiet": {"1"}}, r)
	r.CloseWithError(errors.New("the engine has stopped reading"))
	<-done
	if err != nil {
		return 0, err
	}
	return int64(n), loadFault(answer)
}

// loadFault finds what an engine says went wrong after it had said that all is well.
func loadFault(answer []byte) error {
	s := bufio.NewScanner(bytes.NewReader(answer))
	s.Buffer(nil, answerMax)
	for s.Scan() {
		var line struct{ Error string }
		if json.Unmarshal(s.Bytes(), &line) == nil && line.Error != "" {
			return errors.New(said(strings.TrimSpace(line.Error)))
		}
	}
	return nil
}
