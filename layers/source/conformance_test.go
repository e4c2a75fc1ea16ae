package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

// samples put an image where each row of All looks for one, and return what to
// open and with what.
var samples = map[string]func(t *testing.T) (ref string, o Options){
	"-": func(t *testing.T) (string, Options) {
		return "-", Options{Stdin: bytes.NewReader(sourcetest.Legacy(sourcetest.App("a:1")).Tar())}
	},
	"oci": func(t *testing.T) (string, Options) {
		return "oci:" + sourcetest.OCI(sourcetest.App("a:1")).Folder(t), Options{}
	},
	"docker-archive": func(t *testing.T) (string, Options) {
		return "docker-archive:" + sourcetest.Write(t, "x", sourcetest.Legacy(sourcetest.App("a:1")).Tar()), Options{}
	},
	"oci-archive": func(t *testing.T) (string, Options) {
		return "oci-archive:" + sourcetest.Write(t, "x", sourcetest.OCI(sourcetest.App("a:1")).Tar()), Options{}
	},
	"demo": func(t *testing.T) (string, Options) { return "demo:", Options{} },
	"rootfs": func(t *testing.T) (string, Options) {
		return "rootfs:" + sourcetest.Parts{{Name: "etc/motd", Body: []byte("hello")}}.Folder(t), Options{}
	},
	"docker": func(t *testing.T) (string, Options) {
		newFake(t, "1.41")
		return "docker:acct/app:1", Options{}
	},
	"podman": func(t *testing.T) (string, Options) {
		f := newFake(t, "1.41")
		t.Setenv("CONTAINER_HOST", f.serve(t))
		return "podman:acct/app:1", Options{}
	},
	"registry": func(t *testing.T) (string, Options) {
		f := serveRegistry(t)
		f.push(t, "1", "amd64", "content")
		return "registry:" + f.host + "/acct/app:1", Options{}
	},
	"remote": func(t *testing.T) (string, Options) {
		f := serveRegistry(t)
		f.push(t, "1", "amd64", "content")
		return "remote://" + f.host + "/acct/app:1", Options{}
	},
}

// TestEverySourceKeepsItsPromises runs over every row of All and every alias.
func TestEverySourceKeepsItsPromises(t *testing.T) {
	for _, scheme := range Schemes() {
		t.Run(scheme, func(t *testing.T) {
			sample := samples[scheme]
			if sample == nil {
				t.Fatalf("no sample for the scheme %s: put one into samples", scheme)
			}
			ref, o := sample(t)
			img, err := Open(t.Context(), ref, o)
			if err != nil {
				t.Fatal(err)
			}
			defer img.Close()
			checkFacts(t, img, ref)
			if local := scheme == "oci" || strings.HasSuffix(scheme, "-archive"); img.Local != local {
				t.Errorf("local is %v, want %v: a file of the user's, and nothing that came as a stream", img.Local, local)
			}
			for n, b := range img.Blobs {
				checkReadsAlike(t, n, b)
			}
			if err := errors.Join(img.Close(), img.Close()); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

func checkFacts(t *testing.T, img *Image, ref string) {
	t.Helper()
	if img.Reference != ref || !slices.Contains(Schemes(), img.Source) {
		t.Errorf("got %q of the source %q, want %q of a known one", img.Reference, img.Source, ref)
	}
	if len(img.Steps) == 0 || len(img.Layers()) != len(img.Blobs) {
		t.Errorf("got %d steps, %d layers and %d blobs", len(img.Steps), len(img.Layers()), len(img.Blobs))
	}
	for n, s := range img.Steps {
		if s.Index != n {
			t.Errorf("step %d says that it is %d", n, s.Index)
		}
	}
	for n, l := range img.Layers() {
		b := img.Blobs[n]
		if l.Index != n || l.DiffID != b.DiffID {
			t.Errorf("layer %d says that it is %d; its diff ID is %s, its blob's %s", n, l.Index, l.DiffID, b.DiffID)
		}
		if l.Unpacked < model.Unknown || l.Download < model.Unknown || l.Tar < model.Unknown {
			t.Errorf("layer %d has negative sizes: %+v", n, l)
		}
	}
}

// checkReadsAlike reads a blob from several goroutines, and at random where
// that can be done.
func checkReadsAlike(t *testing.T, n int, b Blob) {
	t.Helper()
	var mu sync.Mutex
	var all [][]byte
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			r, err := b.Open(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			body, err := io.ReadAll(r)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, body)
		})
	}
	wg.Wait()
	for _, body := range all {
		if !bytes.Equal(body, all[0]) || len(body) == 0 {
			t.Errorf("layer %d: read twice it is not the same", n)
		}
	}
	if b.Size != model.Unknown && b.Size != int64(len(all[0])) {
		t.Errorf("layer %d: says %d bytes, has %d", n, b.Size, len(all[0]))
	}
	if b.Digest != "" && b.Digest != sourcetest.Digest(all[0]) {
		t.Errorf("layer %d: says %s, is %s", n, b.Digest, sourcetest.Digest(all[0]))
	}
	if got := sourcetest.Digest(plain(t, b)); b.DiffID != "" && b.DiffID != got {
		t.Errorf("layer %d: its diff ID says %s, is %s", n, b.DiffID, got)
	}
	if b.At == nil {
		return
	}
	part := make([]byte, 100)
	if _, err := b.At.ReadAt(part, 256); err != nil || !bytes.Equal(part, all[0][256:356]) {
		t.Errorf("layer %d: at random it is another: %v", n, err)
	}
}

// TestEverySourceStopsWithItsContext opens with a context that has ended.
func TestEverySourceStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, scheme := range Schemes() {
		if scheme == "demo" || scheme == "rootfs" || scheme == "oci" {
			continue // these look at nothing that can be long
		}
		t.Run(scheme, func(t *testing.T) {
			ref, o := samples[scheme](t)
			if _, err := Open(ctx, ref, o); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context canceled", err)
			}
		})
	}
}

// TestEverySourceSaysInOneLineWhatItLacks asks each for what it cannot have.
func TestEverySourceSaysInOneLineWhatItLacks(t *testing.T) {
	for _, scheme := range Schemes() {
		if scheme == "demo" {
			continue // it has but one image
		}
		t.Run(scheme, func(t *testing.T) {
			serveRegistry(t)
			ref := scheme + ":gone.invalid/x:1"
			_, err := Open(t.Context(), ref, Options{})
			if err == nil || !strings.HasPrefix(err.Error(), "open "+ref+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with open %s", err, ref)
			}
		})
	}
}

func TestAPlaceThatIsNotReadIsNotTakenForAName(t *testing.T) {
	f := serveRegistry(t)
	for ref, want := range map[string]string{
		"containerd:alpine:3":    "open containerd:alpine:3: images of containerd are not read",
		"containerd://alpine":    "open containerd://alpine: images of containerd are not read",
		"containers-storage:x":   "open containers-storage:x: images of containers-storage are not read",
		"http://" + f.host + "/": "open http://" + f.host + "/: there is no source http",
		"Docker://alpine":        "open Docker://alpine: there is no source Docker",
	} {
		_, err := Open(t.Context(), ref, Options{})
		if err == nil || err.Error() != want || Hint(err) == "" {
			t.Errorf("%s: got %v with hint %q, want %s", ref, err, Hint(err), want)
		}
	}
	if asked := f.requests(); len(asked) > 0 {
		t.Errorf("the registry was asked %q", asked)
	}
	_, err := Open(t.Context(), "containerd:1", Options{})
	if !strings.Contains(Hint(err), "registry://containerd:1") {
		t.Errorf("got hint %q, want how an image of that name is opened", Hint(err))
	}
}
