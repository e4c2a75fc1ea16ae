package widget

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/words"
)

// Input is a line of text that is being typed. The zero value takes none.
type Input struct {
	model  textinput.Model
	typing bool
}

// Start begins to take text, with what is there already.
func (i *Input) Start(text string) {
	i.model = textinput.New()
	i.model.Prompt = ""
	i.model.SetVirtualCursor(false)
	i.model.SetStyles(textinput.Styles{})
	i.model.CharLimit = longest
	i.model.SetValue(text)
	i.model.CursorEnd()
	i.model.Focus()
	i.typing = true
}

// longest is how many characters are taken.
const longest = 1000

// Stop takes no more text.
func (i *Input) Stop() { i.typing = false }

// Typing tells whether text is taken.
func (i *Input) Typing() bool { return i.typing }

// Value returns the text.
func (i *Input) Value() string {
	if !i.typing {
		return ""
	}
	return i.model.Value()
}

// Type takes a key or a paste.
func (i *Input) Type(m tea.Msg) { i.model, _ = i.model.Update(m) }

// View returns the text, fit to be shown, in at most w cells, and where in it
// the cursor stands.
func (i *Input) View(w int) (text string, cursor int) {
	value := []rune(i.model.Value())
	at := min(i.model.Position(), len(value))
	left := words.Visible(string(value[:at]))
	if Width(left) > w-1 {
		left = CutLeft(left, w-1)
	}
	return Cut(left+words.Visible(string(value[at:])), w), Width(left)
}
