package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/distribution/reference"
	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	sess "github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// Order is what is to be built.
type Order struct {
	sess.Build
	Open  *source.Image // what is open; nil is nothing
	Known []*tree.Node  // roots whose files are taken where a step's are the same
	Env   func(name string) (string, bool)
}

// filename is what the Dockerfile is called where the engine speaks of it.
const filename = "Dockerfile"

// supplies are what an engine may ask the client for while it builds.
type supplies struct {
	opt     client.SolveOpt
	secrets redactor
	exports []client.CacheOptionsEntry // what goes with the image
	served  map[string]Image           // the bases that come from here, as Build.Bases has them
	stores  map[string]Image           // the same, by the store that they are in
	ignored bool                       // the Dockerfile has a .dockerignore of its own
	closers []io.Closer
}

func (s *supplies) close() {
	for _, c := range s.closers {
		c.Close()
	}
}

// supply gathers them. A fault in an option is a fault of the order.
func (o Order) supply(ctx context.Context, e *Engine) (*supplies, error) {
	s := &supplies{served: map[string]Image{}, stores: map[string]Image{}, opt: client.SolveOpt{
		SharedKey:     sharedKey(o.Dir),
		FrontendAttrs: o.attributes(),
		LocalMounts:   map[string]fsutil.FS{},
		OCIStores:     map[string]content.Store{},
	}}
	if len(o.Platforms) > 1 && !e.stored {
		return nil, fmt.Errorf("several platforms: this engine cannot: %s", e.noBlobs())
	}
	for _, gather := range []func(context.Context, *Engine, *supplies) error{o.folders, o.named, o.base, o.loans, o.keys, o.caches} {
		if err := gather(ctx, e, s); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// sharedKey tells folders apart: with one key for two, an engine takes files of
// equal size and time in them for equal.
func sharedKey(dir string) string {
	host, _ := os.Hostname() // "" is as good as any
	if real, err := filepath.Abs(dir); err == nil {
		dir = real
	}
	sum := sha256.Sum256([]byte(host + "\x00" + dir))
	return hex.EncodeToString(sum[:16])
}

// attributes are the options as frontends name them.
func (o Order) attributes() map[string]string {
	all := map[string]string{"filename": filename}
	for k, v := range o.Args {
		all["build-arg:"+k] = v
	}
	for k, v := range o.Labels {
		all["label:"+k] = v
	}
	if o.Target != "" {
		all["target"] = o.Target
	}
	if p := o.platforms(); len(p) > 0 {
		all["platform"] = strings.Join(p, ",")
	}
	switch {
	case o.NoCache:
		all["no-cache"] = ""
	case len(o.NoCacheFilter) > 0:
		all["no-cache"] = strings.Join(o.NoCacheFilter, ",")
	}
	if o.Pull {
		all["image-resolve-mode"] = "pull"
	}
	return all
}

func (o Order) platforms() []string {
	var all []string
	for _, p := range o.Platforms {
		all = append(all, p.String())
	}
	if len(all) == 0 && o.Platform != (model.Platform{}) {
		all = append(all, o.Platform.String())
	}
	return all
}

// folders are the context, and the text in a folder of its own in memory.
func (o Order) folders(_ context.Context, _ *Engine, s *supplies) error {
	text := staticfs.NewFS()
	now := time.Now().UnixNano()
	text.Add(filename, &types.Stat{Mode: 0o644, ModTime: now}, []byte(o.Text))
	if o.Path != "" {
		ignore, err := os.ReadFile(o.Path + ".dockerignore")
		if err == nil {
			s.ignored = true
			text.Add(filename+".dockerignore", &types.Stat{Mode: 0o644, ModTime: now}, ignore)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.opt.LocalMounts["dockerfile"] = text
	if o.Dir == "" {
		s.opt.LocalMounts[contextName] = staticfs.NewFS()
		return nil
	}
	files, err := folder(o.Dir)
	s.opt.LocalMounts[contextName] = files
	return err
}

func folder(dir string) (fsutil.FS, error) {
	i, err := os.Stat(dir)
	if err == nil && !i.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return nil, fmt.Errorf("context %s: %w", dir, err)
	}
	return fsutil.NewFS(dir)
}

// named are further contexts: folders, images, OCI layouts and what the engine
// fetches itself.
func (o Order) named(ctx context.Context, e *Engine, s *supplies) error {
	for n, name := range slices.Sorted(maps.Keys(o.Named)) {
		value := o.Named[name]
		key := familiar(name)
		if ref := archived(value); ref != "" {
			i, err := source.Open(ctx, ref, source.Options{Platform: o.Platform})
			if err != nil {
				return fmt.Errorf("context %s: %w", name, err)
			}
			s.closers = append(s.closers, i)
			if err := o.serve(ctx, e, s, key, i); err != nil {
				return fmt.Errorf("context %s: %w", name, err)
			}
			continue
		}
		if strings.Contains(value, "://") || strings.HasPrefix(value, "git@") {
			s.opt.FrontendAttrs["context:"+key] = value
			continue
		}
		files, err := folder(value)
		if err != nil {
			return fmt.Errorf("--build-context %s: %w", name, err)
		}
		local := "named" + strconv.Itoa(n)
		s.opt.LocalMounts[local] = files
		s.opt.FrontendAttrs["context:"+key] = "local:" + local
	}
	return nil
}

// archived is a context that is an image of this machine: an OCI layout as buildx
// names it, or an archive. "" is none.
func archived(value string) string {
	if path, ok := strings.CutPrefix(value, "oci-layout://"); ok {
		return "oci:" + path
	}
	if i, err := os.Stat(value); err == nil && i.Mode().IsRegular() {
		return value
	}
	return ""
}

// familiar is a name as FROM and --from mean it, or as it is where it is none.
func familiar(name string) string {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return strings.ToLower(name)
	}
	return strings.TrimSuffix(reference.FamiliarString(reference.TagNameOnly(ref)), ":latest")
}

// base lets the open image be FROM by any name that it goes by. One that came
// from a registry is left to the engine, which may have it.
func (o Order) base(ctx context.Context, e *Engine, s *supplies) error {
	if o.Open == nil || o.Open.Source == "registry" {
		return nil
	}
	for _, name := range o.bases() {
		if s.opt.FrontendAttrs["context:"+name] != "" {
			continue
		}
		if err := o.serve(ctx, e, s, name, o.Open); err != nil {
			return fmt.Errorf("FROM %s: %w", name, err)
		}
	}
	return nil
}

// serve lets an engine have an image by a name.
func (o Order) serve(ctx context.Context, e *Engine, s *supplies, name string, i *source.Image) error {
	if !e.stored {
		return e.lend(ctx, s, name, i)
	}
	b, err := i.Bundle(ctx)
	if err != nil {
		return err
	}
	store := newBaseStore(b)
	s.closers = append(s.closers, store)
	id := "base" + strconv.Itoa(len(s.opt.OCIStores))
	s.opt.OCIStores[id] = store
	s.opt.FrontendAttrs["context:"+name] = "oci-layout://" + id + "@" + string(b.Digest)
	s.stores[id] = Image{Config: b.Config, Digest: b.Digest}
	if full, err := fullName(name); err == nil {
		s.served[BaseKey(full, i.Platform)] = Image{Config: b.Config, Digest: b.Digest}
	}
	return nil
}

// lend loads an image into an engine that takes none from a client, unless it has
// one of that name, and takes it away after the last build that stands on it.
func (e *Engine) lend(ctx context.Context, s *supplies, name string, i *source.Image) error {
	e.lending.Lock()
	defer e.lending.Unlock()
	if e.lent[name] == 0 {
		if e.docker.Holds(ctx, name) {
			return nil
		}
		if _, err := source.Load(ctx, i, name, nil); err != nil {
			return err
		}
	}
	if e.lent == nil {
		e.lent = map[string]int{}
	}
	e.lent[name]++
	s.closers = append(s.closers, closer(func() error { return e.takeBack(ctx, name) }))
	return nil
}

func (e *Engine) takeBack(ctx context.Context, name string) error {
	e.lending.Lock()
	defer e.lending.Unlock()
	if e.lent[name]--; e.lent[name] > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	return e.docker.Untag(ctx, name)
}

type closer func() error

// Close implements io.Closer.
func (c closer) Close() error { return c() }

// keys are what opens doors: registry credentials, secrets and the SSH agent.
func (o Order) keys(_ context.Context, _ *Engine, s *supplies) error {
	s.opt.Session = []session.Attachable{authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{
		AuthConfigProvider: authprovider.LoadAuthConfig(dockerconfig.LoadDefaultConfigFile(io.Discard)),
	})}
	secrets, err := o.secrets()
	if err != nil {
		return err
	}
	if len(secrets) > 0 {
		s.secrets = newRedactor(secrets)
		s.opt.Session = append(s.opt.Session, secretsprovider.FromMap(secrets))
	}
	if len(o.SSH) == 0 {
		return nil
	}
	agents, err := sshAgents(o.SSH)
	if err != nil {
		return err
	}
	provider, err := sshprovider.NewSSHAgentProvider(agents)
	if err != nil {
		return fmt.Errorf("--ssh: %w", err)
	}
	s.opt.Session = append(s.opt.Session, provider)
	return nil
}

// caches are where results are taken from and put.
func (o Order) caches(_ context.Context, e *Engine, s *supplies) error {
	var err error
	if s.opt.CacheImports, err = cacheEntries("--cache-from", o.CacheFrom); err != nil {
		return err
	}
	if s.exports, err = cacheEntries("--cache-to", o.CacheTo); err != nil {
		return err
	}
	for _, c := range s.exports {
		if c.Type != "inline" && !e.stored {
			return fmt.Errorf("--cache-to type=%s: this engine cannot: %s", c.Type, e.noBlobs())
		}
	}
	return nil
}
