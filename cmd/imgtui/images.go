package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/words"
)

// imagesJSON is the document of imgtui without an image.
type imagesJSON struct {
	Images  []imageJSON  `json:"images"`
	Silent  []silentJSON `json:"silent"`
	Samples []string     `json:"samples"`
}

// imageJSON is an image that a local engine holds.
type imageJSON struct {
	Reference string       `json:"reference"`
	Source    string       `json:"source"`
	ID        model.Digest `json:"id"`
	Bytes     int64        `json:"unpacked_bytes"`
	Created   *time.Time   `json:"created"`
}

// silentJSON is an engine that does not answer, and why.
type silentJSON struct {
	Source string `json:"source"`
	Error  string `json:"error"`
}

// sample is the reference of the built-in image.
const sample = "demo:"

// images lists what there is to open: the images of the local engines, the
// newest first but those without a name last, and the sample.
func (c *call) images() error {
	found, tried := source.Local(c.Context())
	if err := c.Context().Err(); err != nil {
		return err
	}
	slices.SortStableFunc(found, func(a, b source.Found) int { return cmp.Compare(unnamed(a), unnamed(b)) })
	if c.json {
		return c.imagesJSON(found, tried)
	}
	now := time.Now()
	t := table{align: "rrll"}
	t.add("SIZE", "AGE", "SOURCE", "IMAGE")
	for _, f := range found {
		t.add(words.Bytes(f.Size), words.Age(f.Created, now), f.Source, words.Visible(reference(f)))
	}
	t.add("", "", "built in", sample)
	if err := t.write(c.out); err != nil {
		return err
	}
	for _, e := range tried {
		// Most have one engine: that the other is not there is no news.
		if len(found) == 0 || !errors.Is(e.Err, fs.ErrNotExist) {
			fmt.Fprintf(c.err, "%s does not answer: %s\n", e.Source, words.Visible(e.Err.Error()))
		}
	}
	_, err := fmt.Fprintln(c.err, "hint: imgtui IMAGE opens one of them, an archive or an image of a registry; imgtui --help lists the commands")
	return err
}

func unnamed(f source.Found) int {
	if f.Name == "" {
		return 1
	}
	return 0
}

func (c *call) imagesJSON(found []source.Found, tried []source.Tried) error {
	j := imagesJSON{Images: []imageJSON{}, Silent: []silentJSON{}, Samples: []string{sample}}
	for _, f := range found {
		j.Images = append(j.Images, imageJSON{reference(f), f.Source, f.ID, f.Size, when(f.Created)})
	}
	for _, e := range tried {
		j.Silent = append(j.Silent, silentJSON{e.Source, e.Err.Error()})
	}
	return c.write(j)
}

// reference is what the user types to open an image: its name as it is, where
// nothing else goes by it, and a short ID where it has none.
func reference(f source.Found) string {
	scheme, _, _ := strings.Cut(f.Name, ":")
	switch {
	case f.Name == "":
		return f.Source + "://" + short(f.ID)
	case f.Source != "docker", slices.Contains(source.Schemes(), scheme), isCommand(f.Name):
		return f.Ref
	}
	return f.Name
}

func isCommand(name string) bool {
	return slices.ContainsFunc(commands(), func(c command) bool { return c.name == name })
}
