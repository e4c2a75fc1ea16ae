package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
)

// written are instructions with the rows that they leave.
var written = [][2]string{
	{"ENV A=1 B=two", "ENV A=1 B=two"},
	{"WORKDIR /app", "WORKDIR /app"},
	{"COPY go.mod go.sum ./", "COPY go.mod go.sum ./ # buildkit"},
	{"RUN go mod download", "RUN /bin/sh -c go mod download # buildkit"},
	{"RUN apt-get update && apt-get install -y curl git", "RUN /bin/sh -c apt-get update && apt-get install -y curl git # buildkit"},
	{"RUN true", "RUN /bin/sh -c true # buildkit"},
	{"RUN true", "RUN /bin/sh -c true # buildkit"},
	{"COPY . .", "COPY . . # buildkit"},
	{"RUN go build -o /out/app ./cmd/app", "RUN /bin/sh -c go build -o /out/app ./cmd/app # buildkit"},
	{"LABEL title=app version=3", "LABEL title=app version=3"},
	{"USER 1000", "USER 1000"},
	{"EXPOSE 80", "EXPOSE [80/tcp]"},
	{`ENTRYPOINT ["/out/app"]`, `ENTRYPOINT ["/out/app"]`},
	{`CMD ["--help"]`, `CMD ["--help"]`},
}

func writtenRows() *model.Image {
	rows := []string{"base ADD root.tar / # buildkit", `base CMD ["/bin/sh"]`}
	for _, w := range written {
		rows = append(rows, w[1])
	}
	return history(rows...)
}

// pairsOf returns the steps of instructions without their FROM.
func pairsOf(t *testing.T, lines []string) []int {
	t.Helper()
	return Pair(parsed(t, "FROM alpine\n"+strings.Join(lines, "\n")), "", nil, writtenRows())[1:]
}

func lines() (all []string, steps []int) {
	for n, w := range written {
		all, steps = append(all, w[0]), append(steps, n+2)
	}
	return all, steps
}

func TestOneEditLeavesTheOtherPairs(t *testing.T) {
	t.Parallel()
	all, steps := lines()
	if diff := cmp.Diff(steps, pairsOf(t, all)); diff != "" {
		t.Fatalf("unedited (-want +got):\n%s", diff)
	}
	for n := range all {
		for edit, line := range map[string]string{"begun anew": "RUN something quite different", "made longer": longer(all[n])} {
			edited := slices.Clone(all)
			edited[n] = line
			got, want := pairsOf(t, edited), slices.Clone(steps)
			if edit == "begun anew" || strings.HasPrefix(line, "RUN true") {
				got[n], want[n] = 0, 0 // either is right
			}
			if twins := n == 5 || n == 6; twins {
				got[5], want[5], got[6], want[6] = 0, 0, 0, 0 // one of two that are alike
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q %s as %q (-want +got):\n%s", all[n], edit, line, diff)
			}
		}
	}
}

// longer adds to an instruction what keeps it one.
func longer(line string) string {
	switch {
	case strings.HasSuffix(line, "]"):
		return strings.TrimSuffix(line, "]") + `, "more"]`
	case strings.HasPrefix(line, "ENV"), strings.HasPrefix(line, "LABEL"):
		return line + " more=1"
	case strings.HasPrefix(line, "COPY"):
		return strings.Replace(line, "COPY ", "COPY more ", 1)
	case strings.HasPrefix(line, "EXPOSE"), strings.HasPrefix(line, "RUN"):
		return line + " 443"
	}
	return line + "more"
}

func TestTakenAwayAndPutInLeaveTheOtherPairs(t *testing.T) {
	t.Parallel()
	all, steps := lines()
	for n := range all {
		got, want := pairsOf(t, slices.Delete(slices.Clone(all), n, n+1)), slices.Delete(slices.Clone(steps), n, n+1)
		if n == 5 || n == 6 {
			got[5], want[5] = 0, 0 // one of two that are alike
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("without %q (-want +got):\n%s", all[n], diff)
		}
		added := fmt.Sprintf("RUN wholly-new-%d", n)
		if diff := cmp.Diff(slices.Insert(slices.Clone(steps), n, -1), pairsOf(t, slices.Insert(slices.Clone(all), n, added))); diff != "" {
			t.Errorf("%q before %q (-want +got):\n%s", added, all[n], diff)
		}
	}
}
