package session

import (
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
)

// Msg is an intent of the user's, or the answer to a Request.
type Msg interface{ msg() }

// Slot is one of the two images that a session can hold side by side.
type Slot uint8

// The slots.
const (
	Was Slot = iota // the image opened first
	Now             // the image it is compared with
)

// Intents.
type (
	// Select moves to a step.
	Select struct{ Step int }
	// Mark sets the step that the selected one is compared with; the same step again clears it.
	Mark struct{ Step int }
	// Range compares from the step below From up to the selected one; From -1 ends it.
	Range struct{ From int }
	// Show chooses between which two roots the files stand.
	Show struct{ View View }
	// Peek opens the file at Path of the view in sight.
	Peek struct {
		Path string
		Side Side
	}
	// Unpeek closes the file.
	Unpeek struct{}
	// Take extracts files of the view in sight to a folder. With Edit they are copies for an editor.
	Take struct {
		Paths []string
		Dir   string
		Edit  bool
	}
	// Edit says how the Dockerfile now reads.
	Edit struct{ Text string }
	// Stand says on which line of the Dockerfile the cursor stands, from 1.
	Stand struct{ Line int }
	// Adjust takes other build arguments, another target or platform.
	Adjust struct {
		Args     map[string]string
		Target   string
		Platform model.Platform
	}
	// Save writes the Dockerfile: to its own file where Path is "", and with Force
	// over what another program has written there.
	Save struct {
		Path  string
		Force bool
	}
	// Lend puts the Dockerfile's text into a file of its own, for another editor.
	Lend struct{}
	// Regain takes the text that is in a lent file, and the file away.
	Regain struct{ Path string }
	// Reload takes what another program has written, and drops the text.
	Reload struct{}
	// Choose answers a question for an image or a platform.
	Choose struct{ Choice Choice }
	// Retry asks again for what went wrong.
	Retry struct{}
	// Cancel stops what is under way.
	Cancel struct{}
	// Dismiss takes the notice away.
	Dismiss struct{}
	// Clock says what time it is; ages are told against it.
	Clock struct{ Now time.Time }
)

// Side says which of a delta's two files is meant.
type Side uint8

// The sides.
const (
	After  Side = iota // the file as the step leaves it
	Before             // the file as the step found it
	Both               // the difference of the two as text
)

// Request is a wish that only the outside can grant. Its answers carry it, so
// that an answer which comes too late is known by what it answers.
type Request interface{ request() }

// Requests.
type (
	// Open wants the image behind a reference: answered by Opened, Asked or Failed.
	Open struct {
		Ref      string
		Slot     Slot
		Platform model.Platform // the zero value takes the host's, else asks
		Select   string         // which image of several in an archive: a tag, a digest or "#index"
		Pull     string         // "missing", "always" or "never"; "" is missing
		Gen      int
	}
	// Index wants the layers' trees. Answered by Progressed, Indexed and Rooted for each, Failed for
	// those that cannot be read, and one IndexDone at the end.
	Index struct {
		Slot  Slot
		First int   // layer to begin with
		Only  []int // layers to read; nil is all
		Gen   int
	}
	// Prefer asks a running Index to read that layer next.
	Prefer struct {
		Slot  Slot
		Layer int
		Gen   int
	}
	// Weigh wants the dead bytes: answered by Weighed.
	Weigh struct {
		Slot   Slot
		Layers []*tree.Layer
		Roots  []*tree.Node
		Gen    int
	}
	// Verify wants layers that were read without their digests held against these,
	// while nothing else wants the machine: answered by Verified for each, or Failed.
	Verify struct {
		Slot   Slot
		Layers []int
		Gen    int
	}
	// Read wants at most Limit bytes of a file: answered by Loaded.
	Read struct {
		Slot          Slot
		Path          string
		Before, After *tree.Payload // nil where there is none to read
		Foretold      bool          // one of them may be of the build context, not of the image
		Entry         Entry         // where it is set, they are of the two roots of that step of a build, by Path
		Limit         int64         // bytes of each
		Gen           int
	}
	// Extract wants files of a root written under Dir, never outside of it: answered by Extracted.
	Extract struct {
		Slot  Slot
		Entry Entry // where it is set, Root is that one of a build
		Root  *tree.Node
		Paths []string // cleaned; a directory brings what is beneath
		Dir   string   // "" makes a temporary one
		Edit  bool
		Gen   int
	}
	// Fetch wants the text of a Dockerfile: the one at Path, or the one in Dir where
	// Path is "". Answered by Fetched.
	Fetch struct {
		Path, Dir       string
		WasPath, WasRev string // what to compare with; "" is neither
		Gen             int
	}
	// Scan wants the build context in Dir: answered by Scanned. With Stay it goes
	// on until it is halted, and answers again with Scanned when a file of the
	// context changes and with Fetched when the Dockerfile does.
	Scan struct {
		Dir, Path string
		Stay      bool
		Gen       int
	}
	// Foretell wants to know what a rebuild of Text would do: answered by Foretold.
	Foretell struct {
		Sketch
		Text    string
		Context *plan.Context // nil until it is known
		Image   *model.Image  // what is open; nil is nothing
		Waits   bool          // an image is still being opened
		Stack   Stack         // its trees, as far as they are known
		Report  *waste.Report
		Was     *plan.Was // what to compare with; nil finds that out
		Old     *Old      // and finds it there, where this is set
		Gen     int
	}
	// Write wants Text in the file at Path, whole or not at all: answered by
	// Written. Unless Force is set a file that no more holds Over, or that is there
	// where Over is nil, is left alone: then Failed has an [OverwrittenError].
	Write struct {
		Path, Text string
		Over       *string
		Force      bool
		Gen        int
	}
	// Lending wants Text in a file of its own, called Name: answered by Lent.
	Lending struct {
		Name, Text string
		Gen        int
	}
	// Regaining wants what a lent file holds, and the file gone: answered by Regained.
	Regaining struct {
		Path string
		Gen  int
	}
	// Wait wants nothing but to be answered with Waited after so long.
	Wait struct {
		For time.Duration
		Gen int
	}
	// Halt stops the request of exactly that generation, if it still runs. A
	// stopped request sends nothing more, or Failed with context.Canceled.
	Halt struct{ Gen int }
)

// Answers.
type (
	// Opened says what the reference turned out to be.
	Opened struct {
		Of    Open
		Image *model.Image
	}
	// Asked says that the reference stands for several; the user must choose.
	Asked struct {
		Of      Open
		Choices []Choice
	}
	// Progressed says how far a layer has come, in stored bytes. Total may be [model.Unknown].
	Progressed struct {
		Of          Index
		Layer       int
		Done, Total int64
	}
	// Indexed brings a layer's own tree, in any order. Tar and digest are facts read
	// on the way; Unverified tells that the digest was not.
	Indexed struct {
		Of     Index
		Layer  int
		Tree   *tree.Layer
		Tar    int64
		DiffID model.Digest
		Faults []model.Warning // digest that does not match, a tar that ends early

		Unverified bool
	}
	// Rooted brings the root after a layer, lowest first.
	Rooted struct {
		Of    Index
		Layer int
		Root  *tree.Node
	}
	// IndexDone ends an Index; Missing layers could not be read.
	IndexDone struct {
		Of      Index
		Missing []int
	}
	// Weighed brings the dead bytes.
	Weighed struct {
		Of     Weigh
		Report waste.Report
	}
	// Verified brings what a layer's digests came to.
	Verified struct {
		Of     Verify
		Layer  int
		DiffID model.Digest
		Faults []model.Warning // digests that do not match
	}
	// Loaded brings a file's bytes; nil for a side that has none.
	Loaded struct {
		Of                    Read
		Before, After         []byte
		BeforeMore, AfterMore bool // there is more than was asked for
	}
	// Extracted says what was written.
	Extracted struct {
		Of      Extract
		Dir     string
		Files   int
		Bytes   int64
		Skipped []string // paths left out, with the reason
	}
	// Fetched brings the text of a Dockerfile, if there is one.
	Fetched struct {
		Of         Request // Fetch or Scan
		Path, Text string
		Found      bool
		Old        *Old // what to compare with, where the user named it
	}
	// Scanned brings the build context.
	Scanned struct {
		Of      Scan
		Context *plan.Context
	}
	// Foretold brings the forecast. Fault says what is wrong with the text, Err why
	// nothing can be told of a text that can be read; File and Findings are there
	// all the same where the text could be read in part.
	Foretold struct {
		Of       Foretell
		File     *dockerfile.File
		Fault    *dockerfile.Error
		Pairs    []int
		Plan     plan.Plan
		Findings []check.Finding
		Was      *plan.Was // what it was compared with, once all is known that decides it
		Foreign  bool      // the open image does not look to be made of this text
		Err      error
	}
	// Lent says where the text can be edited.
	Lent struct {
		Of   Lending
		Path string
	}
	// Regained brings what has become of it.
	Regained struct {
		Of   Regaining
		Text string
	}
	// Waited says that the time is over.
	Waited struct{ Of Wait }
	// Written says that the file holds the text.
	Written struct{ Of Write }
	// Failed says that a request was not granted. Layer is -1 where it is not about one.
	Failed struct {
		Of    Request
		Layer int
		Err   error
	}
)

// Choice is one of the images that a reference stands for.
type Choice struct {
	Label    string
	Platform model.Platform
	Select   string
}

func (Select) msg()     {}
func (Mark) msg()       {}
func (Range) msg()      {}
func (Show) msg()       {}
func (Peek) msg()       {}
func (Unpeek) msg()     {}
func (Take) msg()       {}
func (Edit) msg()       {}
func (Stand) msg()      {}
func (Adjust) msg()     {}
func (Save) msg()       {}
func (Reload) msg()     {}
func (Lend) msg()       {}
func (Regain) msg()     {}
func (Lent) msg()       {}
func (Regained) msg()   {}
func (Choose) msg()     {}
func (Retry) msg()      {}
func (Cancel) msg()     {}
func (Dismiss) msg()    {}
func (Clock) msg()      {}
func (Opened) msg()     {}
func (Asked) msg()      {}
func (Progressed) msg() {}
func (Indexed) msg()    {}
func (Rooted) msg()     {}
func (IndexDone) msg()  {}
func (Weighed) msg()    {}
func (Verified) msg()   {}
func (Loaded) msg()     {}
func (Extracted) msg()  {}
func (Fetched) msg()    {}
func (Scanned) msg()    {}
func (Foretold) msg()   {}
func (Written) msg()    {}
func (Waited) msg()     {}
func (Failed) msg()     {}

func (Open) request()      {}
func (Index) request()     {}
func (Prefer) request()    {}
func (Weigh) request()     {}
func (Verify) request()    {}
func (Read) request()      {}
func (Extract) request()   {}
func (Fetch) request()     {}
func (Scan) request()      {}
func (Foretell) request()  {}
func (Write) request()     {}
func (Lending) request()   {}
func (Regaining) request() {}
func (Wait) request()      {}
func (Halt) request()      {}
