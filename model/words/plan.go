package words

// Plan holds the words of the forecast. What a format takes is told beside it.
type Plan struct {
	Fates                  [6]string  // in the order of the fates: unknown, same, runs, maybe, new, gone
	Signs                  [6]string  // one cell each
	Counts                 [6]string  // a number of steps
	Reasons                [10]string // in the order of the reasons
	File                   string     // path: a file changed
	Files                  string     // path, how many more
	Line                   string     // line that runs
	Base                   string     // image
	Value                  string     // variable, line
	Values                 string     // variable
	Input                  string     // line whose result may be equal
	Server                 string     // address that may serve something else
	Relinked               string
	Unused                 string    // the stage is not part of the result
	Against                string    // what it was compared with
	Nothing                string    // there is nothing to compare with
	Advice, Warning, Error string    // the severities of findings
	Findings               string    // how many
	At                     string    // line
	Uses                   [5]string // how a stage is used, in the order of the uses: result, built on, copies, mounts, idle
	StageOn                string    // image that a stage is built on
	StageAgain             string    // what it uses is told above
	Stages                 string    // heading
	UnknownBases           string    // heading
	UnknownBase            string    // images
	UnknownTry             string
}

var planEnglish = Plan{
	Fates:    [6]string{"cannot be told", "kept", "runs again", "runs unless its input comes out equal", "is new", "is gone"},
	Signs:    [6]string{"·", "=", "↻", "?", "+", "−"},
	Counts:   [6]string{"%d not known", "%d kept", "%d run", "%d maybe", "%d new", "%d gone"},
	Reasons:  [10]string{"", "this line changed", "", "", "", "only settings of the image: costs nothing", "", "", "nothing to compare with", "stands on another step than before"},
	File:     "%s changed",
	Files:    "%s and %d more changed",
	Line:     "line %d runs",
	Base:     "%s is another image",
	Value:    "%s has another value, line %d",
	Values:   "%s has another value",
	Input:    "unless line %d comes out equal",
	Server:   "unless %s serves the same",
	Relinked: "its files are kept and only laid over what is new beneath",
	Unused:   "its stage is not part of the result",
	Against:  "compared with %s",
	Nothing:  "nothing to compare with",
	Advice:   "advice", Warning: "warning", Error: "error",
	Findings: "%d findings",
	At:       "line %d",
	Uses:     [5]string{"the result", "built on", "copied from", "mounted from", "not part of the result"},
	StageOn:  "FROM %s", StageAgain: "see above",
	Stages:       "Stages",
	UnknownBases: "Bases that were not looked up",
	UnknownBase:  "%s: no registry is asked, so whether a tag has moved and what the image sets (ENV, USER, ONBUILD) is not known; it is taken to be as it was.",
	UnknownTry:   "open an image that is built on it, or pin it: FROM name@sha256:…",
}
