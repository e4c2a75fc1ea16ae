package theme

// ink is a colour: its number among the terminal's sixteen, and in full.
type ink struct{ ansi, full string }

// palette is a theme's colours.
type palette struct {
	dim, edge, strong, accent, bar ink
	added, modified, removed       ink
	keyword, text, number, name    ink // of a text with highlighting
	variable                       ink
	line                           string // the ground of the line under an editor's cursor
	selected, resting, terminals   string // grounds; the last is what the terminal is taken to have
}

var dark = palette{
	dim: ink{"8", "#8b949e"}, edge: ink{"8", "#484f58"}, strong: ink{"15", "#e6edf3"}, accent: ink{"14", "#58a6ff"}, bar: ink{"4", "#3d6a9e"},
	added: ink{"2", "#56d364"}, modified: ink{"3", "#e3b341"}, removed: ink{"1", "#ff7b72"},
	keyword: ink{"5", "#d2a8ff"}, text: ink{"6", "#a5d6ff"}, number: ink{"12", "#79c0ff"}, name: ink{"15", "#e6edf3"},
	variable: ink{"12", "#ffa657"}, line: "#1c2128",
	selected: "#1b3a5e", resting: "#2a2f37", terminals: "#0d1117",
}

var light = palette{
	dim: ink{"8", "#5c656e"}, edge: ink{"8", "#b8bfc7"}, strong: ink{"0", "#1f2328"}, accent: ink{"4", "#0969da"}, bar: ink{"4", "#7fa8d6"},
	added: ink{"2", "#116329"}, modified: ink{"3", "#7d4e00"}, removed: ink{"1", "#b3121d"},
	keyword: ink{"5", "#8250df"}, text: ink{"4", "#0a3069"}, number: ink{"6", "#0550ae"}, name: ink{"0", "#1f2328"},
	variable: ink{"6", "#953800"}, line: "#f0f3f6",
	selected: "#cfe4ff", resting: "#e9ecef", terminals: "#ffffff",
}
