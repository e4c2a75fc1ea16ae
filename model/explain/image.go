package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// Image says what an image is: its names, how a container of it starts, what
// it carries in vain, and what is wrong with it. The report is nil until every
// layer has been read.
func Image(w words.Words, i *model.Image, r *waste.Report, faults []model.Warning) []Line {
	var t text
	t.identity(w.Explain, i)
	t.wrong(w.Explain, i, faults)
	t.config(w.Explain, i.Config)
	t.wasted(w.Explain, i, r)
	return t
}

// wrong tells the faults of an image, those of a layer by its step.
func (t *text) wrong(e words.Explain, i *model.Image, faults []model.Warning) {
	if len(faults) > 0 {
		t.heading(e.Faults)
	}
	for _, f := range faults {
		says := visible(f.Text)
		if step := i.StepOf(f.Layer); step >= 0 {
			says = fmt.Sprintf(e.InStep, step, says)
		}
		t.add(Bad, says)
	}
}

func (t *text) identity(e words.Explain, i *model.Image) {
	t.add(Heading, e.ImageIs)
	t.pair(e.Reference, visible(i.Reference))
	t.pair(e.Source, visible(i.Source))
	t.pair(e.Tags, visible(strings.Join(i.Tags, ", ")))
	t.pair(e.Platform, visible(i.Platform.String()))
	t.pair(e.ImageID, visible(string(i.ID)))
	t.pair(e.Manifest, visible(string(i.Digest)))
	t.pair(e.MediaType, visible(i.MediaType))
	t.moment(e, i.Created, time.Time{})
	t.pair(e.Author, visible(i.Author))
	layers := len(i.Layers())
	t.pair(e.Steps, fmt.Sprintf(e.OfWhat, words.Exact(len(i.Steps)), words.Exact(len(i.Steps)-layers)))
	t.pair(e.Layers, words.Exact(layers))
	t.size(e.Download, e.SizeExact, i.Download())
	t.base(e, i)
}

// config is how a container of the image starts.
func (t *text) config(e words.Explain, c model.Config) {
	t.heading(e.Starts)
	t.pair(e.Entrypoint, visible(words.List(c.Entrypoint)))
	t.pair(e.Cmd, visible(words.List(c.Cmd)))
	t.pair(e.User, cmp.Or(visible(c.User), e.DefaultUser))
	t.pair(e.WorkDir, cmp.Or(visible(c.WorkingDir), e.DefaultDir))
	t.pair(e.Ports, visible(strings.Join(c.ExposedPorts, " ")))
	t.pair(e.Volumes, visible(strings.Join(c.Volumes, " ")))
	for _, v := range c.Env {
		t.pair(e.Env, visible(v))
	}
	t.pair(e.Healthcheck, visible(strings.Join(c.Healthcheck, " ")))
	t.pair(e.StopSignal, visible(c.StopSignal))
	t.pair(e.Shell, visible(words.List(c.Shell)))
	for _, v := range c.OnBuild {
		t.pair(e.OnBuild, visible(v))
	}
	for _, k := range slices.Sorted(maps.Keys(c.Labels)) {
		t.pair(e.Label, visible(k+"="+c.Labels[k]))
	}
}

// wasted says how much of the image is dead, where, and what to do about it.
func (t *text) wasted(e words.Explain, i *model.Image, r *waste.Report) {
	t.heading(e.Wasted)
	switch {
	case r == nil:
		t.add(Text, e.StillWeighing)
		return
	case r.Dead == 0:
		t.add(Text, fmt.Sprintf(e.NothingDead, words.Bytes(r.Total)))
		return
	}
	t.add(Bad, fmt.Sprintf(e.DeadOf, words.Bytes(r.Dead), words.Bytes(r.Total), words.Percent(r.Dead, r.Total), words.Percent(r.Live, r.Total)))
	t.graves(e, i, graves(r, func(waste.Dead) bool { return true }), tellEnd)
	t.heading(e.WorstLayers)
	for _, l := range worst(r.ByLayer) {
		step, by := stepOf(i, l)
		t.item(r.ByLayer[l], fmt.Sprintf(e.DeadInStep, step, by))
	}
}

// worst returns the layers that carry the most dead bytes.
func worst(byLayer []int64) []int {
	var all []int
	for l, n := range byLayer {
		if n > 0 {
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(byLayer[b], byLayer[a]) })
	return all[:min(len(all), shown)]
}
