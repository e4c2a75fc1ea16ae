package words

// Editor holds the words of the editor: its actions by name, its bars, and what
// each instruction and flag of a Dockerfile is, by its text.
type Editor struct {
	Actions                     map[string]Action
	Find, Replace, With, GoTo   string
	NoMatch, WrongPattern       string
	Match                       string // %s of %s
	Replaced                    string // %s
	FindKeys, ReplaceKeys       string
	Regexp, WholeWord, CaseSame string // of the switches, short
	Candidates                  map[string]string
}

// EditorEnglish is the table that others follow.
var EditorEnglish = Editor{
	Actions: editorActionsEnglish, Candidates: candidatesEnglish,
	Find: "find", Replace: "replace", With: "with", GoTo: "go to line",
	NoMatch: "no match", WrongPattern: "no regular expression", Match: "%s of %s", Replaced: "%s replaced",
	FindKeys:    "enter next  alt+x regex  alt+w word  alt+c case  esc ends",
	ReplaceKeys: "tab field  enter one  alt+a all  alt+x regex  esc ends",
	Regexp:      ".*", WholeWord: "word", CaseSame: "Aa",
}

var editorActionsEnglish = map[string]Action{
	"type":               {"type", "Edit the text where the cursor is"},
	"rest":               {"done", "End the selection, or the editing"},
	"fix":                {"fix", "Mend what is found wrong on the line"},
	"inputs":             {"inputs", "Change build arguments, target or platform"},
	"reload":             {"reload", "Take what another program has written"},
	"save":               {"save", "Save the Dockerfile"},
	"open-editor":        {"$EDITOR", "Open the Dockerfile in your editor"},
	"undo":               {"undo", "Take the last change back"},
	"redo":               {"redo", "Make the change again that was taken back"},
	"take-back":          {"undo", "Take the last change back"},
	"do-again":           {"redo", "Make the change again that was taken back"},
	"cut":                {"cut", "Cut what is selected, or the line"},
	"copy-text":          {"copy", "Copy what is selected, or the line"},
	"paste":              {"paste", "Paste what was cut or copied here"},
	"complete":           {"complete", "Show what may stand here"},
	"find":               {"find", "Find a text"},
	"search":             {"find", "Find a text"},
	"replace":            {"replace", "Replace a text"},
	"find-next":          {"next", "Go to the next match"},
	"find-previous":      {"previous", "Go to the match before"},
	"go-to-line":         {"line", "Go to a line by its number"},
	"comment":            {"comment", "Make the lines a comment, or no comment"},
	"indent":             {"indent", "Move the lines to the right"},
	"outdent":            {"outdent", "Move the lines to the left"},
	"duplicate":          {"double", "Put what is selected, or the line, once more"},
	"line-up":            {"line up", "Move the lines up"},
	"line-down":          {"line down", "Move the lines down"},
	"join":               {"join", "Make one line of two"},
	"soft-wrap":          {"wrap", "Wrap long lines, or scroll them"},
	"new-line":           {"new line", "Begin a new line"},
	"erase":              {"erase", "Erase what is selected, or the letter before"},
	"delete":             {"delete", "Delete what is selected, or the letter after"},
	"erase-word":         {"erase word", "Erase the word before"},
	"delete-word":        {"delete word", "Delete the word after"},
	"erase-to-start":     {"erase line", "Erase to the line's start"},
	"delete-to-end":      {"delete line", "Delete to the line's end"},
	"char-left":          {"left", "Move a letter to the left"},
	"char-right":         {"right", "Move a letter to the right"},
	"row-up":             {"up", "Move a line up"},
	"row-down":           {"down", "Move a line down"},
	"word-left":          {"word left", "Move a word to the left"},
	"word-right":         {"word right", "Move a word to the right"},
	"line-start":         {"line start", "Go to the line's first letter, then to its start"},
	"line-end":           {"line end", "Go to the line's end"},
	"screen-up":          {"page up", "Move a page up"},
	"screen-down":        {"page down", "Move a page down"},
	"text-start":         {"start", "Go to the text's start"},
	"text-end":           {"end", "Go to the text's end"},
	"select-left":        {"select", "Select a letter to the left"},
	"select-right":       {"select", "Select a letter to the right"},
	"select-up":          {"select", "Select a line up"},
	"select-down":        {"select", "Select a line down"},
	"select-word-left":   {"select", "Select a word to the left"},
	"select-word-right":  {"select", "Select a word to the right"},
	"select-line-start":  {"select", "Select to the line's start"},
	"select-line-end":    {"select", "Select to the line's end"},
	"select-screen-up":   {"select", "Select a page up"},
	"select-screen-down": {"select", "Select a page down"},
	"select-text-start":  {"select", "Select to the text's start"},
	"select-text-end":    {"select", "Select to the text's end"},
	"select-word":        {"select word", "Select the word"},
	"select-line":        {"select line", "Select the line, then the next ones"},
	"select-all":         {"select all", "Select the whole text"},
}

var candidatesEnglish = map[string]string{
	"ADD": "files, archives unpacked, URLs, git", "ARG": "a variable of the build", "CMD": "what a container runs",
	"COPY": "files of the context or of a stage", "ENTRYPOINT": "the program a container is", "ENV": "variables of the environment",
	"EXPOSE": "ports that are listened on", "FROM": "begins a stage with an image", "HEALTHCHECK": "how a container is found healthy",
	"LABEL": "facts about the image", "ONBUILD": "runs when an image is built on this one", "RUN": "runs a command, keeps what changed",
	"SHELL": "the shell that RUN uses", "STOPSIGNAL": "what stops a container", "USER": "who runs what follows",
	"VOLUME": "a folder kept apart", "WORKDIR": "the folder of what follows",
	"--platform=": "os/arch of the image", "--mount=": "files for this command alone", "--network=": "the command's network", "--security=": "more rights",
	"--device=": "a device for the command", "--from=": "a stage or an image", "--chown=": "user:group", "--chmod=": "mode", "--link": "a layer of its own",
	"--parents": "keep the folders above", "--exclude=": "leave out a pattern", "--checksum=": "what the download must be", "--keep-git-dir=": "keep .git",
	"--unpack=": "unpack an archive", "--interval=": "between checks", "--timeout=": "of a check", "--start-period=": "before failures count",
	"--start-interval=": "between checks at the start", "--retries=": "failures that make it unhealthy",
	"bind": "files of the context or a stage", "cache": "a folder kept between builds", "secret": "a file that leaves no trace", "ssh": "the agent's keys", "tmpfs": "a folder in memory",
	"scratch": "nothing at all",
}
