package enginetest

import (
	"os"
	"testing"
)

// long is set where there is time to build a lot with the embedded engine.
const long = "IMGTUI_TEST_EMBEDDED"

// Long skips a test that takes too long for a plain go test.
func Long(t testing.TB) {
	t.Helper()
	if os.Getenv(long) == "" {
		t.Skip(long + " is not set: builds take their time (.ci/run sets it)")
	}
}
