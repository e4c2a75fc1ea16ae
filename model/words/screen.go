package words

// Screen holds the words of the panes, their titles, counters and notices.
type Screen struct {
	Layers, Files, Dockerfile, Details, Help, Palette string
	Unpacked, Dead, Age, CreatedBy, Download, Tar     string
	ByOrder, BySize, ByName, ByChange                 string
	ThisLayer, WholeRoot, SinceBase, Flat             string
	Range, Between                                    string // first and last step
	OneStep                                           string // step
	Only                                              string // letters of the changes that are shown
	Step                                              string
	StepOf                                            string // selected and last step; the first is 0
	Of                                                string // place, count
	Steps, LayersCount, FilesCount                    Plural
	Warnings, LayersUnread                            Plural
	Base                                              string
	Opening                                           string // reference
	Reading, Listing                                  string
	TooSmall                                          string // columns, rows
	Choose                                            string // reference
	NoMatch, NoChanges, NotRead, ReadingLayer, Alone  string
	Retry, NothingToRetry, Halted, Stopped, Idle      string
	Taken                                             string // files, size, folder
	Skipped                                           string // count, the first with its reason
	Copied                                            string // text
	FilterHow, BadPattern                             string
	ExtractTo, NoEditor, NothingToCopy                string
	Edited                                            string // where the copy is
	NoColours                                         string
	CopyPath, CopyInstruction, CopyDiffID, CopyDigest string
	CopyReference, CopyImageID, CopyManifest          string
	CopyCommand                                       string
	Menu                                              Menu
	Scopes                                            Scopes
}

// Menu holds the words beneath an open menu.
type Menu struct{ Move, Type, Search, Run, Copy, Choose, Write, Keep, Close string }

// Scopes are the headings of the help: where keys mean something.
type Scopes struct{ Panes, Lists, Layers, Files, Contents, Viewer, Builds, Everywhere string }

var screenEnglish = Screen{
	Layers: "Layers", Files: "Files", Dockerfile: "Dockerfile", Details: "Details", Help: "Keys", Palette: "Actions",
	Unpacked: "UNPACKED", Dead: "DEAD", Age: "AGE", CreatedBy: "CREATED BY", Download: "download", Tar: "tar",
	ByOrder: "by order", BySize: "by size", ByName: "by name", ByChange: "by change",
	ThisLayer: "this layer", WholeRoot: "whole root", SinceBase: "since base", Flat: "flat",
	Range: "steps %s to %s together", Between: "from step %s to step %s", OneStep: "step %s alone", Only: "only %s",
	Step: "step", StepOf: "step %s of 0–%s", Of: "%s of %s",
	Steps: Plural{"%s step", "%s steps"}, LayersCount: Plural{"%s layer", "%s layers"}, FilesCount: Plural{"%s file", "%s files"},
	Warnings:     Plural{"%s warning", "%s warnings"},
	LayersUnread: Plural{"%s layer is not read: ctrl+r tries again", "%s layers are not read: ctrl+r tries again"},
	Base:         "base",
	Opening:      "opening %s", Reading: "reading layers", Listing: "listing the files",
	TooSmall:     "imgtui needs 60 × 15 cells; here are %d × %d",
	Choose:       "%s stands for several images. Choose one:",
	NoMatch:      "Nothing matches; esc ends the filter.",
	NoChanges:    "No file differs.",
	NotRead:      "This layer could not be read",
	ReadingLayer: "reading this layer",
	Alone:        "layers beneath are still being read: shown alone",
	Retry:        "press ctrl+r to try again", NothingToRetry: "nothing has gone wrong that could be tried again",
	Halted: "stopped; ctrl+r reads on", Stopped: "stopped before it was done", Idle: "nothing is under way that could be stopped",
	Taken:     "%s, %s, written to %s",
	Skipped:   "; %s left out: %s",
	Copied:    "copied %s",
	FilterHow: "words  !not  ~regular expression", BadPattern: "not a regular expression yet",
	ExtractTo: "extract to folder", NoEditor: "set $EDITOR or $VISUAL to open a copy there", NothingToCopy: "there is nothing to copy yet",
	Edited:    "the copy stays at %s",
	NoColours: "this terminal shows no colours",
	CopyPath:  "path", CopyInstruction: "instruction", CopyDiffID: "diff ID", CopyDigest: "layer digest",
	CopyReference: "reference", CopyImageID: "image ID", CopyManifest: "manifest digest", CopyCommand: "command",
	Menu:   Menu{Move: "move", Type: "type", Search: "to search", Run: "run", Copy: "copy", Choose: "choose", Write: "write", Keep: "keep", Close: "close"},
	Scopes: Scopes{Panes: "In every pane", Lists: "Layers and files", Layers: "Layers", Files: "Files", Contents: "Files, and a file that is open", Viewer: "A file that is open", Builds: "Builds", Everywhere: "Everywhere"},
}
