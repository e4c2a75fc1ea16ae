package builder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"

	"github.com/imgtui/imgtui/layers/builder"
)

// BenchmarkCachedBuild builds what an engine has: as the engine's own frontend
// would, with the root of every step, and with the image brought here as well.
func BenchmarkCachedBuild(b *testing.B) {
	address, _, _ := strings.Cut(os.Getenv("IMGTUI_TEST_BUILDKIT"), " ")
	if address == "" || address == "docker" {
		b.Skip("IMGTUI_TEST_BUILDKIT has no address (.ci/buildkitd starts one)")
	}
	s := stepped(b)
	e, err := builder.Dial(b.Context(), builder.Where{Engine: address})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	build := func() *builder.Build {
		done, err := e.Build(b.Context(), s.order(), builder.Hooks{})
		if err != nil {
			b.Fatal(err)
		}
		return done
	}
	dir := filepath.Join(b.TempDir(), "image")
	first := build()
	if _, err := first.Export(b.Context(), dir, nil); err != nil {
		b.Fatal(err)
	}
	first.Close()
	b.Run("frontend", func(b *testing.B) {
		c, err := client.New(b.Context(), address)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		plain := &engine{Client: c, dir: b.TempDir()}
		ask := s.ask("")
		for b.Loop() {
			if _, err := plain.build(b, ask); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("steps", func(b *testing.B) {
		for b.Loop() {
			build().Close()
		}
	})
	b.Run("steps and image", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			done := build()
			if _, err := done.Export(b.Context(), fmt.Sprint(dir, n), []string{dir}); err != nil {
				b.Fatal(err)
			}
			done.Close()
		}
	})
}
