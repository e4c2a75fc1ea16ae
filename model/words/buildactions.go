package words

// buildActionsEnglish names the actions that are about builds.
var buildActionsEnglish = map[string]Action{
	"build":        {"build", "Build what is on the screen"},
	"live":         {"live", "Live mode: build whenever text and context rest, or no more"},
	"stop":         {"stop", "Stop the build"},
	"hold":         {"hold", "Keep live mode from running this RUN, or let it run"},
	"builds":       {"builds", "Go back to a build of this session, or to the image"},
	"contrast":     {"compare with", "Choose the build that this one is compared with"},
	"engine":       {"engine", "Choose the engine that builds"},
	"shell":        {"shell", "Open a shell in this step as it was left"},
	"shell-before": {"shell before", "Open a shell in this step as it was found"},
	"try":          {"try", "Try a command in this step and see what it would change"},
	"mend":         {"edit", "Edit the line of this step"},
	"send":         {"send", "Name the built image, load, save or push it"},
	"whole-log":    {"all", "Show the whole log of the build, or that of the step"},
	"search-log":   {"find", "Search the log"},
	"next-hit":     {"next", "Go to the next match in the log"},
	"previous-hit": {"previous", "Go to the match before in the log"},
}
