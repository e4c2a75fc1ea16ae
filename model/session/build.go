package session

import (
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/tree"
)

// Intents about builds.
type (
	// BuildNow builds what is on the screen.
	BuildNow struct{}
	// StopBuild stops the build under way.
	StopBuild struct{}
	// GoLive builds text and context whenever they rest, or no more.
	GoLive struct{ On bool }
	// Hold keeps live mode from running the RUN on a line of the Dockerfile, or lets it run.
	Hold struct{ Line int }
	// Point selects the step on a line of the shown build's text.
	Point struct{ Line int }
	// Recall shows the build of that generation; 0 shows the image that was opened.
	Recall struct{ Build int }
	// Contrast compares the shown build with another one; 0 is the image that was opened.
	Contrast struct{ Build int }
	// Attempt tries a command in a root of the selected step.
	Attempt struct {
		Side    Side
		Command string
	}
	// Forget takes the command that was tried away.
	Forget struct{}
	// Export sends the image of the shown build somewhere.
	Export struct {
		Way Way
		To  string
	}
	// Name says what the images of builds to come are called.
	Name struct{ Tag string }
	// Inquire wants to know which engines there are.
	Inquire struct{}
	// Engage chooses the engine of the builds to come, as --engine takes it.
	Engage struct{ Engine string }
)

// Requests for a build. What is built stays at hand, for Enter, Try, Leave and
// the files of its steps, until the next Build or the end.
type (
	// Build wants Text built. Answered by Reached, then Advanced and Stepped as it
	// goes, and by Built or Failed, whose Err is a [*BuildError] where a step broke.
	Build struct {
		Sketch
		BuildOptions
		Text    string
		Context *plan.Context // as foretold; nil is not known
		Image   *model.Image  // what is open: it can serve as FROM
		Slot    Slot          // where it is open
		Hold    []int         // lines whose step must not run: the build ends before the first of them, with a Built without Ref
		Gen     int
	}
	// Survey wants to know which engines there are: answered by Surveyed.
	Survey struct{ Gen int }
	// Try wants a command run in a root of the build, and to know what it changes
	// there: answered by Tried. What it writes is thrown away.
	Try struct {
		Build   int // generation of the Build
		Line    int // of the step
		Side    Side
		Command string // for the image's shell
		Gen     int
	}
	// Leave wants the image of a build somewhere: answered by Advanced and Left.
	Leave struct {
		Build int // generation of the Build
		Way   Way
		To    string // a reference, or the path of an archive
		Gen   int
	}
)

// BuildOptions are what a build takes beside its text, as buildx names it.
type BuildOptions struct {
	Engine        string            // "auto", "docker", "embedded" or an address; "" is auto
	Secrets, SSH  []string          // as --secret and --ssh take them
	Named         map[string]string // further contexts
	NoCache       bool
	NoCacheFilter []string // stages
	CacheFrom     []string
	CacheTo       []string
	Platforms     []model.Platform // more than one makes an index
	Tags          []string
	Pull          bool // ask for newer bases
	Labels        map[string]string
}

// Way is how an image leaves a build.
type Way uint8

// The ways.
const (
	ToEngine  Way = iota // into the Docker Engine or Podman, by its name
	ToOCI                // an OCI archive at a path
	ToArchive            // a docker archive at a path
	ToPush               // a registry
)

// Host is an engine that builds, or one that cannot and why.
type Host struct {
	Name    string // as --engine takes it
	Address string
	Version string // of BuildKit; "" where it does not say
	Lacks   []Lack // what it cannot do
	Err     error  // why it cannot be used; nil where it can
}

// Lack is something that an engine cannot do.
type Lack struct{ What, Why string }

// Answers of a build.
type (
	// Reached says which engine builds.
	Reached struct {
		Of   Build
		Host Host
	}
	// Advanced brings what has happened since.
	Advanced struct {
		Of     Request // Build or Leave
		Events []progress.Event
	}
	// Stepped brings the root that an instruction has made, as soon as it has.
	Stepped struct {
		Of      Build
		Line    int        // the instruction's first
		Last    bool       // of the last stage's chain: it will be a step of the image
		History int        // the step that it will be; −1 where it is not Last
		Root    *tree.Node // its files without their contents
	}
	// Built says where the image is: Ref is for [Open] and leads to a place that the
	// engine room has made and takes away; it is "" where a held line ended the build.
	// Was is what the next forecast compares with.
	Built struct {
		Of     Build
		Ref    string
		Digest model.Digest
		Was    *plan.Was
	}
	// Surveyed brings the engines in the order in which auto tries them.
	Surveyed struct {
		Of    Survey
		Hosts []Host
	}
	// Tried brings what a command did.
	Tried struct {
		Of            Try
		Before, After *tree.Node
		Output        string
		Code          int // its exit code
	}
	// Left says where the image went.
	Left struct {
		Of     Leave
		To     string
		Digest model.Digest
		Bytes  int64 // that had to be sent or written
	}
)

// BuildError says which step broke a build, and how.
type BuildError struct {
	Line   int    // of the Dockerfile, from 1; 0 where it is about none
	Name   string // of the vertex
	Code   int    // exit code of its command; −1 where there is none
	Text   string // what BuildKit says
	Before *tree.Node
	After  *tree.Node // as the broken command left it; nil where the engine cannot tell
	Why    string     // why After cannot be told
}

// Error implements error.
func (e *BuildError) Error() string { return e.Text }

// Entry is a root of a build: one in which somebody wants a shell, or to read. The
// zero value is none.
type Entry struct {
	Build int // generation of the Build
	Line  int
	Side  Side
}

func (BuildNow) msg()  {}
func (StopBuild) msg() {}
func (GoLive) msg()    {}
func (Hold) msg()      {}
func (Point) msg()     {}
func (Recall) msg()    {}
func (Contrast) msg()  {}
func (Attempt) msg()   {}
func (Forget) msg()    {}
func (Export) msg()    {}
func (Name) msg()      {}
func (Inquire) msg()   {}
func (Engage) msg()    {}

func (Build) request()  {}
func (Survey) request() {}
func (Try) request()    {}
func (Leave) request()  {}

func (Reached) msg()  {}
func (Advanced) msg() {}
func (Stepped) msg()  {}
func (Built) msg()    {}
func (Surveyed) msg() {}
func (Tried) msg()    {}
func (Left) msg()     {}
