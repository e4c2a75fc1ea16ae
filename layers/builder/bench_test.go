package builder_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// varied is a Dockerfile of so many lines with each kind of instruction.
func varied(lines int) string {
	head := []string{
		"FROM base:1 AS stage%d", "ARG VERSION=1", "ENV NAME=value", "WORKDIR /src", "USER root", "SHELL [\"/bin/sh\", \"-c\"]",
		"RUN --mount=type=cache,target=/c make deps", "RUN <<EOF", "make documents", "EOF", "COPY --from=tools:1 /bin/tool /bin/",
		"ADD src/dir1 /added", "EXPOSE 80", "ENTRYPOINT [\"/bin/app\"]", "CMD [\"serve\"]", "VOLUME /data", "STOPSIGNAL SIGTERM",
		"HEALTHCHECK CMD [\"true\"]", "ONBUILD RUN true",
	}
	var b strings.Builder
	b.WriteString("ARG GLOBAL=1\n")
	for i := range lines - 1 {
		switch n := i % 200; {
		case n < len(head):
			b.WriteString(strings.Replace(head[n], "%d", strconv.Itoa(i/200), 1))
		case n == len(head) && i > 200:
			fmt.Fprintf(&b, "COPY --from=stage%d /out /out%d", i/200-1, i/200)
		case n%20 == 0:
			fmt.Fprintf(&b, "ENV NAME%d=value%d", i, i)
		case n%10 == 3:
			fmt.Fprintf(&b, "COPY src/dir%d dst/dir%d", i%100, i)
		case n%10 == 5:
			fmt.Fprintf(&b, "# a comment about line %d", i)
		case n%10 == 7:
			fmt.Fprintf(&b, "LABEL label%d=\"value %d\"", i, i)
		case n%10 == 1:
			fmt.Fprintf(&b, "RUN make step%d VERSION=$VERSION", i)
		case n%10 < 8:
			fmt.Fprintf(&b, "RUN make step%d && install -m 755 step%d /usr/local/bin", i, i)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// keys are the kinds of key, the place as near to the first line as can be; @ is
// another number each time.
var keys = []struct{ name, old, new string }{
	{"run", "make step22 ", "make step22 @"},
	{"runVariable", "make step21 ", "make step21 @"},
	{"runFlags", "target=/c make", "target=/c@ make"},
	{"heredoc", "make documents", "make documents @"},
	{"copy", "COPY src/dir23 dst/dir23", "COPY src/dir23 dst/dirx@"},
	{"copyFrom", "/bin/tool /bin/", "/bin/tool /bin@/"},
	{"add", "src/dir1 /added", "src/dir1 /added@"},
	{"label", "LABEL label27=", "LABEL label@="},
	{"env", "ENV NAME=value", "ENV NAME=value@"},
	{"envNew", "ENV NAME=value\n", "ENV NAME=value\nENV A@=b\n"},
	{"arg", "ARG VERSION=1", "ARG VERSION=@"},
	{"argGlobal", "ARG GLOBAL=1", "ARG GLOBAL=@"},
	{"workdir", "WORKDIR /src", "WORKDIR /src@"},
	{"user", "USER root", "USER user@"},
	{"shell", "/bin/sh\", \"-c", "/bin/sh\", \"-@"},
	{"cmd", "serve", "serve@"},
	{"entrypoint", "/bin/app", "/bin/app@"},
	{"expose", "EXPOSE 80", "EXPOSE 1@"},
	{"volume", "VOLUME /data", "VOLUME /data@"},
	{"stopsignal", "SIGTERM", "@"},
	{"healthcheck", "CMD [\"true", "CMD [\"@"},
	{"onbuild", "ONBUILD RUN true", "ONBUILD RUN true @"},
	{"from", "FROM base:1 ", "FROM base:2@ "},
	{"stageName", "AS stage0", "AS stage0x@"},
	{"comment", "# a comment about line 25", "# @"},
	{"lineAdded", "# a comment about line 25\n", "RUN a@\n# a comment about line 25\n"},
	{"blankAdded", "# a comment about line 25\n", "# a comment about line 25 @\n\n"},
	{"check", "# a comment about line 25", "# check=skip=all;a@"},
}

// BenchmarkConvert is the conversion alone, after each kind of key, and of the
// whole text. The texts are parsed beforehand.
func BenchmarkConvert(b *testing.B) {
	for _, lines := range []int{50, 200, 500, 2000} {
		first := varied(lines)
		b.Run(fmt.Sprintf("edit=none/lines=%d", lines), func(b *testing.B) {
			job := builder.Job{Text: first, Context: many(1000), Memory: &builder.Memory{}}
			b.ReportAllocs()
			for b.Loop() {
				convert(b, job)
			}
		})
		for _, e := range keys {
			b.Run(fmt.Sprintf("edit=%s/lines=%d", e.name, lines), func(b *testing.B) {
				job := builder.Job{Context: many(1000), Memory: &builder.Memory{}}
				var files []*dockerfile.File
				for i := range 16 { // more than are remembered
					text := strings.Replace(first, e.old, strings.ReplaceAll(e.new, "@", strconv.Itoa(10+i)), 1)
					if text == first {
						b.Fatalf("%q is not in the text", e.old)
					}
					files = append(files, parse(b, text))
				}
				i := 0
				b.ReportAllocs()
				for b.Loop() {
					job.File = files[i%len(files)]
					job.Text = job.File.Text
					convert(b, job)
					i++
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
