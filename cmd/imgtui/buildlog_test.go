package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/session"
)

// TestAFaultInTheTextHasItsLine: a build says it as plan does.
func TestAFaultInTheTextHasItsLine(t *testing.T) {
	t.Parallel()
	fault := &dockerfile.Error{Line: 2, Text: "unknown instruction: COPPY", Hint: "did you mean COPY?"}
	for path, want := range map[string]string{"site/Dockerfile": "site/Dockerfile:2: unknown instruction: COPPY", "": "Dockerfile:2: unknown instruction: COPPY"} {
		err := (&call{}).broken(session.Build{Sketch: session.Sketch{Path: path}}, fmt.Errorf("build: %w", fault))
		var u *usageError
		if !errors.As(err, &u) || u.what != want || u.hint != fault.Hint {
			t.Errorf("%q: got %#v, want %q with a hint", path, err, want)
		}
	}
	whole := &dockerfile.Error{Text: "longer than 1 MB"}
	if err := (&call{}).broken(session.Build{}, whole); err != whole {
		t.Errorf("got %v, want %v as it is", err, whole)
	}
}
