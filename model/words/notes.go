package words

// Notes are the few words beside a path that say how it changed.
type Notes struct{ Content, Link, Mode, Owner, Xattr, Time string }

var notesEnglish = Notes{Content: "content", Link: "link target", Mode: "mode", Owner: "owner", Xattr: "xattr", Time: "mtime"}
