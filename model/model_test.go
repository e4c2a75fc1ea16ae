package model_test

import (
	"testing"

	"github.com/imgtui/imgtui/model"
)

// image has layers at steps 0, 2 and 3, the first two steps from a base.
func image() *model.Image {
	return &model.Image{Steps: []model.Step{
		{Index: 0, Base: true, Layer: &model.Layer{Index: 0, Download: 100}},
		{Index: 1, Base: true},
		{Index: 2, Layer: &model.Layer{Index: 1, Download: 20}},
		{Index: 3, Layer: &model.Layer{Index: 2, Download: 3}},
		{Index: 4},
	}}
}

func TestLayersComeLowestFirst(t *testing.T) {
	i := image()
	for n, l := range i.Layers() {
		if l.Index != n {
			t.Errorf("layer %d stands at place %d", l.Index, n)
		}
	}
	if got := len(i.Layers()); got != 3 {
		t.Errorf("%d layers, want 3", got)
	}
	if got := (&model.Image{}).Layers(); got != nil {
		t.Errorf("an image without steps has layers %v", got)
	}
}

func TestStepOfFindsWhatMadeALayer(t *testing.T) {
	for layer, want := range map[int]int{-1: -1, 0: 0, 1: 2, 2: 3, 3: -1} {
		if got := image().StepOf(layer); got != want {
			t.Errorf("the step of layer %d = %d, want %d", layer, got, want)
		}
	}
}

func TestStepsWithoutALayerAreEmpty(t *testing.T) {
	for _, s := range image().Steps {
		if got, want := s.Empty(), s.Index == 1 || s.Index == 4; got != want {
			t.Errorf("step %d empty: %v, want %v", s.Index, got, want)
		}
	}
}

func TestTheDownloadIsKnownWhenEveryLayersIs(t *testing.T) {
	i := image()
	if got := i.Download(); got != 123 {
		t.Errorf("download = %d, want 123", got)
	}
	i.Steps[2].Layer.Download = model.Unknown
	if got := i.Download(); got != model.Unknown {
		t.Errorf("download with an unknown layer = %d, want unknown", got)
	}
	if got := (&model.Image{}).Download(); got != 0 {
		t.Errorf("download of no layers = %d, want 0", got)
	}
}

func TestTheBaseIsTheLeadingSteps(t *testing.T) {
	i := image()
	if got := i.Base(); got != 2 {
		t.Errorf("base = %d steps, want 2", got)
	}
	i.Steps[0].Base, i.Steps[3].Base = false, true
	if got := i.Base(); got != 0 {
		t.Errorf("base of an image whose first step is its own = %d, want 0", got)
	}
	for n := range i.Steps {
		i.Steps[n].Base = true
	}
	if got := i.Base(); got != len(i.Steps) {
		t.Errorf("base of an image that is nothing else = %d, want %d", got, len(i.Steps))
	}
}
