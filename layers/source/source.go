// Package source finds the image behind a reference, and puts one into another
// place of the same kinds. Each kind of place is one file and one row of [All].
package source

import (
	"context"
	"io"
	"sync"

	"github.com/imgtui/imgtui/model"
)

// Image is an opened image: its facts, and its layers' blobs by layer index.
type Image struct {
	model.Image
	Blobs []Blob
	// Whole is the bytes of the file that all of it came from, where that is
	// compressed as a whole; else 0. The blobs are larger, and cost nobody more.
	Whole int64
	// Local tells that the blobs lie in files of the user's: they can be read as
	// often as one likes, and not only while they come.
	Local  bool
	papers papers
	close  func() error

	bundling sync.Mutex
	bundle   *Bundle // nil until somebody wants it
}

// Close lets go of what the image was read from. It may be called twice.
func (i *Image) Close() error {
	i.unbundle()
	if i.close == nil {
		return nil
	}
	c := i.close
	i.close = nil
	return c()
}

// Blob is a layer as it is stored, maybe compressed. It can be opened many
// times and from several goroutines.
type Blob struct {
	Digest model.Digest // of the stored bytes, to be verified by who reads; "" where unknown
	DiffID model.Digest // of the uncompressed tar, likewise
	Size   int64        // stored bytes; model.Unknown where it cannot be told
	// Open streams the stored bytes. An error says why they cannot be had.
	Open func(ctx context.Context) (io.ReadCloser, error)
	// At reads the stored bytes at random; nil where the place cannot do that.
	At io.ReaderAt
	// Range streams n stored bytes from one on, where each part has to be asked for:
	// nil where the place cannot do that, [ErrNoRange] where it turns out not to.
	// What it brings is held against nothing.
	Range func(ctx context.Context, from, n int64) (io.ReadCloser, error)
	TOC   *TOC // for Range; nil where the layer has none
}

// Options say what to take and how to reach it.
type Options struct {
	Platform model.Platform // the zero value takes the host's, else asks
	Select   string         // which image of several in an archive: a tag, a digest or "#index"
	Pull     string         // "missing", "always", "never"; "" is missing
	Insecure bool           // plain HTTP and unverified TLS for registries
	Unpacked int64          // bytes that an archive compressed as a whole may unpack to; 0 is 4 GiB and 100 times its size
	Stdin    io.Reader      // what "-" reads
	// Progress, if set, is told of bytes fetched before an image can be opened
	// (an engine's export, standard input).
	Progress func(done, total int64)
}

// Source is one kind of place that images come from.
type Source struct {
	Scheme  string
	Aliases []string
	Doc     string
	Place   Place // what it asks; the zero value is [Files]
	// Claims tells whether ref, without a scheme, may mean this place.
	Claims func(ref string) bool
	Open   func(ctx context.Context, ref string, o Options) (*Image, error)
}

// All is every source, in the order in which they are asked.
var All = []Source{
	{
		Scheme: "-", Doc: "an archive on standard input",
		Claims: func(ref string) bool { return ref == "-" }, Open: openStdin,
	},
	{
		Scheme: "oci", Doc: "OCI image layout on disk, with indexes and nested indexes",
		Claims: claimsLayout, Open: openLayoutPath,
	},
	{
		Scheme: "docker-archive", Aliases: []string{"oci-archive"},
		Doc:    "docker save of every age, kaniko, buildah, podman, or an OCI layout as tar; plain, gzip or zstd",
		Claims: claimsFile, Open: openFile,
	},
	{
		Scheme: "demo", Doc: "the built-in sample image, made in memory",
		Claims: func(string) bool { return false }, Open: openDemo,
	},
	{
		Scheme: "rootfs", Doc: "a directory or a tar of a filesystem, as a single layer",
		Claims: claimsDirectory, Open: openRootfs,
	},
	{
		Scheme: "docker", Place: Engines,
		Doc:    "Docker Engine by its API (DOCKER_HOST, contexts, ssh)",
		Claims: claimsEngine, Open: openDocker,
	},
	{
		Scheme: "podman", Place: Engines,
		Doc:    "podman by its socket (CONTAINER_HOST, rootless)",
		Claims: claimsEngine, Open: openPodman,
	},
	{
		Scheme: "registry", Aliases: []string{"remote"}, Place: Registry,
		Doc:    "any OCI or Docker registry, with the docker command's credentials",
		Claims: claimsName, Open: openRegistry,
	},
}

// AmbiguousError says that a reference stands for several images.
type AmbiguousError struct {
	Ref     string
	Choices []Choice
}

// Choice is one of several images.
type Choice struct {
	Label    string
	Platform model.Platform
	Select   string
}
