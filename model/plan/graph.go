package plan

import (
	"encoding/hex"
	"fmt"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// Key stands for all that decides a result: two operations with one key have
// one result. The zero Key is none.
type Key [16]byte

// MarshalText writes the key in hex.
func (k Key) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, k[:]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (k *Key) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(k)) {
		return fmt.Errorf("read key %q: want %d hex digits", text, hex.EncodedLen(len(k)))
	}
	_, err := hex.Decode(k[:], text)
	return err
}

// Graph is what a Dockerfile asks of an engine, without what is of one session
// alone. It is never changed after it is made.
type Graph struct {
	Ops      []Op // what an operation stands on comes before it
	Config   model.Config
	Args     map[string]string // the build args that were given
	Target   string            // the stage that was asked for; "" is the last
	Unknown  []string          // the base images of which only the name is known
	Warnings []Warning         // of BuildKit's own linter
}

// OpKind is what an operation does.
type OpKind uint8

// The kinds of operation.
const (
	Other  OpKind = iota
	Base          // takes an image
	Fetch         // takes what a server has: a URL, a git repository
	Exec          // runs a command
	Files         // makes, copies or removes files
	Joined        // lays the files of a COPY --link over what is beneath
	Folder        // takes a whole build context as a root
)

// Op is one operation of an engine.
type Op struct {
	Kind    OpKind
	Name    string // as the engine's progress has it: "[build 2/6] RUN make"
	Key     Key    // of all that decides the result
	Loose   Key    // as Key, but for the inputs whose content alone counts
	Own     Key    // of the instruction, inputs and contents left out
	Content Key    // of what is taken from build contexts
	Inputs  []Input
	Lines   []Range  // of the instructions that it is part of
	Image   string   // of a Base, as the engine names it; of a Fetch the address
	Env     []string // of an Exec
	Picked  []Picked // what is taken from build contexts
	Differs []string // of a build that only its image tells of: the paths that it had otherwise
	Missing []string // the paths that it names and no context has
	Asked   bool     // a server is asked each time, and may give something else
	Fresh   bool     // the engine never has its result
}

// Input is an operation that another stands on.
type Input struct {
	Op      int  // index in Graph.Ops
	Content bool // the engine looks at the content where the key is unknown to it
}

// Range is a range of lines, from 1, the last one included.
type Range struct{ First, Last int }

// Picked is a path of a build context that an operation takes.
type Picked struct {
	Path  string // from the context's root: "/src/main.go"
	Node  *tree.Node
	Whole bool // with all beneath it
}

// Warning is what BuildKit's own linter says of a Dockerfile.
type Warning struct {
	Rule        string // "StageNameCasing"
	Description string // of the rule
	URL         string // of the rule's page, "" where it has none
	Text        string
	Line, Last  int // 0 where it concerns the whole text
}
