// Package pane holds the rectangles of the screen. A pane owns its cursor,
// scroll, folds and filter and nothing else: it turns keys into intents and the
// session's state into lines.
package pane

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
)

// Env is what a pane may look at.
type Env struct {
	State session.State
	Theme *theme.Theme
	Words *words.Words
	Exact bool // sizes in bytes
	Book  *Book
	Spin  string // the frame of the spinner while something is under way
	// Path is what the files pane stands on where the user came to the details
	// from it; "" where they tell about the step.
	Path string
	// Draft says that the user came to the details from the Dockerfile.
	Draft bool
}

// Size tells bytes as the user wants them told.
func (e Env) Size(n int64) string {
	if e.Exact {
		return words.Exact(n)
	}
	return words.Bytes(n)
}

// Reason tells why something could not be done; what the user stopped is no fault.
func (e Env) Reason(err error) string {
	if errors.Is(err, context.Canceled) {
		return e.Words.Screen.Stopped
	}
	return words.Visible(err.Error())
}

// Turn says where an action leads beyond its pane.
type Turn uint8

// The turns.
const (
	Stay Turn = iota
	Into      // to what the row holds
	Out       // back to where the user came from
)

// Pane is a rectangle of the screen.
type Pane interface {
	// Scope tells which actions its keys mean.
	Scope() act.Scope
	// Do carries out an action and returns what the user meant by it.
	Do(id act.ID, e Env) ([]session.Msg, Turn)
	// View draws exactly h lines of exactly w cells, border included.
	View(e Env, w, h int, focused bool) []string
	// Click is told of a press at a cell of the pane, its border included;
	// again is true for the second press on the same row.
	Click(e Env, x, y int, again bool) []session.Msg
	// Wheel scrolls by so many rows.
	Wheel(by int)
}

// Typist is a pane that may take text: while Typing, only ctrl keys, tab and
// esc mean something else.
type Typist interface {
	Typing() bool
	// Type takes a key or a paste.
	Type(m tea.Msg, e Env)
	// Rest ends the typing; what was typed stays.
	Rest()
	// Cursor returns where in the pane the terminal's cursor stands.
	Cursor() (x, y int, ok bool)
}

// Clickable is how long a second press on a row still means the first one's.
const Clickable = 400 * time.Millisecond

// move carries out the actions that every list has in common.
func move(id act.ID, height int, by func(int), to func(int)) bool {
	switch id {
	case "up":
		by(-1)
	case "down":
		by(1)
	case "page-up":
		by(-height)
	case "page-down":
		by(height)
	case "half-up":
		by(-max(height/2, 1))
	case "half-down":
		by(max(height/2, 1))
	case "top":
		to(0)
	case "bottom":
		to(int(^uint(0) >> 1))
	default:
		return false
	}
	return true
}
