package dockerfile

import (
	"fmt"
	"strings"
	"testing"
)

// long makes a Dockerfile of about that many lines, of all kinds.
func long(lines int) string {
	var b strings.Builder
	b.WriteString("# syntax=docker/dockerfile:1\nARG V=1\nFROM alpine:$V AS s0\n")
	for n := 3; n < lines; n += 10 {
		fmt.Fprintf(&b, "# comment %d\nRUN apk add --no-cache \\\n    curl=%d \\\n    git && \\\n  rm -rf /var/cache\n", n, n)
		fmt.Fprintf(&b, "COPY --chown=1000:1000 src/%d ./dst/\nENV A%d=\"$A%d\" B=2\nRUN <<EOF\necho %d\nEOF\n", n, n, n-1, n)
	}
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	for _, lines := range []int{50, 200, 2_000, 20_000} {
		text := long(lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
