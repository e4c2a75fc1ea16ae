package builder_test

import (
	"testing"

	"github.com/imgtui/imgtui/model/dockerfile"
)

func parse(t testing.TB, text string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return f
}
