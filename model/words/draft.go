package words

// Draft holds the words of the Dockerfile beside the image. What a format takes
// is told beside it.
type Draft struct {
	Recovered, Attested, Unsaved, None, Changed, Ahead string // beside the title; Changed: another program has written the file
	Counts                                             string // joins the counts of fates
	NoFix, Fixed                                       string
	Saved                                              string // path
	SaveAs                                             string
	NoFile                                             string // nothing to save to yet
	Overwrite, Overwritten                             string // the question, and the answer that writes
	Leave, LeaveSave, LeaveDrop, LeaveStay             string
	TakeDisk                                           string
	Inputs, Target, Argument, Platform                 string // of the menu of inputs
	WrongInput                                         string // what was typed
	Coming, Against                                    string // views
	Will                                               string // heading: what a rebuild does
	Finds                                              string // heading: what is wrong
	Example, FixKey                                    string
	Context, Sent, Ignored, Biggest                    string // of the build context; Sent: files, bytes
	IgnoredRow                                         string // path, files
	Config, Before, After                              string
	Fault                                              string // heading: the text cannot be read
	Hint                                               string
	Nothing                                            string
	Reloaded                                           string
	OnlyForetold                                       string
}

var draftEnglish = Draft{
	Recovered: "recovered from the history", Attested: "attested by its builder", Unsaved: "unsaved", None: "none", Changed: "changed on disk", Ahead: "…",
	Counts: " · ",
	NoFix:  "nothing to mend on this line", Fixed: "mended: u takes it back",
	Saved: "saved %s", SaveAs: "save as", NoFile: "it has no file yet",
	Overwrite: "another program has written the file since it was read", Overwritten: "write over it",
	Leave: "the Dockerfile is not saved", LeaveSave: "save it and leave", LeaveDrop: "leave without saving", LeaveStay: "stay",
	TakeDisk: "take what is on disk",
	Inputs:   "build with: NAME=VALUE, target=STAGE, platform=OS/ARCH", Target: "target", Argument: "argument", Platform: "platform",
	WrongInput: "%s: want NAME=VALUE, target=STAGE or platform=OS/ARCH",
	Coming:     "what it will bring", Against: "image → what it will be",
	Will: "A rebuild", Finds: "What is found here", Example: "For example", FixKey: "f: %s",
	Context: "The build context", Sent: "%s files are sent, %s.", Ignored: "kept out by .dockerignore", Biggest: "the biggest",
	IgnoredRow: "%s · %s files",
	Config:     "The image's settings", Before: "was", After: "will be",
	Fault: "This cannot be read", Hint: "%s",
	Nothing:  "No instruction stands on this line.",
	Reloaded: "taken from disk", OnlyForetold: "it is only foretold: build first",
}
