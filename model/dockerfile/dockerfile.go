// Package dockerfile turns the text of a Dockerfile into instructions that
// know their place in it, and never loses a byte of the text.
package dockerfile

// File is a Dockerfile as written, with what its lines mean. It is never
// changed after it is made.
type File struct {
	Text         string
	Escape       byte          // what continues a line: '\\' or '`'
	Directives   []Directive   // the parser directives: syntax, escape, check
	Instructions []Instruction // in the order of the text
	Stages       []Stage
	Faults       []*Error // all that is wrong with the text, in its order
}

// Directive is a parser directive: "# syntax=docker/dockerfile:1".
type Directive struct {
	Name, Value string
	Line        int // from 1
}

// Instruction is one instruction as written. Lines count from 1.
type Instruction struct {
	Name       string   // in upper case: "RUN"
	Flags      []string // as written: "--from=build"
	Args       string   // what follows name and flags, continued lines joined, comments left out
	Words      []string // Args as BuildKit splits them, quotes kept; the elements where JSON; NAME=value of ENV and LABEL
	JSON       bool     // the exec form
	Line, Last int      // inclusive, heredocs too
	Start, End int      // the bytes of these lines in File.Text, the last line's end included
	Stage      int      // index in File.Stages; −1 before the first FROM
	Heredocs   []Heredoc
	Trigger    *Instruction // what an ONBUILD holds
}

// Heredoc is a document within an instruction.
type Heredoc struct {
	Name    string
	Content string
	Expand  bool // variables in it are expanded
	Chomp   bool // <<-: leading tabs are taken off
}

// Stage is a build stage: what stands from one FROM to the next.
type Stage struct {
	Name        string // after AS; "" where it has none
	Base        string // as written, not expanded
	Platform    string // of --platform, as written
	First, Last int    // its instructions, the FROM first; indexes in File.Instructions
}

// Error is a fault in the text, with its line and, where one is known, what may
// have been meant.
type Error struct {
	Line int // from 1; 0 where it concerns the whole text
	Text string
	Hint string // "did you mean COPY?", or ""
}

// Error implements error.
func (e *Error) Error() string { return e.Text }
