package builder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/session"
)

// Dialer is one way to reach a BuildKit.
type Dialer struct {
	Name string // as --engine takes it
	Doc  string
	// Address returns what --engine or the environment says of it; "" where it is
	// not to be tried.
	Address func(w Where) string
	Dial    func(ctx context.Context, w Where, address string) (*Engine, error)
}

// Where says which engine is wanted and what the embedded one needs.
type Where struct {
	Engine  string                   // as --engine takes it; "" is auto
	Env     func(name string) string // the environment
	State   string                   // the folder of the embedded engine; "" is the usual one
	Runtime string                   // what the embedded engine runs steps with; "" is its own
	Keep    int64                    // bytes that the embedded engine keeps; 0 is the usual
	Log     io.Writer                // of the embedded engine; nil is none
}

// Dialers are all ways, in the order in which auto prefers those that can do as much.
var Dialers = []Dialer{
	{
		Name:    "address",
		Doc:     "a buildkitd: unix://, tcp:// (TLS by certificates), ssh://, docker-container://, podman-container:// or kube-pod://, by --engine or BUILDKIT_HOST",
		Address: remoteAddress, Dial: dialRemote,
	},
	{
		Name: "docker", Doc: "the BuildKit of the Docker Engine (DOCKER_HOST, contexts)",
		Address: func(Where) string { return "docker" }, Dial: dialDocker,
	},
	{
		Name: "embedded", Doc: "a BuildKit in a child process of this program: Linux, root or not",
		Address: func(Where) string { return "embedded" }, Dial: dialEmbedded,
	},
}

// Auto is what --engine says where nobody chose.
const Auto = "auto"

// wanted returns the dialers that --engine leaves to be tried.
func (w Where) wanted() ([]Dialer, error) {
	switch {
	case w.Engine == "" || w.Engine == Auto:
		if remoteAddress(w) != "" {
			return Dialers[:1], nil // who sets BUILDKIT_HOST wants that one
		}
		return Dialers[1:], nil
	case strings.Contains(w.Engine, "://"):
		return Dialers[:1], nil
	}
	i := slices.IndexFunc(Dialers, func(d Dialer) bool { return d.Name == w.Engine })
	if i < 1 {
		return nil, &hinted{fmt.Errorf("--engine %s: there is no such engine", w.Engine), "it is auto, docker, embedded or an address such as unix:///run/buildkit/buildkitd.sock"}
	}
	return Dialers[i : i+1], nil
}

// Dial connects to the engine that is wanted: of several to the one that lacks
// the least of what a build needs.
func Dial(ctx context.Context, w Where, needs ...Feature) (*Engine, error) {
	dialers, err := w.wanted()
	if err != nil {
		return nil, err
	}
	var best *Engine
	var missing []error
	for _, d := range dialers {
		e, err := d.Dial(ctx, w, d.Address(w))
		if ctx.Err() != nil {
			closeAll(e, best)
			return nil, ctx.Err()
		}
		if err != nil {
			if d.Name != Dialers[0].Name { // whose errors name the address
				err = fmt.Errorf("%s: %w", d.Name, err)
			}
			missing = append(missing, err)
			continue
		}
		if best == nil || e.short(needs) < best.short(needs) {
			e, best = best, e
		}
		closeAll(e)
		if best.short(needs) == 0 {
			break
		}
	}
	if best == nil {
		return nil, unreached(missing)
	}
	return best, nil
}

func closeAll(all ...*Engine) {
	for _, e := range all {
		if e != nil {
			e.Close()
		}
	}
}

// unreached says why no engine can be used, and what can be done.
func unreached(missing []error) error {
	if len(missing) == 1 {
		return missing[0]
	}
	var hint []string
	for _, err := range missing {
		hint = append(hint, err.Error())
	}
	return &hinted{errors.New("no BuildKit can be reached"), strings.Join(append(hint, "name one with --engine or BUILDKIT_HOST"), "\n")}
}

// hinted is an error with something that the user can do about it.
type hinted struct {
	err  error
	hint string
}

// Error implements error.
func (h *hinted) Error() string { return h.err.Error() }

// Unwrap gives the error without the hint.
func (h *hinted) Unwrap() error { return h.err }

// Hint says what the user can do.
func (h *hinted) Hint() string { return h.hint }

// Survey tells of every engine, in the order of [Dialers], what it can do and
// why it cannot be used.
func Survey(ctx context.Context, w Where) []session.Host {
	var all []session.Host
	for _, d := range Dialers {
		address := d.Address(w)
		if address == "" {
			all = append(all, session.Host{Name: d.Name, Err: errors.New("neither --engine nor BUILDKIT_HOST names one")})
			continue
		}
		e, err := d.Dial(ctx, w, address)
		if err != nil {
			all = append(all, session.Host{Name: d.Name, Address: address, Err: err})
			continue
		}
		all = append(all, e.Host())
		e.Close()
	}
	return all
}
