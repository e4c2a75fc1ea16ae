//go:build linux && !noembed

package embed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// BenchmarkReady is from nothing to an engine that answers, with an empty state
// folder, and with one that is there; and to one that runs.
func BenchmarkReady(b *testing.B) {
	supported(b)
	start := func(b *testing.B, dir string) {
		info, err := embed.Describe(b.Context(), embed.Options{StateDir: dir})
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		gone(b, info.PID) // and done with the disk
		b.StartTimer()
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			dir := folder(b)
			b.StartTimer()
			start(b, dir)
		}
	})
	b.Run("warm", func(b *testing.B) {
		dir := folder(b)
		for b.Loop() {
			start(b, dir)
		}
	})
	b.Run("shared", func(b *testing.B) {
		dir := folder(b)
		first := dial(b, dir)
		defer first.Close()
		for b.Loop() {
			dial(b, dir).Close()
		}
	})
}

// BenchmarkSteps is what a RUN costs beside its command: of 30 of them.
func BenchmarkSteps(b *testing.B) {
	for _, runtime := range []string{"own", "runc"} {
		b.Run(runtime, func(b *testing.B) {
			e := engine(b, embed.Options{Runtime: strings.TrimPrefix(runtime, "own")})
			base := bases(b)
			n := 0
			const steps = 30
			for b.Loop() {
				n++
				text := "FROM box\n" + strings.Repeat(fmt.Sprintf("RUN true %d\n", n), steps)
				if _, err := e.Run(b, enginetest.Job{Text: text, Bases: base}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(n*steps), "ms/step")
		})
	}
}

// BenchmarkCached is a build of which the engine has all, with a small context.
func BenchmarkCached(b *testing.B) {
	e := engine(b, embed.Options{})
	job := enginetest.Job{
		Text:  "FROM box\nWORKDIR /app\nCOPY . .\nRUN cat f >g\nRUN true\nENV A=b\nCMD [\"sh\"]\n",
		Bases: bases(b), Context: map[string]string{"f": "f\n", "d/g": "g\n"},
	}
	dir := folder(b)
	enginetest.Write(b, dir, job.Context)
	if _, err := e.RunIn(b, dir, job); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		o, err := e.RunIn(b, dir, job)
		if err != nil || o.Ran > 0 {
			b.Fatalf("%d steps ran, want none: %v", o.Ran, err)
		}
	}
}
