package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

const buildLong = `Flags are named as those of docker buildx build. What happens is told on
standard error, a line an event; the digest is written to standard output.
Without --load, --push or --output the image stays in the cache of the engine.
--build-context NAME=VALUE takes a folder, an archive of an image, or what the
engine fetches itself.`

// building is what --flags say of a build.
type building struct {
	engine, runtime                      string
	tags, platforms, secrets, ssh        []string
	labels, contexts, cacheFrom, cacheTo []string
	outputs, noCacheFilter               []string
	load, push, pull                     bool
	progress                             string
}

func engineFlag(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.build.runtime, "runtime", "", "what the embedded engine runs commands with: `runc or crun` instead of its own")
	f.StringVar(&o.build.engine, "engine", builder.Auto, "what builds: auto, docker, embedded or an `address` such as unix:///run/buildkit/buildkitd.sock")
}

func insecureFlag(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.insecure, "insecure", false, "registries without TLS, or with a certificate that nobody vouches for")
}

// optionFlags are what a build takes wherever it is begun.
func optionFlags(f *pflag.FlagSet, o *options) {
	b := &o.build
	f.StringArrayVarP(&b.tags, "tag", "t", nil, "a `name` of the image")
	f.StringArrayVar(&b.secrets, "secret", nil, "a secret for RUN --mount=type=secret: `id=ID[,src=FILE|,env=NAME]`")
	f.StringArrayVar(&b.ssh, "ssh", nil, "an agent or keys for RUN --mount=type=ssh: `default|ID[=SOCKET|KEY]`")
	f.StringArrayVar(&b.labels, "label", nil, "`NAME=VALUE` of the image")
	f.StringArrayVar(&b.contexts, "build-context", nil, "a further context: `NAME=VALUE`")
	f.StringArrayVar(&b.cacheFrom, "cache-from", nil, "`where` results are taken from: user/app:cache, type=local,src=DIR")
	f.StringArrayVar(&b.cacheTo, "cache-to", nil, "`where` results go: type=registry,ref=NAME, type=local,dest=DIR")
	f.StringSliceVar(&b.noCacheFilter, "no-cache-filter", nil, "run every step of these `stages` again")
}

func buildFlags(f *pflag.FlagSet, o *options) {
	b := &o.build
	optionFlags(f, o)
	f.BoolVar(&o.noCache, "no-cache", false, "run every step again")
	f.StringSliceVar(&b.platforms, "platform", nil, "what to build for: `os/arch[/variant]`, several with a comma between")
	f.StringArrayVarP(&b.outputs, "output", "o", nil, "`where` the image goes: type=oci,dest=FILE, type=docker[,dest=FILE], type=registry, type=cacheonly")
	f.BoolVar(&b.load, "load", false, "load it into the Docker Engine or Podman, as --output type=docker")
	f.BoolVar(&b.push, "push", false, "push it, as --output type=registry")
	f.BoolVar(&b.pull, "pull", false, "ask the registries for newer bases")
	f.StringVar(&b.progress, "progress", "auto", "`how` it is told what happens: auto, plain or quiet")
}

// buildJSON is the document of build.
type buildJSON struct {
	Digest   model.Digest    `json:"digest"`
	Engine   hostJSON        `json:"engine"`
	Steps    []builtStepJSON `json:"steps"`
	Warnings []lineJSON      `json:"warnings"`
	Left     []putJSON       `json:"left"`
	Seconds  float64         `json:"seconds"`
}

// builtStepJSON is a vertex that belongs to a line.
type builtStepJSON struct {
	Line    int     `json:"line"`
	Name    string  `json:"name"`
	Cached  bool    `json:"cached"`
	Seconds float64 `json:"seconds"`
}

type lineJSON struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// putJSON is an image that has been brought somewhere.
type putJSON struct {
	Reference string       `json:"reference"`
	Digest    model.Digest `json:"digest"`
	Bytes     *int64       `json:"bytes"`
}

// destination is where a built image is to go.
type destination struct {
	way session.Way
	to  string
}

// runBuild builds, and brings the image where it is wanted.
func (c *call) runBuild() error {
	began := time.Now()
	r, err := c.buildRequest()
	if err != nil {
		return err
	}
	all, err := c.destinations()
	if err != nil {
		return err
	}
	e := layers.New(layers.Options{Source: source.Options{Insecure: c.insecure}, Builder: builder.Where{Env: c.env, Runtime: c.build.runtime}})
	defer e.Close()
	w := &watched{c: c, tell: teller(c)}
	built, err := w.build(e, r)
	if err != nil {
		return err
	}
	for _, d := range all {
		left, err := w.leave(e, r.Gen, d)
		if err != nil {
			return err
		}
		w.left = append(w.left, left)
	}
	if len(all) == 0 && len(c.build.outputs) == 0 {
		fmt.Fprintln(c.err, "warning: the image stays in the cache of the engine: --load, --push or --output brings it somewhere")
	}
	if c.json {
		return c.write(w.document(built, time.Since(began)))
	}
	_, err = fmt.Fprintln(c.out, built.Digest)
	return err
}

// buildRequest turns the flags into what an engine room takes.
func (c *call) buildRequest() (session.Build, error) {
	b := c.build
	switch b.progress {
	case "auto", "plain", "quiet":
	default:
		return session.Build{}, &usageError{"--progress " + b.progress + ": no such way", "it is auto, plain or quiet"}
	}
	k, err := c.sketch("")
	if err != nil {
		return session.Build{}, err
	}
	if k.Dir = "."; len(c.args) > 0 {
		k.Dir = c.args[0]
	}
	r := session.Build{Sketch: k, Gen: 1}
	if r.BuildOptions, err = c.buildOptions(); err != nil {
		return r, err
	}
	r.Pull = b.pull
	for _, p := range b.platforms {
		one, err := model.ParsePlatform(p)
		if err != nil {
			return r, &usageError{err.Error(), "for example --platform linux/arm64"}
		}
		r.Platforms = append(r.Platforms, one)
	}
	if len(r.Platforms) == 1 {
		r.Platform = r.Platforms[0]
	}
	r.Path, r.Text, err = c.text(k)
	return r, err
}

// buildOptions turns the flags that all builds share into what an engine room takes.
func (c *call) buildOptions() (o session.BuildOptions, err error) {
	b := c.build
	o = session.BuildOptions{
		Engine: b.engine, Secrets: b.secrets, SSH: b.ssh, NoCache: c.noCache, NoCacheFilter: b.noCacheFilter,
		CacheFrom: b.cacheFrom, CacheTo: b.cacheTo, Tags: b.tags,
	}
	if o.Labels, err = pairs("--label", b.labels); err != nil {
		return o, err
	}
	o.Named, err = pairs("--build-context", b.contexts)
	return o, err
}

// pairs reads NAME=VALUE.
func pairs(flag string, all []string) (map[string]string, error) {
	m := map[string]string{}
	for _, p := range all {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, &usageError{flag + " " + p + ": want NAME=VALUE", ""}
		}
		m[name] = value
	}
	return m, nil
}

// longestText is how many bytes a Dockerfile on standard input may have.
const longestText = 1 << 20

// text reads the Dockerfile: of -f, "-" being standard input, else of the context.
func (c *call) text(k session.Sketch) (path, text string, err error) {
	if c.file == "-" {
		b, err := io.ReadAll(io.LimitReader(c.in, longestText+1))
		if err == nil && len(b) > longestText {
			err = fmt.Errorf("the Dockerfile on standard input is longer than %d bytes", longestText)
		}
		return "", string(b), err
	}
	path = cmp.Or(c.file, draftIn(k.Dir))
	if path == "" {
		return "", "", &usageError{"no " + filepath.Join(k.Dir, "Dockerfile"), "name the Dockerfile with -f, or its folder"}
	}
	i, err := os.Stat(path)
	if err == nil && (!i.Mode().IsRegular() || i.Size() > longestText) {
		err = fmt.Errorf("%s: it is no Dockerfile", path)
	}
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(path)
	return path, string(b), err
}

// destinations are where --load, --push and --output want the image.
func (c *call) destinations() ([]destination, error) {
	var all []destination
	b := c.build
	outputs := slices.Clone(b.outputs)
	if b.load {
		outputs = append(outputs, "type=docker")
	}
	if b.push {
		outputs = append(outputs, "type=registry")
	}
	for _, o := range outputs {
		f := map[string]string{}
		for part := range strings.SplitSeq(o, ",") {
			k, v, _ := strings.Cut(part, "=")
			f[k] = v
		}
		names := b.tags
		if n := f["name"]; n != "" {
			names = []string{n}
		}
		way, to, err := wayOf(o, f)
		switch {
		case err != nil:
			return nil, err
		case f["type"] == "cacheonly":
		case to != "":
			all = append(all, destination{way, to})
		case len(names) == 0:
			return nil, &usageError{"the image has no name to go by", "name it with -t"}
		default:
			for _, n := range names {
				all = append(all, destination{way, n})
			}
		}
	}
	return all, nil
}

func wayOf(o string, f map[string]string) (session.Way, string, error) {
	switch f["type"] {
	case "oci":
		if f["dest"] == "" {
			return 0, "", &usageError{"--output " + o + ": no dest", "for example --output type=oci,dest=image.tar"}
		}
		return session.ToOCI, f["dest"], nil
	case "docker":
		if f["dest"] != "" {
			return session.ToArchive, f["dest"], nil
		}
		return session.ToEngine, "", nil
	case "registry", "image":
		return session.ToPush, "", nil
	case "cacheonly":
		return 0, "", nil
	}
	return 0, "", &usageError{"--output " + o + ": no such type", "it is type=oci, docker, registry or cacheonly; imgtui cp takes files out of an image"}
}
