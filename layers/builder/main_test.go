package builder_test

import (
	"os"
	"testing"

	"github.com/sirupsen/logrus"

	"github.com/imgtui/imgtui/layers/builder/embed"
)

// The binary of these tests is also the engine that they start.
func TestMain(m *testing.M) {
	if embed.Main() {
		return
	}
	logrus.SetLevel(logrus.ErrorLevel) // of the libraries that lay out images for an engine
	os.Exit(m.Run())
}
