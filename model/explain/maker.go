package explain

import (
	"strings"

	"github.com/imgtui/imgtui/model"
)

// maker is a tool whose rows are no instructions, and how its rows are known.
type maker struct {
	name     string
	by       []string // what the row begins with
	comments []string // or its comment
}

var makers = []maker{
	{name: "jib", by: []string{"jib-"}},
	{name: "ko", by: []string{"ko build ", "ko publish "}},
	{name: "bazel", by: []string{"bazel build"}},
	{name: "debian", by: []string{"# debian.sh", "# debuerreotype"}, comments: []string{"debuerreotype"}},
	{name: "apko", by: []string{"apko"}, comments: []string{"This is an apko"}},
	{name: "buildpacks", by: []string{"Buildpacks ", "Application Layer", "Layer: '", "Software Bill-of-Materials"}},
	{name: "nix", comments: []string{"store paths:"}},
	{name: "import", comments: []string{"Imported from"}},
	{name: "windows", by: []string{"Apply image ", "Install update "}},
}

// makerOf returns the name of the tool that wrote a row, or "".
func makerOf(step model.Step) string {
	for _, m := range makers {
		if begins(step.CreatedBy, m.by) || begins(step.Comment, m.comments) {
			return m.name
		}
	}
	return ""
}

func begins(s string, with []string) bool {
	for _, w := range with {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
