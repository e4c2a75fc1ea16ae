package builder_test

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// TestWhatOnlyDockerHasCanBeFROM where another engine builds, and is exported
// once as long as the name means the same image.
func TestWhatOnlyDockerHasCanBeFROM(t *testing.T) {
	docker := &enginetest.Docker{}
	docker.Serve(t)
	onEach(t, func(t *testing.T, e *builder.Engine) {
		if e.Name == "docker" {
			t.Skip("it has its own")
		}
		s := newSite(t, "FROM {{base}} AS a\nRUN echo {{nonce}} > /made\nFROM {{base}}\nCOPY --from=a /made /made\n", nil)
		o := s.order()
		o.Open = nil
		if b, err := e.Build(t.Context(), o, builder.Hooks{}); err == nil {
			b.Close()
			t.Fatal("an image that nobody has is FROM")
		}
		docker.Hold(t, s.name(), s.image())
		build := func(want int) {
			t.Helper()
			var r record
			b, err := e.Build(t.Context(), o, r.hooks())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if root := r.steps[4]; root.Find("/made") == nil {
				t.Error("the copy is not there")
			}
			var served bool
			for key := range b.Bases {
				served = served || strings.Contains(key, s.name())
			}
			if !served {
				t.Errorf("the forecast is not told of %s: %v", s.name(), b.Bases)
			}
			if docker.Saved() != want {
				t.Errorf("exported %d times, want %d", docker.Saved(), want)
			}
		}
		before := docker.Saved()
		build(before + 1)
		build(before + 1)
		s.rootfs["more"] = "another"
		docker.Hold(t, s.name(), s.image())
		build(before + 2)
		o.Pull = true
		if b, err := e.Build(t.Context(), o, builder.Hooks{}); err == nil {
			b.Close()
			t.Error("with --pull the registry's image was not asked for")
		}
	})
}
