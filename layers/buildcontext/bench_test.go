//go:build unix

package buildcontext_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
)

// large makes a folder of so many files, twenty to a directory, with the
// rules of a usual project.
func large(b *testing.B, files int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range files {
		p := filepath.Join(dir, fmt.Sprintf("p%d/m%d/f%d.go", i/2000, i/20%100, i))
		if i%20 == 0 {
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(p, fmt.Appendf(nil, "package p%d // %1000d", i, i), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	lay(b, dir, ".dockerignore=.git\n**/node_modules\n**/*.log\n**/__pycache__\n*.md\n!README.md\ndist\n**/.env*\n")
	time.Sleep(2100 * time.Millisecond) // so that no file may be racy
	return dir
}

var sizes = []int{1_000, 10_000, 100_000}

func BenchmarkWalkCold(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := large(b, n)
			b.ReportAllocs()
			for b.Loop() {
				walk(b, open(b, dir, buildcontext.Options{}))
			}
		})
	}
}

func BenchmarkWalkWarm(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := open(b, large(b, n), buildcontext.Options{})
			walk(b, f)
			b.ReportAllocs()
			for b.Loop() {
				walk(b, f)
			}
		})
	}
}

func BenchmarkUpdateOfOneFile(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := open(b, large(b, n), buildcontext.Options{})
			walk(b, f)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Update(b.Context(), []string{"p0/m0/f0.go"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkForetellCopyOfAll(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			root := walk(b, open(b, large(b, n), buildcontext.Options{})).Root
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plan.Copy(root, nil, plan.CopySpec{Sources: []string{"."}, Dest: "/app/"}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
