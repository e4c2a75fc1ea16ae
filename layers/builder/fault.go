package builder

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/pattern"
)

// parseError is how BuildKit's parser begins: the line stands in the error.
var parseError = pattern.Lazy(`^dockerfile parse error on line \d+: `)

// fault turns what BuildKit says of a text into a [*dockerfile.Error], with the
// innermost place that it names.
func fault(err error) error {
	e := &dockerfile.Error{Text: err.Error()}
	for at := (*parser.LocationError)(nil); errors.As(err, &at); err = at.Unwrap() {
		if n := len(at.Locations); n > 0 && len(at.Locations[n-1]) > 0 {
			e.Line = at.Locations[n-1][0].Start.Line
		}
	}
	e.Text = parseError().ReplaceAllString(e.Text, "")
	if text, hint, ok := strings.Cut(e.Text, " (did you mean "); ok {
		e.Text, e.Hint = text, "did you mean "+strings.TrimSuffix(hint, ")")
	}
	return e
}
