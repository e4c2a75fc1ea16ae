package explain

import (
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// Remedies says what to do about the dead bytes of an image, those that weigh
// most first.
func Remedies(w words.Words, i *model.Image, r *waste.Report) []string {
	var t text
	t.graves(w.Explain, i, graves(r, func(waste.Dead) bool { return true }), tellEnd)
	all := []string{}
	for _, l := range t {
		if l.Kind == Advice {
			all = append(all, l.Text)
		}
	}
	return all
}
