package builder

import (
	"errors"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgtui/imgtui/layers/builder/enginetest"
	"github.com/imgtui/imgtui/model"
	sess "github.com/imgtui/imgtui/model/session"
)

func imageOf(content string) v1.Image {
	return must(mutate.AppendLayers(must(mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: "amd64"})),
		static.NewLayer([]byte(content+string(make([]byte, 1024-len(content)))), types.DockerUncompressedLayer)))
}

// TestALoanIsExportedOnce as long as the name means the same image.
func TestALoanIsExportedOnce(t *testing.T) {
	docker := &enginetest.Docker{}
	docker.Serve(t)
	var b borrowed
	k := borrowing{name: "app:1"}
	if b.loan(t.Context(), k) != nil {
		t.Fatal("an image that is not there is lent")
	}
	docker.Hold(t, "app:1", imageOf(""))
	first := b.loan(t.Context(), k)
	if first == nil {
		t.Fatal("an image that is there is not lent")
	}
	for range 2 {
		if i := b.loan(t.Context(), k); i != first {
			t.Error("the same image is another loan")
		}
		must(first.Bundle(t.Context()))
	}
	if n := docker.Saved(); n != 1 {
		t.Errorf("exported %d times, want once", n)
	}
	docker.Hold(t, "app:1", imageOf("x"))
	second := b.loan(t.Context(), k)
	if second == nil || second.ID == first.ID {
		t.Errorf("got %v, want the image that the name means now", second)
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
	if _, err := first.Blobs[0].Open(t.Context()); err == nil {
		t.Error("what was lent first is not given back")
	}
}

// TestOnlyWhatIsMissingIsBorrowed, by an engine that is not Docker's own.
func TestOnlyWhatIsMissingIsBorrowed(t *testing.T) {
	docker := &enginetest.Docker{}
	docker.Serve(t)
	docker.Hold(t, "app:1", imageOf(""))
	lacks := &missing{errors.New("not found"), []string{"nobody:1", "app:1"}}
	for _, c := range []struct {
		name  string
		err   error
		order Order
		want  bool
	}{
		{"a fault", errors.New("app:1: not found"), Order{}, false},
		{"pull", lacks, Order{Build: sess.Build{BuildOptions: sess.BuildOptions{Pull: true}}}, false},
		{"platforms", lacks, Order{Build: sess.Build{BuildOptions: sess.BuildOptions{Platforms: make([]model.Platform, 2)}}}, false},
		{"nobody has it", &missing{errors.New("not found"), []string{"nobody:1"}}, Order{}, false},
		{"missing", lacks, Order{}, true},
	} {
		e := &Engine{stored: true}
		if got := e.borrow(t.Context(), c.order, c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if c.want && e.borrow(t.Context(), c.order, c.err) {
			t.Errorf("%s: borrowed again though it is at hand", c.name)
		}
		s := &supplies{served: map[string]Image{}, stores: map[string]Image{}}
		s.opt.FrontendAttrs, s.opt.OCIStores = map[string]string{}, map[string]content.Store{}
		if err := c.order.loans(t.Context(), e, s); err != nil || (s.opt.FrontendAttrs["context:app:1"] != "") != c.want {
			t.Errorf("%s: supplied %v, %v", c.name, s.opt.FrontendAttrs, err)
		}
		s.close()
		if err := e.borrowed.close(); err != nil {
			t.Error(err)
		}
	}
}
