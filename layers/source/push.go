package source

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/imgtui/imgtui/model"
)

// Put is an image that has been put somewhere.
type Put struct {
	To     string       // the reference or path in full
	Digest model.Digest // of the manifest; "" where the place has none
	Bytes  int64        // that had to be sent or written
}

// Push puts an image into a registry: the blobs that it lacks, and those of
// another repository there are only named. A connection that breaks is tried
// again.
func Push(ctx context.Context, i *Image, ref string, o Options, tell Sent) (Put, error) {
	p, err := push(ctx, i, ref, o, tell)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("push %s: %w", ref, err)
	}
	return p, err
}

func push(ctx context.Context, i *Image, ref string, o Options, tell Sent) (Put, error) {
	to, err := parseTag(strings.TrimPrefix(strings.TrimPrefix(ref, "registry://"), "remote://"), insecurely(o)...)
	if err != nil {
		return Put{}, err
	}
	count := &sentBytes{tell: tell, done: map[model.Digest]int64{}}
	out, err := i.put(ctx, gzip.DefaultCompression, count.sent)
	if err != nil {
		return Put{}, err
	}
	defer out.close()
	r, err := pushTo(to, o)
	if err != nil {
		return Put{}, err
	}
	defer r.close()
	img, err := out.image()
	if err != nil {
		return Put{}, err
	}
	auth, err := authn.Resolve(ctx, authn.DefaultKeychain, to.Context())
	if err != nil {
		return Put{}, r.unlocked(err)
	}
	err = remote.Write(to, mountable(img, i, to),
		remote.WithContext(ctx), remote.WithAuth(auth), remote.WithTransport(r.plain), remote.WithUserAgent("imgtui"),
		remote.WithRetryPredicate(isBroken), remote.WithRetryBackoff(pushBackoff))
	if err != nil {
		return Put{}, r.unpushed(ctx, err)
	}
	return Put{To: to.Context().Name() + ":" + to.TagStr(), Digest: out.digest(), Bytes: count.sum()}, nil
}

// pushBackoff is how long is waited before a broken upload is tried again.
var pushBackoff = remote.Backoff{Duration: 500 * time.Millisecond, Factor: 3, Jitter: 0.1, Steps: 4}

func insecurely(o Options) []name.Option {
	if o.Insecure {
		return []name.Option{name.Insecure}
	}
	return nil
}

// parseTag reads a name to put an image under.
func parseTag(ref string, how ...name.Option) (name.Tag, error) {
	t, err := name.NewTag(ref, how...)
	if err != nil {
		if strings.Contains(ref, "@") {
			return t, errors.New("a digest cannot be chosen: name a tag")
		}
		return t, fmt.Errorf("no image name: %s", nameFault(ref))
	}
	return t, nil
}

func pushTo(to name.Tag, o Options) (*registry, error) {
	trust, err := registryTLS(certDirs(to.Context().RegistryStr()), o.Insecure)
	if err != nil {
		return nil, err
	}
	t := registryTransport(trust)
	t.ResponseHeaderTimeout = 0 // a registry answers an upload when it has all of it
	return &registry{ref: to, insecure: o.Insecure, plain: t}, nil
}

// mountable lets the blobs of an image that is, or stands on, another one of the
// same registry be named rather than sent.
func mountable(img v1.Image, i *Image, to name.Tag) v1.Image {
	for _, ref := range []string{i.Reference, i.BaseName} {
		from, err := name.ParseReference(strings.TrimPrefix(strings.TrimPrefix(ref, "registry://"), "remote://"))
		if err == nil && from.Context().RegistryStr() == to.Context().RegistryStr() && from.Context().RepositoryStr() != to.Context().RepositoryStr() {
			return &mounting{img, from}
		}
	}
	return img
}

// mounting is an image whose layers may lie in another repository of the registry.
type mounting struct {
	v1.Image
	from name.Reference
}

// Layers implements [v1.Image].
func (m *mounting) Layers() ([]v1.Layer, error) {
	all, err := m.Image.Layers()
	if err != nil {
		return nil, err
	}
	for n, l := range all {
		all[n] = &remote.MountableLayer{Layer: l, Reference: m.from}
	}
	return all, nil
}

// sentBytes adds up what is sent, and passes it on.
type sentBytes struct {
	tell  Sent
	mu    sync.Mutex
	done  map[model.Digest]int64
	total int64
}

func (s *sentBytes) sent(blob model.Digest, done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done > s.done[blob] {
		s.total += done - s.done[blob]
	}
	s.done[blob] = done
	if s.tell != nil {
		s.tell(blob, done, total)
	}
}

func (s *sentBytes) sum() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// unpushed says what a failed upload means: who is refused is told with what
// credentials.
func (r *registry) unpushed(ctx context.Context, err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) && ctx.Err() == nil && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden) {
		host := r.ref.Context().RegistryStr()
		words := ""
		if s := diagnosis(answer); s != "" {
			words = ": " + s
		}
		return &hinted{
			fmt.Errorf("%s: %w", host, reworded{fmt.Sprintf("%d: it does not take %s for this repository%s", answer.StatusCode, credentialsOf(host), words), answer}),
			"docker login " + host,
		}
	}
	return r.fault(ctx, err)
}

// unlocked says which helper does not give its credentials.
func (r *registry) unlocked(err error) error {
	host := r.ref.Context().RegistryStr()
	return &hinted{fmt.Errorf("%s: %s: %s", host, credentialsOf(host), said(err.Error())), "docker login " + host}
}

// credentialsOf says where the credentials for a registry come from.
func credentialsOf(host string) string {
	c, err := dockerconfig.Load(dockerDir())
	if err != nil {
		return "the credentials in " + dockerDir() + ", which cannot be read,"
	}
	if host == name.DefaultRegistry {
		host = "https://index.docker.io/v1/"
	}
	if h := c.CredentialHelpers[host]; h != "" {
		return "the credentials of the helper docker-credential-" + h
	}
	if c.CredentialsStore != "" {
		return "the credentials of the helper docker-credential-" + c.CredentialsStore
	}
	if _, ok := c.AuthConfigs[host]; ok {
		return "the credentials in " + c.GetFilename()
	}
	return "nobody (no credentials are stored)"
}
