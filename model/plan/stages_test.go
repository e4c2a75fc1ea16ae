package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStagesAreToldAsATree(t *testing.T) {
	t.Parallel()
	const text = `ARG IMG=golang:1
FROM $IMG AS build
RUN go build
FROM scratch AS debug
COPY --from=build /x /x
FROM build AS test
RUN go test
FROM alpine:3
COPY --from=0 /x /y
COPY --from=BUILD /x /z
RUN --mount=type=bind,from=test,target=/t ls
ONBUILD COPY --from=test /a /b
COPY --from=nginx:1 /a /b
`
	for _, c := range []struct {
		target string
		want   string
	}{
		{"", "0 3 result 8 alpine:3\n1 build copies 9 golang:1\n1 test mounts 11 last\n2 build built 6 golang:1 last again\n0 debug idle 4 scratch"},
		{"test", "0 test result 6\n1 build built 6 golang:1 last\n0 debug idle 4 scratch\n0 3 idle 8 alpine:3"},
		{"debug", "0 debug result 4 scratch\n1 build copies 5 golang:1 last\n0 test idle 6\n0 3 idle 8 alpine:3"},
		{"2", "0 test result 6\n1 build built 6 golang:1 last\n0 debug idle 4 scratch\n0 3 idle 8 alpine:3"},
	} {
		f := parsed(t, text)
		g := &Graph{Target: c.target}
		got := told(branches(f, g, usedStages(f, g, make([][]int, len(f.Instructions)))))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("target %q (-want +got):\n%s", c.target, diff)
		}
	}
}

func told(all []Branch) string {
	uses := [...]string{"result", "built", "copies", "mounts", "idle"}
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%d %s %s %d", s.Depth, s.Name, uses[s.Use], s.Line)
		if s.Image != "" {
			b.WriteString(" " + s.Image)
		}
		if s.Last && s.Depth > 0 {
			b.WriteString(" last")
		}
		if s.Again {
			b.WriteString(" again")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// TestStagesThatUseEachOtherOftenAreToldOnce: each stage copies from all before
// it, which makes 2^60 ways from the first to the last.
func TestStagesThatUseEachOtherOftenAreToldOnce(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "FROM scratch AS s%d\n", i)
		for k := range i {
			fmt.Fprintf(&b, "COPY --from=s%d /a /a\n", k)
		}
	}
	f := parsed(t, b.String())
	if n := len(branches(f, &Graph{}, make([]bool, 60))); n > 60*60 {
		t.Errorf("%d rows for 60 stages, want one for each use", n)
	}
}
