// Package check judges a Dockerfile and the image that it makes. Every
// judgement is one row of [All].
package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// Check is one judgement. Its Name is its word in a report, and the key of its
// sentences in the words.
type Check struct {
	Name     string
	Severity Severity
	Run      func(Subject) []Finding
}

// Severity says how much a finding matters.
type Severity uint8

// The severities.
const (
	Advice  Severity = iota + 1 // it can be better
	Warning                     // it is likely a fault
	Error                       // it will fail
)

// String returns the severity as JSON has it.
func (s Severity) String() string {
	return [...]string{"", "advice", "warning", "error"}[min(s, Error)]
}

// Subject is what there is to judge. All but File may be missing.
type Subject struct {
	File    *dockerfile.File
	Image   *model.Image
	Report  *waste.Report
	Context *plan.Context
	Pairs   []int // the step of Image for each instruction of File; −1 is none
	// Unpacked returns the bytes of a step's layer; nil where no image is open.
	Unpacked func(step int) int64
}

// Finding is a place in a Dockerfile that a check speaks of.
type Finding struct {
	Check      string // its name: a row of All, or a rule of BuildKit's linter
	Severity   Severity
	Line, Last int      // from 1
	Values     []string // what the check's sentence takes
	Said       string   // the sentence of a rule that is not ours
	URL        string   // where a rule that is not ours is told
	Path       string   // of the image or the context, where it is about one
	Fix        *Fix
}

// Text returns the finding's sentence.
func (f Finding) Text(w words.Words) string {
	c, ours := w.Checks[f.Check]
	if !ours {
		return words.Visible(f.Said)
	}
	args := make([]any, len(f.Values))
	for i, v := range f.Values {
		args[i] = words.Visible(v)
	}
	return fmt.Sprintf(c.Text, args...)
}

// All lists the checks in the order in which they report of one line.
var All = []Check{
	{"image-name-case", Error, imageNameCase},
	{"entrypoint-assignment", Warning, entrypointAssignment},
	{"install-asks", Error, installAsks},
	{"update-alone", Warning, updateAlone},
	{"copy-before-install", Advice, copyBeforeInstall},
	{"removed-later", Warning, removedLater},
	{"copy-all", Warning, copyAll},
	{"secret-copied", Warning, secretCopied},
	{"cache-mount", Advice, cacheMount},
}

// Run runs every check, and returns what it found and the findings of others
// together, by line.
func Run(s Subject, others ...Finding) []Finding {
	all := slices.Clone(others)
	if s.File != nil {
		for _, c := range All {
			for _, f := range c.Run(s) {
				f.Check = c.Name
				if f.Severity == 0 {
					f.Severity = c.Severity
				}
				all = append(all, f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(b.Severity, a.Severity))
	})
	return all
}

// at makes a finding of an instruction.
func at(i dockerfile.Instruction, values ...string) Finding {
	return Finding{Line: i.Line, Last: i.Last, Values: values}
}

// bytesOf returns what an instruction's layer weighs, or [model.Unknown].
func (s Subject) bytesOf(instruction int) int64 {
	if s.Unpacked == nil || instruction >= len(s.Pairs) || s.Pairs[instruction] < 0 {
		return model.Unknown
	}
	return s.Unpacked(s.Pairs[instruction])
}
