package pane

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// search is what is looked for in an open file, and where it stands.
type search struct {
	input widget.Input
	query string
	all   []spot
	at    int // of all
}

// typed takes a key, and tells whether something else is looked for.
func (s *search) typed(m tea.Msg) bool {
	if k, ok := m.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			s.input.Stop()
			return false
		case "esc":
			s.end()
			return false
		}
	}
	s.input.Type(m)
	if s.query == s.input.Value() {
		return false
	}
	s.query = s.input.Value()
	return true
}

// spot is where a text stands: in a row, from a byte of its text on.
type spot struct{ row, at int }

// mostSpots is how many places are found at the most.
const mostSpots = 100_000

// open tells whether the search has a line of its own.
func (s *search) open() bool { return s.input.Typing() || s.query != "" }

func (s *search) start() { s.input.Start(s.query) }

func (s *search) end() {
	s.input.Stop()
	s.query, s.all, s.at = "", nil, 0
}

// in looks for the query in a document.
func (s *search) in(d document) {
	s.all, s.at = nil, 0
	if s.query != "" {
		s.all = d.spots(folded(s.query), mostSpots)
	}
}

// from goes to the first place at or beneath a row, or else to the first of all.
func (s *search) from(row int) (spot, bool) {
	s.at = sort.Search(len(s.all), func(i int) bool { return s.all[i].row >= row })
	if s.at == len(s.all) {
		s.at = 0
	}
	return s.step(0)
}

// step goes on by so many places, and round at the end.
func (s *search) step(by int) (spot, bool) {
	if len(s.all) == 0 {
		return spot{}, false
	}
	s.at = (s.at + by + len(s.all)) % len(s.all)
	return s.all[s.at], true
}

// on tells whether the place that one stands on is in a row.
func (s *search) on(row int) bool { return len(s.all) > 0 && s.all[s.at].row == row }

// line shows what is looked for and how often it is there.
func (s *search) line(e Env, w int) string {
	t := e.Words
	r := widget.NewRow(w).Put(e.Theme.Accent, " / ")
	text := words.Visible(s.query)
	if s.input.Typing() {
		text, _ = s.input.View(r.Room() - 1)
	}
	r.Put(e.Theme.Strong, text)
	note := ""
	switch {
	case s.query == "":
	case len(s.all) == 0:
		note = t.Viewer.NoHit
	default:
		note = fmt.Sprintf(t.Viewer.Hits, words.Exact(s.at+1), words.Exact(len(s.all)))
	}
	if room := r.Room() - widget.Width(note) - 2; room >= 0 {
		r.Pad(room+1).Put(e.Theme.Dim, note)
	}
	return r.String()
}

// folded returns s in small letters where they take as many bytes, so that
// places in the one are places in the other.
func folded(s string) string {
	var b []byte
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if small := unicode.ToLower(r); small != r && utf8.RuneLen(small) == n {
			if b == nil {
				b = []byte(s)
			}
			utf8.EncodeRune(b[i:], small)
		}
		i += n
	}
	if b == nil {
		return s
	}
	return string(b)
}

// indexes returns where a text stands in another, at most so many; one does
// not begin within another.
func indexes(in, text string, most int) []int {
	var all []int
	if text == "" {
		return nil
	}
	for from := 0; len(all) < most; {
		i := strings.Index(in[from:], text)
		if i < 0 {
			break
		}
		all = append(all, from+i)
		from += i + len(text)
	}
	return all
}

// spotsIn finds a text in rows.
func spotsIn(rows int, text func(int) string, find string, most int) []spot {
	var all []spot
	for i := range rows {
		for _, at := range indexes(folded(text(i)), find, most-len(all)) {
			all = append(all, spot{i, at})
		}
	}
	return all
}

// Typing implements [Typist].
func (p *Viewer) Typing() bool { return p.find.input.Typing() }

// Rest implements [Typist].
func (p *Viewer) Rest() { p.find.input.Stop() }

// Type implements [Typist]: what is found moves along with every key.
func (p *Viewer) Type(m tea.Msg, e Env) {
	p.sync(e)
	if p.find.typed(m) {
		p.find.in(p.doc)
		p.show(p.find.from(p.win.Top))
	}
}

// show brings a place into sight.
func (p *Viewer) show(s spot, ok bool) {
	if !ok {
		return
	}
	p.win.Go(s.row)
	room := max(p.width-3-numbers-1, 1)
	text, at := p.doc.text(s.row), s.at
	from := widget.Width(text[:at])
	to := from + widget.Width(text[at:min(at+len(p.find.query), len(text))])
	if !p.wrap && (from < p.left || to > p.left+room) {
		p.left = max(from-room/2, 0)
	}
}

// Cursor implements [Typist].
func (p *Viewer) Cursor() (x, y int, ok bool) {
	if !p.Typing() {
		return 0, 0, false
	}
	_, at := p.find.input.View(p.width - 6)
	return 1 + 3 + at, 1, true
}
