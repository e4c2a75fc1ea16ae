package explain

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/words"
)

// facts are the sizes of a step, each by its name, its digests and its origin.
func (t *text) facts(e words.Explain, s Subject) {
	step := s.Image.Steps[s.Step]
	if step.Layer != nil {
		t.heading(e.Sizes)
		t.layer(e, *step.Layer, s)
	}
	t.heading(e.Origin)
	t.moment(e, step.Created, s.Now)
	t.pair(e.Author, visible(step.Author))
	t.pair(e.Comment, visible(step.Comment))
	if step.Base {
		t.base(e, s.Image)
	}
	if n := len(*t); (*t)[n-1].Kind == Heading {
		*t = (*t)[:n-1]
	}
}

// layer tells what the image says of a layer, and what was measured where it was read.
func (t *text) layer(e words.Explain, l model.Layer, s Subject) {
	if s.Layer != nil {
		l.Unpacked = s.Layer.Unpacked
		t.pair(e.Files, words.Exact(s.Layer.Entries))
	}
	if s.Tar > 0 {
		l.Tar = s.Tar
	}
	t.size(e.Unpacked, e.SizeUnpacked, l.Unpacked)
	t.size(e.Download, e.SizeDownload, l.Download)
	t.size(e.Tar, e.SizeTar, l.Tar)
	t.pair(e.DiffID, visible(string(cmp.Or(l.DiffID, s.DiffID))))
	t.pair(e.Digest, visible(string(l.Digest)))
	t.pair(e.MediaType, visible(l.MediaType))
}

// size tells a size that is known.
func (t *text) size(key, format string, n int64) {
	if n >= 0 {
		t.pair(key, fmt.Sprintf(format, words.Bytes(n), words.Exact(n)))
	}
}

// moment tells a time, and how long ago it was.
func (t *text) moment(e words.Explain, at, now time.Time) {
	if at.IsZero() {
		return
	}
	s := at.UTC().Format(time.RFC3339)
	switch age := words.Age(at, now); {
	case at.Unix() == 0:
		s = fmt.Sprintf(e.Epoch, s)
	case age != "":
		s = fmt.Sprintf(e.Ago, s, age)
	}
	t.pair(e.Created, s)
}

// base names the base image and how it is known.
func (t *text) base(e words.Explain, i *model.Image) {
	var parts []string
	for _, s := range []string{i.BaseName, i.BaseHow} {
		if s != "" {
			parts = append(parts, visible(s))
		}
	}
	t.pair(e.Base, strings.Join(parts, ", "))
}
