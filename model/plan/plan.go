// Package plan foretells what a rebuild will do to each instruction of a
// Dockerfile and why, and pairs instructions with the steps of an image.
package plan

import (
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// Fate is what a rebuild will do with an instruction.
type Fate uint8

// The fates. A step foretold Same that then runs is a bug; the other way round
// is a weakness.
const (
	Unknown Fate = iota // it cannot be told
	Same                // the engine has its result
	Runs                // it runs again
	Maybe               // it runs unless its input comes out equal
	New                 // it was not there before
	Gone                // it was there before and is no more
)

// Reason says why a step has its fate.
type Reason uint8

// The reasons.
const (
	Unsaid       Reason = iota
	LineChanged         // the instruction itself reads otherwise
	FileChanged         // Because is a file of the context that was changed, added or taken away
	EarlierRuns         // BecauseLine is the earlier line that runs
	BaseChanged         // the base image is another; Because is its name
	SettingsOnly        // only the image's config changes: it costs nothing
	InputMaybe          // BecauseLine may come out equal
	ValueChanged        // Because is an ARG or ENV whose value is another
	NotKnown            // there is nothing to compare with
	OtherBelow          // it stands on another step than before: one is gone, or has moved
)

// Step is the forecast for one instruction.
type Step struct {
	Instruction int // index in the File's instructions; −1 for one that is Gone
	Line, Last  int // in the text, from 1; of the old text for one that is Gone
	Stage       int // index in the File's stages
	Text        string
	Fate        Fate
	Reason      Reason
	Because     string     // a path of the context, or the name of a variable or an image
	BecauseLine int        // the line that is the cause; 0 where none is
	More        int        // how many more files than Because changed
	Relinked    bool       // of a COPY --link that runs: the engine has its files and only lays them over what is new beneath
	Unused      bool       // its stage is not part of the result
	History     int        // the step of the image that it pairs with; −1 is none
	Bytes       int64      // what it adds, [model.Unknown] where nobody can tell
	About       bool       // Bytes is what it added the last time
	Below       *tree.Node // the root that a COPY or ADD will stand on
	After       *tree.Node // the root that it will make; nil for others, and where it cannot be told
}

// Plan is the forecast for a whole Dockerfile, in the order of its text.
type Plan struct {
	Steps         []Step
	Before, After model.Config // of the image as it was and as it will be
	Was           string       // what it was compared with, in words; "" is nothing
	Stages        []Branch     // the tree of the stages
	Unknown       []string     // the base images of which only the name is known
}

// Context is a build context as BuildKit would send it.
type Context struct {
	Dir     string
	Root    *tree.Node // what is sent, .dockerignore applied; contents hashed as those of layers
	Ignored []Ignored  // the largest first
	Files   int        // that are sent
	Bytes   int64      // that are sent
	Faults  []string   // what could not be read
	// Suspects are files whose names say that they open doors, by path.
	Suspects []string
}

// Ignored is a path that .dockerignore keeps out, and what lies beneath it.
type Ignored struct {
	Path  string
	Files int
	Bytes int64
}
