package builder

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session/sshforward/sshprovider"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// fields takes "type=local,dest=/x" apart. What has no "=" is an error of the
// option, which is named.
func fields(option, value string) (map[string]string, error) {
	row, err := csv.NewReader(strings.NewReader(value)).Read()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", option, value, err)
	}
	all := map[string]string{}
	for _, f := range row {
		k, v, ok := strings.Cut(f, "=")
		if !ok {
			return nil, fmt.Errorf("%s %s: %q is not NAME=VALUE", option, value, f)
		}
		all[strings.ToLower(strings.TrimSpace(k))] = v
	}
	return all, nil
}

// cacheEntries reads what --cache-from and --cache-to take.
func cacheEntries(option string, values []string) ([]client.CacheOptionsEntry, error) {
	var all []client.CacheOptionsEntry
	for _, v := range values {
		if !strings.Contains(v, "=") {
			v = "type=registry,ref=" + v
		}
		f, err := fields(option, v)
		if err != nil {
			return nil, err
		}
		kind := f["type"]
		delete(f, "type")
		if kind == "" {
			return nil, fmt.Errorf("%s %s: no type", option, v)
		}
		all = append(all, client.CacheOptionsEntry{Type: kind, Attrs: f})
	}
	return all, nil
}

// secretLimit is how long a secret may be, in bytes: what BuildKit takes.
const secretLimit = 500 << 10

// secrets reads what --secret names, once: a build uses what was there when it began.
func (o Order) secrets() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, option := range o.Secrets {
		f, err := fields("--secret", option)
		if err != nil {
			return nil, err
		}
		id := f["id"]
		if id == "" {
			return nil, fmt.Errorf("--secret %s: no id", option)
		}
		body, err := o.secret(id, f)
		if err != nil {
			return nil, fmt.Errorf("--secret id=%s: %w", id, err)
		}
		if len(body) > secretLimit {
			return nil, fmt.Errorf("--secret id=%s: more than %d bytes", id, secretLimit)
		}
		all[id] = body
	}
	return all, nil
}

// secret reads one, as buildx does: from a file, a variable, or what its id names.
func (o Order) secret(id string, f map[string]string) ([]byte, error) {
	for k := range f {
		switch k {
		case "id", "type", "src", "source", "env":
		default:
			return nil, fmt.Errorf("%q is not known", k)
		}
	}
	path, name := f["src"]+f["source"], f["env"]
	switch f["type"] {
	case "", "file":
	case "env":
		if name == "" {
			path, name = "", path
		}
	default:
		return nil, fmt.Errorf("type %q: it is file or env", f["type"])
	}
	if path == "" && name == "" {
		if v, ok := o.lookup(id); ok {
			return []byte(v), nil
		}
		path = id
	}
	if path == "" {
		v, ok := o.lookup(name)
		if !ok {
			return nil, fmt.Errorf("the environment has no %s", name)
		}
		return []byte(v), nil
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, secretLimit+1))
}

func (o Order) lookup(name string) (string, bool) {
	if o.Env == nil {
		return "", false
	}
	return o.Env(name)
}

// sshAgents reads what --ssh takes: "default", or "id=socket or keys".
func sshAgents(values []string) ([]sshprovider.AgentConfig, error) {
	var all []sshprovider.AgentConfig
	for _, v := range values {
		id, paths, ok := strings.Cut(v, "=")
		a := sshprovider.AgentConfig{ID: id}
		for p := range strings.SplitSeq(paths, ",") {
			if raw, is := strings.CutPrefix(p, "raw="); is {
				b, err := strconv.ParseBool(raw)
				if err != nil {
					return nil, fmt.Errorf("--ssh %s: raw is true or false", v)
				}
				a.Raw = b
			} else if ok {
				a.Paths = append(a.Paths, p)
			}
		}
		if a.Raw && len(a.Paths) != 1 {
			return nil, errors.New("--ssh " + v + ": raw=true takes exactly one socket")
		}
		all = append(all, a)
	}
	return all, nil
}

// bases are the names by which the text takes the open image.
func (o Order) bases() []string {
	f, err := dockerfile.Parse(o.Text)
	if err != nil && f == nil {
		return nil
	}
	known := map[string]bool{}
	for _, t := range append([]string{o.Open.Reference}, o.Open.Tags...) {
		known[familiar(bare(t))] = true
	}
	var all []string
	for s := range f.Stages {
		_, name := f.Base(s, o.Args)
		if n := familiar(name); name != "" && known[n] {
			all = append(all, n)
			delete(known, n)
		}
	}
	return all
}

// bare is a reference without the scheme of a source.
func bare(ref string) string {
	if _, rest, ok := strings.Cut(ref, "://"); ok {
		return rest
	}
	return ref
}
