package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
)

const (
	newestAPI = 49      // the minor version of the Engine API that this client was written for
	oldestAPI = 24      // the one that has all that is asked for here
	answerMax = 8 << 20 // bytes of one JSON answer
)

// The minor versions of the Engine API from which on a call knows the platform.
const (
	historyPlatform = 48
	savePlatform    = 48
	inspectPlatform = 49
)

// engine is a Docker Engine, or what speaks its API, that has answered.
type engine struct {
	scheme string
	client *http.Client
	base   string
	minor  int // of the API version that both know: 1.minor
}

// connect finds an engine and asks which version of the API it speaks.
func connect(ctx context.Context, scheme string, find func() (dockerHost, error)) (*engine, error) {
	host, err := find()
	if err != nil {
		return nil, &absentError{err}
	}
	t, base, err := host.dial()
	if err != nil {
		return nil, &absentError{host.named(err)}
	}
	e := &engine{scheme: scheme, client: &http.Client{Transport: t}, base: base}
	if err := e.ping(ctx); err != nil {
		e.close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &absentError{host.named(unreachable(err))}
	}
	return e, nil
}

// named adds what made this host the one to ask.
func (h dockerHost) named(err error) error {
	if h.why == "" {
		return err
	}
	return fmt.Errorf("%s: %w", h.why, err)
}

// unreachable takes the address of the request off an error that names the
// socket already, and says what can be done.
func unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return &hinted{err: err, hint: "the engine's socket is not open to you: use sudo, or join its group (docker)"}
	}
	return err
}

func (e *engine) close() { e.client.CloseIdleConnections() }

// ping settles the version: the engine's newest, or ours where that is older.
func (e *engine) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errors.New("no answer within 10 s"))
	defer cancel()
	res, err := e.request(ctx, e.base+"/_ping")
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return answerError(res)
	}
	e.minor, err = negotiate(res.Header.Get("Api-Version"))
	return err
}

// negotiate picks the version of the API to speak with an engine that speaks theirs.
func negotiate(theirs string) (int, error) {
	major, rest, _ := strings.Cut(theirs, ".")
	minor, err := strconv.Atoi(rest)
	if major != "1" || err != nil {
		return 0, fmt.Errorf("API version %q: no engine that is known here", said(theirs))
	}
	if minor < oldestAPI {
		return 0, fmt.Errorf("API version %s: the oldest that will do is 1.%d", theirs, oldestAPI)
	}
	return min(minor, newestAPI), nil
}

// request sends a GET and returns whatever is answered.
func (e *engine) request(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "imgtui")
	return e.client.Do(req)
}

// stream sends a GET and returns the body of a good answer.
func (e *engine) stream(ctx context.Context, path string, q url.Values) (io.ReadCloser, error) {
	address := fmt.Sprintf("%s/v1.%d%s", e.base, e.minor, (&url.URL{Path: path}).EscapedPath())
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	res, err := e.request(ctx, address)
	if err != nil {
		return nil, unreachable(err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, answerError(res)
	}
	return res.Body, nil
}

// send sends what changes something, and returns the small answer.
func (e *engine) send(ctx context.Context, method, path string, q url.Values, body io.Reader) ([]byte, error) {
	address := fmt.Sprintf("%s/v1.%d%s", e.base, e.minor, (&url.URL{Path: path}).EscapedPath())
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "imgtui")
	if body != nil {
		req.Header.Set("Content-Type", "application/x-tar")
	}
	res, err := e.client.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, answerError(res)
	}
	return io.ReadAll(io.LimitReader(res.Body, answerMax))
}

// ask sends a GET and reads the JSON of its answer.
func (e *engine) ask(ctx context.Context, path string, q url.Values, into any) error {
	body, err := e.stream(ctx, path, q)
	if err != nil {
		return err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, answerMax+1))
	if err != nil {
		return err
	}
	if len(b) > answerMax {
		return fmt.Errorf("the engine's answer is longer than %d MiB", answerMax>>20)
	}
	return decode(b, into)
}

// platform is the query that picks one of an image's platforms, where an engine
// that speaks since or newer knows it.
func (e *engine) platform(p model.Platform, since int) url.Values {
	if p == (model.Platform{}) || e.minor < since {
		return nil
	}
	b, err := json.Marshal(map[string]string{
		"os": p.OS, "architecture": p.Architecture, "variant": p.Variant,
	})
	if err != nil {
		panic(err) // strings always have a JSON
	}
	return url.Values{"platform": {string(b)}}
}

// absentError says that a place has no such image, or is not there itself.
type absentError struct{ err error }

func (e *absentError) Error() string { return e.err.Error() }
func (e *absentError) Unwrap() error { return e.err }

// answerError reads what an engine says is wrong.
func answerError(res *http.Response) error {
	var body struct{ Message string }
	b, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if json.Unmarshal(b, &body) != nil || body.Message == "" {
		body.Message = string(b)
	}
	text := said(body.Message)
	if text == "" {
		text = res.Status
	}
	return &engineError{res.StatusCode, text}
}

// engineError is what an engine answers instead of what it was asked for.
type engineError struct {
	status int
	text   string
}

func (e *engineError) Error() string { return e.text }
