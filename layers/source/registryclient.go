package source

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/pattern"
)

// headerTimeout bounds how long a registry may think before it begins to answer.
const headerTimeout = 60 * time.Second

// registry is one repository, with the right to pull from it.
type registry struct {
	ref      name.Reference
	insecure bool
	plain    *http.Transport // for layers that lie elsewhere: carries no credentials
	client   *http.Client
	pauses   []time.Duration // before each attempt to go on with a broken download
	partless atomic.Bool     // it has turned out to serve no parts of blobs
}

// dialRegistry asks the registry how it wants to be asked, and gets a token
// with the credentials that the docker command has stored.
func dialRegistry(ctx context.Context, ref string, o Options) (*registry, error) {
	var how []name.Option
	if o.Insecure {
		how = append(how, name.Insecure)
	}
	parsed, err := name.ParseReference(ref, how...)
	if err != nil {
		return nil, fmt.Errorf("no image name: %s", nameFault(ref))
	}
	trust, err := registryTLS(certDirs(parsed.Context().RegistryStr()), o.Insecure)
	if err != nil {
		return nil, err
	}
	r := &registry{
		ref: parsed, insecure: o.Insecure, plain: registryTransport(trust),
		pauses: []time.Duration{0, time.Second, 3 * time.Second},
	}
	if err := r.login(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// login sets up the client. It costs what the authentication costs: one
// request that asks for it, and one for a token where tokens are used.
func (r *registry) login(ctx context.Context) error {
	repo := r.ref.Context()
	auth, err := authn.Resolve(ctx, authn.DefaultKeychain, repo)
	if err != nil {
		return fmt.Errorf("credentials for %s: %s", repo.RegistryStr(), said(err.Error()))
	}
	again := transport.NewRetry(r.plain, transport.WithRetryPredicate(isBroken))
	t, err := transport.NewWithContext(
		ctx, repo.Registry, auth, again, []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return r.fault(ctx, err)
	}
	r.client = &http.Client{Transport: t}
	return nil
}

// isBroken tells a connection that broke, which a new one may mend. It is closed
// beneath whoever still writes where the break was first seen by reading.
func isBroken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// registryTransport keeps the blobs as they are stored and waits for nobody forever.
func registryTransport(trust *tls.Config) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = connectTimeout
	t.ResponseHeaderTimeout = headerTimeout
	t.DisableCompression = true
	t.MaxIdleConnsPerHost = 8
	t.TLSClientConfig = trust
	return t
}

func (r *registry) close() { r.plain.CloseIdleConnections() }

// blobID is a digest as the image-spec allows it, and nothing that bends a path.
var blobID = pattern.Lazy(`^[a-z0-9]+([+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$`)

// get asks for a manifest or a blob, or a part of one.
func (r *registry) get(ctx context.Context, kind, id string, p piece) (*http.Response, error) {
	if kind == "blobs" && !blobID().MatchString(id) {
		return nil, fmt.Errorf("%q is no digest", said(id))
	}
	repo := r.ref.Context()
	address := fmt.Sprintf("https://%s/v2/%s/%s/%s", repo.RegistryStr(), repo.RepositoryStr(), kind, id)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if kind == "manifests" {
		req.Header.Set("Accept", accepted)
	}
	return r.send(r.client, req, p)
}

// piece is a part of a blob. The zero value is all of it.
type piece struct {
	from int64
	n    int64 // bytes; 0 is all that follow
}

// String is how the part is asked for.
func (p piece) String() string {
	if p.n == 0 {
		return fmt.Sprintf("bytes=%d-", p.from)
	}
	return fmt.Sprintf("bytes=%d-%d", p.from, p.from+p.n-1)
}

// send asks for a part, and takes only a good answer.
func (r *registry) send(c *http.Client, req *http.Request, p piece) (*http.Response, error) {
	if p != (piece{}) {
		req.Header.Set("Range", p.String())
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, r.fault(req.Context(), err)
	}
	err = transport.CheckError(res, http.StatusOK, http.StatusPartialContent)
	if err != nil {
		res.Body.Close()
		return nil, r.fault(req.Context(), err)
	}
	return res, nil
}

// document reads a manifest or a config, which are small.
func (r *registry) document(ctx context.Context, kind, id string) ([]byte, string, error) {
	res, err := r.get(ctx, kind, id, piece{})
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, answerMax+1))
	if err != nil {
		return nil, "", r.fault(ctx, err)
	}
	if len(b) > answerMax {
		return nil, "", fmt.Errorf("%s %s: longer than %d MiB", kind, id, answerMax>>20)
	}
	return b, res.Header.Get("Content-Type"), nil
}

// blob is a layer that is streamed from the registry each time it is opened.
func (r *registry) blob(l layerDescriptor) Blob {
	if l.Size < 0 {
		l.Size = model.Unknown
	}
	return Blob{
		Digest: model.Digest(l.Digest),
		Size:   l.Size,
		TOC:    l.toc(),
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			return r.openBlob(ctx, l)
		},
		Range: func(ctx context.Context, from, n int64) (io.ReadCloser, error) {
			return r.openRange(ctx, l, piece{from, n})
		},
	}
}
