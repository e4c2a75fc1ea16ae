// Package model holds the nouns of imgtui as facts: an image, its history and
// its layers. Nothing in it, or in any package under it, reads a file, opens a
// connection, starts a goroutine or knows a terminal.
package model

import (
	"strings"
	"time"
)

// Digest is a content address such as "sha256:4f53…", or "" where none is known.
type Digest string

// Unknown is the size that a source cannot tell.
const Unknown int64 = -1

// Image is what a reference turned out to be, as its manifest and config say.
type Image struct {
	Reference string // as the user may type it again
	Source    string // the scheme of the source that had it
	Tags      []string
	ID        Digest // of the config: what docker calls the image ID
	Digest    Digest // of the manifest; "" where a source has none
	MediaType string // of the manifest
	Platform  Platform
	Created   time.Time
	Author    string
	Config    Config
	Steps     []Step    // the history, oldest first
	Warnings  []Warning // where the metadata disagrees with itself
	BaseName  string    // the base image, "" where none is known
	BaseHow   string    // how the base is known: by which label, or that it is guessed
	Recipe    Recipe    // what it was built of, where its builder attests that
}

// Recipe is what an image was built of, as its builder attests. Without a
// Dockerfile nothing is attested.
type Recipe struct {
	Dockerfile string
	Target     string            // the stage; "" is the last
	Args       map[string]string // the build arguments that were given
	Made       map[Digest]int    // the line that made each layer, by [Layer.Digest]; nil where it does not say
	How        string            // which attestation it is from
}

// Title returns what the image is called on a screen: its reference, or a tag of
// it where the reference names no more than the source.
func (i *Image) Title() string {
	place := strings.TrimRight(i.Reference, ":/")
	if len(i.Tags) > 0 && (place == i.Source || place == "-") {
		return i.Tags[0] + " (" + place + ")"
	}
	return i.Reference
}

// Layers returns the layers of the image, lowest first.
func (i *Image) Layers() []*Layer {
	var all []*Layer
	for _, s := range i.Steps {
		if s.Layer != nil {
			all = append(all, s.Layer)
		}
	}
	return all
}

// StepOf returns the index of the step that made the layer with that index, or -1.
func (i *Image) StepOf(layer int) int {
	for n, s := range i.Steps {
		if s.Layer != nil && s.Layer.Index == layer {
			return n
		}
	}
	return -1
}

// Download returns the sum of the layers' stored bytes, or Unknown.
func (i *Image) Download() int64 {
	var sum int64
	for _, l := range i.Layers() {
		if l.Download == Unknown {
			return Unknown
		}
		sum += l.Download
	}
	return sum
}

// Base returns how many leading steps come from the base image; 0 where none is known.
func (i *Image) Base() int {
	n := 0
	for n < len(i.Steps) && i.Steps[n].Base {
		n++
	}
	return n
}

// Config is how a container of the image starts, as the OCI image config has it.
type Config struct {
	Entrypoint   []string          `json:"entrypoint"`
	Cmd          []string          `json:"cmd"`
	Env          []string          `json:"env"`
	User         string            `json:"user"`
	WorkingDir   string            `json:"working_dir"`
	ExposedPorts []string          `json:"exposed_ports"`
	Volumes      []string          `json:"volumes"`
	Labels       map[string]string `json:"labels"`
	StopSignal   string            `json:"stop_signal,omitempty"`
	Shell        []string          `json:"shell,omitempty"`
	OnBuild      []string          `json:"on_build,omitempty"`
	Healthcheck  []string          `json:"healthcheck,omitempty"`
}

// Step is one row of the history. A step that touched no file has no Layer.
type Step struct {
	Index     int    // 0 is the oldest
	ID        string // what an engine calls the image after this step; "" is docker's <missing>
	Created   time.Time
	CreatedBy string
	Comment   string
	Author    string
	Layer     *Layer
	Base      bool // comes from the base image
}

// Empty tells whether the step made no layer.
func (s Step) Empty() bool { return s.Layer == nil }

// Layer is one blob of files. A size that a source cannot tell is [Unknown].
type Layer struct {
	Index     int    // 0 is the lowest
	DiffID    Digest // of the uncompressed tar; "" where the config names none
	Digest    Digest // of the blob as stored; "" where a source has none
	MediaType string
	Download  int64 // bytes of the blob as stored
	Unpacked  int64 // of its files and its symlinks' targets, what docker history prints
	Tar       int64 // bytes of the uncompressed tar
	About     int64 // the same before it is read, as the stored layer says; 0 where it does not
}

// Warning is a fault in an image that did not keep it from opening.
type Warning struct {
	Layer int    `json:"layer"` // -1 where it concerns the whole image
	Text  string `json:"text"`
}
