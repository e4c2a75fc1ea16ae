package layers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

// remote is an image of four layers, the third of which is large.
func remote() sourcetest.Image {
	i := sourcetest.Image{}
	for n, size := range []int{3000, 5000, 600_000, 400} {
		i.Steps = append(i.Steps, sourcetest.Step{By: string(rune('a' + n)), Codec: "gzip", Layer: sourcetest.Tar(sourcetest.File(string(rune('a'+n)), sourcetest.Noise(uint64(n), size)))})
	}
	return i
}

// blobsOf are the requests for the layers of an image.
func blobsOf(i sourcetest.Image) []string {
	var all []string
	for _, s := range i.Steps {
		all = append(all, "blobs "+string(sourcetest.Digest(sourcetest.Compress(s.Codec, s.Layer))))
	}
	return all
}

// TestStepsAreThereAfterManifestAndConfigAlone counts what was asked when the
// list of steps is ready.
func TestStepsAreThereAfterManifestAndConfigAlone(t *testing.T) {
	amd, arm := remote(), remote().For("linux/arm64")
	l := &sourcetest.Layout{}
	one, other := l.Image(amd), l.Image(arm)
	ix := l.Index(one, other, l.Attestation(one))
	reg := sourcetest.Serve(t, l.Parts(one.Named("one"), ix.Named("many")))
	for name, c := range map[string]struct {
		open session.Open
		want []string
	}{
		"a manifest": {session.Open{Ref: reg.Ref("one")}, []string{"/v2/", "manifests one", "blobs " + string(amd.ID())}},
		"an index": {session.Open{Ref: reg.Ref("many"), Platform: model.Platform{OS: "linux", Architecture: "arm64"}},
			[]string{"/v2/", "manifests many", "manifests " + string(other.Digest), "blobs " + string(arm.ID())}},
	} {
		e := layers.New(layers.Options{})
		s, rs := session.Start(c.open)
		var asked []string
		var ready []int // steps in the state right then
		s = session.Settle(t.Context(), s, rs, func(ctx context.Context, r session.Request, send func(session.Msg)) {
			e.Do(ctx, r, func(m session.Msg) {
				if m, ok := m.(session.Opened); ok {
					asked, ready = reg.Asked(), []int{len(m.Image.Steps)}
				}
				send(m)
			})
		})
		if diff := cmp.Diff(c.want, asked); diff != "" || !slices.Equal(ready, []int{4}) {
			t.Errorf("%s: %d steps after: %s", name, ready, diff)
		}
		if k := s.Stacks[session.Was]; len(k.Missing()) > 0 || k.Report == nil || len(k.Warnings()) > 0 {
			t.Errorf("%s: missing %v, warnings %v", name, k.Missing(), k.Warnings())
		}
		got := reg.Asked()
		slices.Sort(got)
		if len(got) != 4 {
			t.Errorf("%s: the layers cost %q, want each once", name, got)
		}
		e.Close()
	}
}

// TestLayersStreamAtOnce lets no layer through until two are asked for.
func TestLayersStreamAtOnce(t *testing.T) {
	image := remote()
	l := &sourcetest.Layout{}
	reg := sourcetest.Serve(t, l.Parts(l.Image(image).Named("1")))
	var flying atomic.Int32
	both := make(chan struct{})
	var once sync.Once
	reg.Gate(func(w http.ResponseWriter, r *http.Request) bool {
		if !slices.Contains(blobsOf(image), "blobs "+strings.TrimPrefix(r.URL.Path, "/v2/acct/app/blobs/")) {
			return false
		}
		if flying.Add(1) == 2 {
			once.Do(func() { close(both) })
		}
		select {
		case <-both:
		case <-time.After(60 * time.Second):
			t.Error("no two layers are asked for at once")
			once.Do(func() { close(both) })
		}
		return false
	})
	e := layers.New(layers.Options{Workers: 2})
	defer e.Close()
	if o := outcomeOf(settle(e, reg.Ref("1"))); len(o.Errors) > 0 {
		t.Error(o.Errors)
	}
}

// TestANetworkThatIsPulledSaysSoAndTheRestIsReadAgain cuts the third layer in
// the middle, for as long as the program tries.
func TestANetworkThatIsPulledSaysSoAndTheRestIsReadAgain(t *testing.T) {
	image := remote()
	l := &sourcetest.Layout{}
	reg := sourcetest.Serve(t, l.Parts(l.Image(image).Named("1")))
	blobs := blobsOf(image)
	pulled := strings.TrimPrefix(blobs[2], "blobs ")
	reg.Gate(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, pulled) {
			return false
		}
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", "600000")
			w.Write(make([]byte, 0))
			w.Write(sourcetest.Gzip(image.Steps[2].Layer)[:200_000])
			w.(http.Flusher).Flush()
		}
		panic(http.ErrAbortHandler)
	})
	e := layers.New(layers.Options{})
	defer e.Close()
	s := settle(e, reg.Ref("1"))
	k := s.Stacks[session.Was]
	if got := k.Missing(); !slices.Equal(got, []int{2}) {
		t.Fatalf("missing %v, want the third layer alone: %+v", got, outcomeOf(s))
	}
	text := k.Layers[2].Err.Error()
	if !strings.HasPrefix(text, "layer 2: the connection broke at 200kB of 600") || strings.Contains(text, "\n") {
		t.Errorf("got %q, want where the connection broke", text)
	}
	if top, known := k.Top(); !known || top.Find("/d") == nil || top.Find("/c") != nil {
		t.Error("the layers above are not to be seen without the one that is missing")
	}
	reg.Gate(nil)
	reg.Asked()
	s, rs := s.Update(session.Retry{})
	s = session.Settle(t.Context(), s, rs, e.Do)
	if diff := cmp.Diff([]string{blobs[2]}, reg.Asked()); diff != "" {
		t.Errorf("a retry asked for other things: %s", diff)
	}
	if k := s.Stacks[session.Was]; len(k.Missing()) > 0 || k.Report == nil || len(k.Warnings()) > 0 {
		t.Errorf("after a retry: missing %v, warnings %v", k.Missing(), k.Warnings())
	}
	e.Do(t.Context(), session.Index{Gen: 99}, func(session.Msg) {})
	if got := reg.Asked(); len(got) > 0 {
		t.Errorf("a second reader asked for %q", got)
	}
}

func TestALayerThatIsAnotherIsSaid(t *testing.T) {
	image := remote().Stored("")
	l := &sourcetest.Layout{}
	d := l.Image(image)
	other := sourcetest.Tar(sourcetest.File("d", sourcetest.Noise(9, 400)))
	parts := l.Parts(d.Named("1")).With(sourcetest.BlobPath(image.DiffIDs()[3]), other)
	reg := sourcetest.Serve(t, parts)
	e := layers.New(layers.Options{})
	defer e.Close()
	o := outcomeOf(settle(e, reg.Ref("1")))
	said := strings.Join(append(o.Errors, o.Warnings...), "\n")
	if !strings.Contains(said, "layer 3: digest is "+string(sourcetest.Digest(other))) {
		t.Errorf("got %q, want that the fourth layer is another", said)
	}
}
