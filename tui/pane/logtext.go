package pane

import (
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// logPart is the log of one vertex, as far as it is laid out.
type logPart struct {
	vertex string
	seen   *progress.Vertex // as it was laid out
	rows   []logRow
	taken  int // lines that are laid out and will not change
	open   int // rows of the last line, which may go on
}

// logRow is a row: a line of the log, or a piece of a long one.
type logRow struct {
	text  string // fit to be shown
	style string
}

// read lays out what vertices have written since, and tells whether there was any.
func (p *Log) read(e Env, b *session.Rebuild, line int) bool {
	changed, n := false, 0
	for _, v := range b.Run.Vertices {
		if v.Log.Len() == 0 && !p.whole || !p.whole && v.Line != line {
			continue
		}
		if n == len(p.parts) {
			p.parts = append(p.parts, logPart{vertex: v.Digest})
		}
		if p.parts[n].vertex != v.Digest { // one before it has begun to write
			p.parts = append(p.parts[:n:n], logPart{vertex: v.Digest})
		}
		changed = p.parts[n].read(e, v, p.width-2, p.whole) || changed
		n++
	}
	if !changed {
		return false
	}
	p.rows = p.rows[:0]
	for i := range p.parts {
		p.rows = append(p.rows, p.parts[i].rows...)
	}
	return true
}

// mostRows is how many rows of a vertex are laid out; the first go.
const mostRows = 100_000

// read lays out what is new in a vertex's log.
func (l *logPart) read(e Env, v *progress.Vertex, w int, titled bool) bool {
	if l.seen == v {
		return false
	}
	l.seen = v
	if titled {
		l.rows = append(l.rows[:0:0], append([]logRow{title(e, v)}, l.rows[min(len(l.rows), 1):]...)...)
	}
	if gone := v.Log.Gone(); gone > l.taken {
		l.rows = append(l.rows, logRow{"… " + e.Words.Build.Dropped.Of(gone-l.taken), e.Theme.Dim})
		l.taken, l.open = gone, 0
	}
	l.rows = l.rows[:len(l.rows)-l.open]
	last := 0
	v.Log.Each(l.taken-v.Log.Gone(), func(line string) bool {
		before := len(l.rows)
		for _, part := range widget.Wrap(words.Logged(line), max(w-2, 8)) {
			l.rows = append(l.rows, logRow{part, e.Theme.Text})
		}
		last = len(l.rows) - before
		return true
	})
	l.taken, l.open = max(v.Log.Gone()+v.Log.Len()-1, l.taken), last
	if over := len(l.rows) - mostRows; over > 0 {
		l.rows = append([]logRow(nil), l.rows[over:]...)
	}
	return true
}

// title names a vertex and says where it stands.
func title(e Env, v *progress.Vertex) logRow {
	text := e.Words.Build.Signs[v.Status] + " " + words.Visible(v.Name)
	if v.Took > 0 {
		text += "  " + words.Lasts(v.Took)
	}
	return logRow{text, e.Theme.Strong}
}

// paper takes text in rows.
type paper struct {
	rows  []logRow
	w     int
	theme *theme.Theme
}

func (o *paper) add(style, text string) {
	for _, part := range widget.Wrap(text, max(o.w-2, 8)) {
		o.rows = append(o.rows, logRow{part, style})
	}
}

// gap leaves a row free where something stands above.
func (o *paper) gap(above int) {
	if above+len(o.rows) > 0 {
		o.rows = append(o.rows, logRow{})
	}
}
