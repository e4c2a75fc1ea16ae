package words

// Explain holds the sentences that package explain puts together. What a
// format takes is told beside it.
type Explain struct {
	Verbs     map[string]Verb     // by the Dockerfile's keyword
	Makers    map[string]string   // what a row means, by the tool that wrote it
	Leftovers map[string]Leftover // by the place where a tool leaves it
	Hows      [5]string           // how bytes died, in the order of the ways to die
	Remedies  [5]Remedy           // what to do about it, in the same order

	// Headings.
	Here, DeadHere, HiddenHere, Sizes, Origin, Cache, ImageIs, Starts, Wasted, WorstLayers, History, Faults string
	// Keys of pairs.
	Unpacked, Download, Tar, Files, DiffID, Digest, MediaType, Created, Comment, Author, BuildArg       string
	Reference, Source, Tags, ImageID, Manifest, Platform, Base, Steps, Layers                           string
	Entrypoint, Cmd, Shell, Env, User, WorkDir, Ports, Volumes, Label, Healthcheck, StopSignal, OnBuild string
	Change, Kind, Size, Mode, Owner, Modified, Link, Device, Xattr                                      string

	// What a step is.
	Unknown, Unsaid  string // a row that is nobody's instruction; one without text
	RootFS, FromBase string // a distribution's files; a step of the base image
	NoFiles          string
	StartsShell      string // a CMD or ENTRYPOINT that starts a shell first
	ArgsStay         string // build arguments can be read in the history

	// What a step did.
	NotRead, Unreadable string
	Alone               string    // entries, bytes: the layers beneath are not read yet
	Nothing             string    // the layer changes no path
	Changes             string    // counts
	Counts              [5]string // paths added, modified, touched, replaced, removed
	Grows, Shrinks      string    // bytes
	Stays               string
	Carries             string // bytes of the layer, where the root did not grow by them
	Biggest             string
	LeftBehind          string
	Left                string // bytes, what it is, path
	LeftInBase          string

	// What is dead.
	AddedDead     string // bytes, percent of the layer
	HidAndKept    string // bytes
	DiesAt        string // how, step, instruction
	CameFrom      string // how, step, instruction
	Several       string // directory, count
	Scattered     string // path, count of others
	Others        string // count
	DeadOf        string // dead, total, percent dead, percent alive
	NothingDead   string // total
	DeadInStep    string // step, instruction
	InStep        string // step, what is wrong with its layer
	StillWeighing string

	// Facts and paths.
	CacheBase                                   string
	SizeUnpacked, SizeDownload, SizeTar         string // bytes, exact bytes
	SizeExact                                   string // bytes, exact bytes
	Ago                                         string // time, age
	Epoch                                       string // time
	Gone                                        string // the path is no more
	StepAdds, StepWrites, StepCopies, StepNames string // step, instruction
	StepHides                                   string // step, instruction
	Implied                                     string // no layer has an entry for the path
	Changed                                     [7]string
	DefaultUser, DefaultDir                     string
	OfWhat                                      string // steps, those without a layer
}

// Verb is what a kind of instruction does, and how the build cache treats it.
type Verb struct{ Does, Cache string }

// Leftover is what tools leave that an image does not need, and what to do.
type Leftover struct{ What, Try string }

// Remedy is what to do about dead bytes, by the kind of step that added them.
// {added} and {hidden} stand for the numbers of that step and of the one that
// hid them.
type Remedy struct{ Run, Copy, Base, Other string }
