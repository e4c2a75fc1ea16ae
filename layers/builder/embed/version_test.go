//go:build linux && !noembed

package embed

import (
	"os/exec"
	"strings"
	"testing"
)

func TestTheVersionIsThatOfTheModule(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", buildkit).Output()
	if err != nil {
		t.Skip("no go to ask: ", err)
	}
	if got, want := "v"+buildkitVersion, strings.TrimSpace(string(out)); got != want {
		t.Errorf("got %s, want %s of go.mod", got, want)
	}
}
