package builder

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// storied is a Dockerfile of stages that stand on each other and take from each
// other, in lines.
func storied(r *rand.Rand) []string {
	var lines []string
	for s := range 2 + r.IntN(5) {
		base, other := []string{"base", "named", "scratch", "alpine"}[r.IntN(4)], r.IntN(max(s, 1))
		if s > 0 && r.IntN(3) == 0 {
			base = fmt.Sprint("s", r.IntN(s))
		}
		lines = append(lines, fmt.Sprintf("FROM %s AS s%d\n", base, s))
		rows := []string{
			"RUN make", "RUN make", "COPY src dst", "COPY --link src dst", "COPY --from=alpine / /x", "RUN --mount=from=alpine,target=/m make", "LABEL a=b", "ENV A=1",
			"WORKDIR w", "CMD x", "EXPOSE $A", "USER u", "# c", "RUN --mount=type=cache,target=/c make $A", "COPY $Z y", "ONBUILD RUN x", "WORKDIR /", "SHELL [\"s\"]",
		}
		if s > 0 {
			for _, row := range []string{"COPY --from=s%d /a /b", "COPY --link --from=s%d /a /b", "RUN --mount=from=s%d,target=/m make", "COPY --from=%d /a b"} {
				rows = append(rows, fmt.Sprintf(row, other))
			}
		}
		for range r.IntN(7) {
			lines = append(lines, rows[r.IntN(len(rows))]+"\n")
		}
	}
	return lines
}

// TestStagesThatStandOnEachOther are derived rightly, whichever step or setting
// is edited.
func TestStagesThatStandOnEachOther(t *testing.T) {
	t.Parallel()
	texts := 60
	if testing.Short() {
		texts = 10
	}
	tried, derived := 0, 0
	for i := range texts {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		lines := storied(r)
		job := Job{Memory: &Memory{}, Base: images, Context: someFiles()}
		for k := range 25 {
			now := slices.Clone(lines)
			row := []string{"RUN other", "COPY src x", "LABEL k=l", "EXPOSE 9", "VOLUME /v", "RUN make", "COPY src dst", "STOPSIGNAL 3"}[r.IntN(8)] + "\n"
			switch at := r.IntN(len(now)); r.IntN(4) {
			case 0:
				now[at] += row
			case 1:
				now[at] += "# c\n\n" + row
			case 2:
				if !strings.HasPrefix(now[at], "FROM") {
					now[at] = row
				}
			case 3:
				if !strings.HasPrefix(now[at], "FROM") {
					now[at] = ""
				}
			}
			if k%3 == 0 {
				lines = now
			}
			was := job.Text
			job.Text = strings.Join(now, "")
			var err error
			if job.File, err = dockerfile.Parse(job.Text); err != nil {
				t.Fatal(err)
			}
			want, wrong := marshalled(t.Context(), job)
			got, fault := job.Memory.derive(t.Context(), job)
			if wrong != nil {
				job.Text = was
				continue
			}
			if tried++; got != nil {
				derived++
			}
			whole, err := Convert(t.Context(), job)
			if diff := cmp.Diff(want, whole, sameGraph); diff != "" || err != nil || fault != nil {
				t.Fatalf("from\n%sto\n%s%v, %v (-want +got):\n%s", was, job.Text, err, fault, diff)
			}
		}
	}
	if derived*10 < tried*8 {
		t.Errorf("%d of %d edits were derived, want most", derived, tried)
	}
}
