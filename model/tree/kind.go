package tree

// Letter returns the kind as the first letter of ls -l: "-" of a File.
func (k Kind) Letter() byte {
	if int(k) >= len(kindLetters) {
		return kindLetters[Unset]
	}
	return kindLetters[k]
}

const kindLetters = "?-dl-cbp"

// String returns the kind as JSON and users have it: "file", "dir", "symlink",
// "hardlink", "char", "block", "fifo".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

var kindNames = [...]string{Unset: "", File: "file", Dir: "dir", Symlink: "symlink", Hardlink: "hardlink", Char: "char", Block: "block", Fifo: "fifo"}
