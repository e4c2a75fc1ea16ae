package theme

// Editor are the styles of a text that is edited. Selection is reverse, so that
// it is seen where there are no colours.
type Editor struct {
	Line      string // under the cursor's line; "" where a colour is needed
	Selection string
	Variable  string
	Warning   string // under what a finding is about
	Fault     string
}
