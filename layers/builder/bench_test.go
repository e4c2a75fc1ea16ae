package builder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

func BenchmarkConvert(b *testing.B) {
	for _, lines := range []int{50, 200, 500, 2000} {
		b.Run(fmt.Sprint(lines, "lines"), func(b *testing.B) {
			job := builder.Job{Text: long(lines), Context: many(1000), Memory: &builder.Memory{}}
			b.ReportAllocs()
			for b.Loop() {
				convert(b, job)
			}
		})
	}
}

// BenchmarkConvertKey is the conversion alone after a key: in the command of a
// RUN, and elsewhere. The texts are parsed beforehand.
func BenchmarkConvertKey(b *testing.B) {
	for _, at := range []struct{ name, old string }{{"run", "make step22 "}, {"comment", "# a comment about line 25"}, {"other", "LABEL label27"}} {
		for _, lines := range []int{50, 200, 500, 2000} {
			b.Run(fmt.Sprint(at.name, "/", lines, "lines"), func(b *testing.B) {
				first := long(lines)
				texts := []string{strings.Replace(first, at.old, at.old+"x", 1), strings.Replace(first, at.old, at.old+"y", 1)}
				files := []*dockerfile.File{parse(b, texts[0]), parse(b, texts[1])}
				job := builder.Job{Context: many(1000), Memory: &builder.Memory{}}
				b.ReportAllocs()
				for i := 0; b.Loop(); i ^= 1 {
					job.Text, job.File = texts[i], files[i]
					convert(b, job)
				}
			})
		}
	}
}

// BenchmarkKey is what a key costs: the text has changed, the context has not.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n, "files"), func(b *testing.B) {
			text := long(200) + "COPY . /all\nCOPY --exclude=**/*1.go src /some\nCOPY src/*/sub?/*.go /globbed/\n"
			job := builder.Job{Text: text, Context: many(n), Memory: &builder.Memory{}}
			was := plan.Was{Graph: convert(b, job), File: parse(b, text)}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				job.Text = strings.Replace(text, "make step22 ", fmt.Sprintf("make step22 %d ", i), 1)
				job.File = parse(b, job.Text)
				plan.Foretell(job.File, convert(b, job), was)
			}
		})
	}
}

// BenchmarkContextAnew is what the first key after a change on the disk costs.
func BenchmarkContextAnew(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n, "files"), func(b *testing.B) {
			text := long(200) + "COPY . /all\nCOPY --exclude=**/*1.go src /some\nCOPY src/*/sub?/*.go /globbed/\n"
			job := builder.Job{Text: text, Context: many(n)}
			b.ReportAllocs()
			for b.Loop() {
				convert(b, job) // without memory
			}
		})
	}
}

func BenchmarkForetell(b *testing.B) {
	for _, lines := range []int{50, 200, 500, 2000} {
		b.Run(fmt.Sprint(lines, "lines"), func(b *testing.B) {
			text := long(lines)
			job := builder.Job{Text: text, Context: many(1000), Memory: &builder.Memory{}}
			was := plan.Was{Graph: convert(b, job), File: parse(b, text)}
			job.Text = strings.Replace(text, "make step22 ", "make step22 -j ", 1)
			now, file := convert(b, job), parse(b, job.Text)
			b.ReportAllocs()
			for b.Loop() {
				plan.Foretell(file, now, was)
			}
		})
	}
}
