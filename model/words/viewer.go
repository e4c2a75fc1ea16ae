package words

// Viewer holds the words of an open file.
type Viewer struct {
	Text, Hex, Against string // how it is shown
	Line, Lines        string // %s
	More               string // %s
	Loading            string
	Empty, Same        string
	OnlyMeta           string // %s
	Binary             string // sizes before and after, first byte that differs
	Link               string // target
	Dir, Device, Fifo  string
	Dangling           string // %s
	Was                string // the file is gone: this is what it was
	Hits               string // which row, of how many
	NoHit              string
}

var viewerEnglish = Viewer{
	Text: "text", Hex: "hex", Against: "against the layer below",
	Line: "%s line", Lines: "%s lines", More: "only the first %s are shown",
	Loading: "reading the file", Empty: "An empty file.", Same: "The contents are the same.",
	OnlyMeta: "The contents are the same; what changed: %s.",
	Binary:   "Binary contents differ: %s before, %s after; the first byte that differs is at %s.",
	Link:     "A symbolic link to %s.",
	Dir:      "A directory.", Device: "A device: it has no content.", Fifo: "A named pipe: it has no content.",
	Dangling: "A hard link to %s, which no layer carries.",
	Was:      "removed here; shown as it was", Hits: "%s of %s", NoHit: "not found",
}
