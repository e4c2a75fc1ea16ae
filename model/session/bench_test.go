package session_test

import (
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// wide is an image of two steps, half a million files and 5,000 changes.
func wide() *sessiontest.World {
	files := treetest.Files(1, 500_000)
	w := sessiontest.Make()
	w.Layers, w.Roots = treetest.Fold([][]tree.Entry{files, treetest.Edits(2, files, 5000)})
	for i := range w.Layers {
		w.Image.Steps = append(w.Image.Steps, model.Step{Index: i, CreatedBy: "RUN x", Layer: &model.Layer{Index: i}})
	}
	return w
}

// BenchmarkUpdate moves between two steps of half a million files, and asks
// for the files each time, as every key and every frame does.
func BenchmarkUpdate(b *testing.B) {
	w := wide()
	s, rs := session.Start(session.Open{Ref: "x"})
	s = session.Settle(b.Context(), s, rs, w.Do)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s, _ = s.Update(session.Select{Step: i & 1})
		s.Files()
	}
}

// BenchmarkFilesAlone asks for the files of a layer while what lies beneath is
// still being read.
func BenchmarkFilesAlone(b *testing.B) {
	w := wide()
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	s, _ = s.Update(session.Select{Step: 1})
	s, _ = s.Update(session.Indexed{Of: rs[0].(session.Index), Layer: 1, Tree: w.Layers[1]})
	b.ReportAllocs()
	for b.Loop() {
		if !s.Files().Alone {
			b.Fatal("the layer does not stand alone")
		}
	}
}
