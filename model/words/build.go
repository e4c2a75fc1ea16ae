package words

// Build holds the words of builds. What a format takes is told beside it.
type Build struct {
	Building, Done, Failed, Stopped, Held   string // time
	Number                                  string // of the build
	Statuses                                [5]string
	Counts                                  [5]string // a number of steps, in the order of the statuses
	Fates                                   [6]string // in a narrow column, in the order of the fates
	Signs                                   [5]string // one cell each
	HeldStep, Gone                          string    // in the column of statuses
	Stops, Leaves                           string    // what esc does
	Now, Was, Change, Forecast, Time        string    // columns
	AgainstImage, AgainstBuild              string    // number
	Exit                                    string    // code
	Line                                    string    // line, what
	Log, WholeLog, Follows                  string
	NoWork, NotReached                      string
	NothingYet, Waits, Kept, Settings, Runs string // what a step without a log says
	HeldFor                                 string // how long it took
	HeldBy                                  string
	Dropped                                 Plural    // lines
	DoorsAfter, DoorsBefore                 [2]string // keys and what they open: what the failed command left, what it found
	EditDoor                                string    // line
	Fault, Why                              string
	Total                                   string // now, was, change
	TotalNow                                string // now
	Steps                                   string // had, made, time
	Verdicts                                string // right, of how many
	Cautious, Elsewhere, Mistaken           Plural
	MistakenLine                            string // line
	On                                      string // engine
	Version                                 string // engine, version
	Auto                                    string
	Live                                    string
	BuildsTitle, TheImage                   string
	BuildRow                                string // number, time of day
	ContrastTitle                           string
	EngineTitle, NoEngine, Looking          string
	Lacks                                   string // what, why
	TryTitle                                string
	TryNote                                 string
	Trying                                  string // command
	Tried                                   string // command, code
	TriedChanges, TriedNothing              string
	LeaveTitle, Tag, Load, SaveOCI          string
	SaveArchive, Push                       string

	Ways                                  [4]string // in the order of the ways: what is under way with what
	Went                                  [4]string // what it has done: where to, bytes, digest
	Unbuildable, Unreadable               string    // line, what is wrong
	Unleavable, NotHeld, HeldBack, LetRun string    // instruction
	NamedAs                               string    // tag
	BuildStopped                          string
	StepFiles, TriedFiles, Across         string // views
	NotBuilt, NoFiles                     string
	ShellExit                             string // code
	ShellNone                             string // why
	ShellStart                            string // line, instruction
	ShellBefore                           string
	NoShell                               string
	Warnings                              string // heading
	NothingToMend                         string
	LiveOn, LiveOff                       string
	Ended                                 string // how a build of the list came out
}

var buildEnglish = Build{
	Building: "building · %s", Done: "built in %s", Failed: "failed after %s", Stopped: "stopped after %s", Held: "held after %s",
	Number:       "build %d",
	Statuses:     [5]string{"waits", "kept", "done", "runs", "failed"},
	Counts:       [5]string{"%d wait", "%d kept", "%d done", "%d run", "%d failed"},
	Fates:        [6]string{"", "kept", "runs", "maybe", "new", "gone"},
	Signs:        [5]string{"·", "=", "✓", "▸", "✗"},
	HeldStep:     "held",
	Gone:         "gone",
	Stops:        "esc stops",
	Leaves:       "esc: the image",
	Now:          "NOW",
	Was:          "WAS",
	Change:       "CHANGE",
	Forecast:     "FORECAST",
	Time:         "TIME",
	AgainstImage: "against the image", AgainstBuild: "against build %d",
	Exit: "exit %d", Line: "line %d: %s",
	Log: "log of line %d", WholeLog: "whole log", Follows: "follows",
	NoWork: "there was nothing to do for it", NotReached: "the build did not come to it",
	NothingYet: "nothing written yet", Waits: "waits for its turn", Kept: "kept: the engine had its result", Settings: "sets what the image says of itself: nothing runs", Runs: "done; it wrote nothing",
	HeldFor: "held: it took %s the last time. ctrl+b runs it, H lets live mode run it", HeldBy: "held: ctrl+b runs it, H lets live mode run it",
	Dropped:     Plural{"%s line at the beginning is dropped", "%s lines at the beginning are dropped"},
	DoorsAfter:  [2]string{"enter  files as the failed command left them", "!  shell there"},
	DoorsBefore: [2]string{"enter  files as it found them", "@  shell there"},
	EditDoor:    "e  edit line %d",
	Fault:       "%s failed", Why: "what it left cannot be told: %s",
	Total: "the image weighs %s, it weighed %s: %s", TotalNow: "the image weighs %s", Steps: "steps kept: %d, made: %d, in %s",
	Verdicts:     "the forecast was right for %d of %d steps",
	Cautious:     Plural{"%s step was foretold to run and was kept: the engine had it", "%s steps were foretold to run and were kept: the engine had them"},
	Elsewhere:    Plural{"%s step of the image was not known to this engine, which had to make it", "%s steps of the image were not known to this engine, which had to make them"},
	Mistaken:     Plural{"%s step was foretold to be kept and ran", "%s steps were foretold to be kept and ran"},
	MistakenLine: "line %d was foretold to be kept and ran",
	On:           "on %s", Version: "%s %s", Auto: "auto", Live: "● live",
	BuildsTitle: "builds of this session", TheImage: "the image that was opened", BuildRow: "build %d · %s",
	ContrastTitle: "compare with", EngineTitle: "engine", NoEngine: "no engine was found", Looking: "looking for engines",
	Lacks:    "lacks %s: %s",
	TryTitle: "try a command in this step", TryNote: "what it writes is thrown away",
	Trying: "trying %s", Tried: "%s · exit %d", TriedChanges: "the files pane shows what it changes", TriedNothing: "it wrote nothing",
	LeaveTitle: "the image that was built", Tag: "name what is built from now on", Load: "load into Docker or Podman", SaveOCI: "save as an OCI archive",
	SaveArchive: "save as a docker archive", Push: "push to a registry",

	Ways: [4]string{"loading %s", "writing %s", "writing %s", "pushing %s"},
	Went: [4]string{"loaded as %s, %s, %s", "saved %s, %s, %s", "saved %s, %s, %s", "pushed %s, %s sent, %s"},

	Unbuildable: "there is no Dockerfile to build", Unreadable: "line %d cannot be read: %s",
	Unleavable: "no image has been built that could go anywhere", NotHeld: "only a RUN can be held",
	HeldBack: "live mode stops before %s", LetRun: "live mode runs %s", NamedAs: "what is built from now on is called %s",
	BuildStopped: "stopped",
	StepFiles:    "this step", TriedFiles: "what the command changes", Across: "was → now",
	NotBuilt:  "This step is not built yet: its files are here as soon as it is.",
	NoFiles:   "There are no files of this step.",
	ShellExit: "the shell ended with exit code %d", ShellNone: "no shell: %s",
	ShellStart: "line %d  %s   (exit leaves; nothing is kept)", ShellBefore: "as the step found it", NoShell: "no shell can be opened here",
	Warnings: "What the engine warns of", NothingToMend: "no step of a build is selected",
	LiveOn: "live: text and context are built whenever they rest", LiveOff: "live mode is off",
	Ended: "%s · %s",
}
