package pane

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// end says what stands beneath the log: the fault, or what has come of it.
func (p *Log) end(e Env, b *session.Rebuild) []logRow {
	o := &paper{w: max(p.width-2, 8), theme: e.Theme}
	switch t := e.State.Trial; {
	case t != nil:
		p.trial(o, e, t)
		return o.rows
	case b == nil:
		return nil
	}
	m := e.State.Made()
	if len(p.rows) == 0 && m != nil && !p.whole {
		o.add(e.Theme.Dim, e.silence(b, m))
	}
	if b.Fault != nil && (p.whole || m != nil && m.Line == b.Fault.Line) {
		p.fault(o, e, b)
	} else if b.Err != nil && b.Fault == nil {
		o.gap(len(p.rows))
		o.add(e.Theme.Bad, "▲ "+e.Reason(b.Err))
		if h, ok := hint(b.Err); ok {
			o.add(e.Theme.Text, "› "+words.Visible(h))
		}
	}
	if b.Over() && b.Fault == nil {
		p.summary(o, e, b)
	}
	return o.rows
}

// silence says why a step has no log.
func (e Env) silence(b *session.Rebuild, m *session.Made) string {
	t := e.Words.Build
	switch {
	case !session.Works(m.Text) && session.Verb(m.Text) != "FROM":
		return t.Settings
	case m.Held && b.Outcome == session.Holding:
		if d := e.State.Lasted(m.Step); d > 0 && !e.State.Held(m.Text) {
			return fmt.Sprintf(t.HeldFor, words.Lasts(d))
		}
		return t.HeldBy
	case m.Unused:
		return e.Words.Plan.Unused
	case m.Status == progress.Waits && b.Outcome == session.Finished:
		return t.NoWork
	case m.Status == progress.Waits && b.Over():
		return t.NotReached
	}
	return [...]string{progress.Waits: t.Waits, progress.Cached: t.Kept, progress.Done: t.Runs, progress.Running: t.NothingYet, progress.Failed: t.Statuses[progress.Failed]}[m.Status]
}

// fault says what broke, and what can be done there.
func (p *Log) fault(o *paper, e Env, b *session.Rebuild) {
	t, f := e.Words.Build, b.Fault
	o.gap(len(p.rows))
	name := f.Name
	if m := b.At(f.Line); m != nil {
		name = m.Text
	}
	o.add(e.Theme.Bad, "✗ "+fmt.Sprintf(t.Line, f.Line, fmt.Sprintf(t.Fault, words.Visible(name))+" · "+broke(e, f)))
	for line := range strings.SplitSeq(strings.Trim(f.Text, "\n"), "\n") {
		o.add(e.Theme.Text, words.Logged(line))
	}
	if f.After == nil && f.Why != "" {
		o.add(e.Theme.Dim, fmt.Sprintf(t.Why, words.Visible(f.Why)))
	}
	o.gap(1)
	all := []string{fmt.Sprintf(t.EditDoor, f.Line)}
	switch {
	case f.After != nil:
		all = append(t.DoorsAfter[:], all...)
	case f.Before != nil:
		all = append(t.DoorsBefore[:], all...)
	}
	if line := strings.Join(all, "    "); widget.Width(line) <= o.w-2 {
		all = []string{line}
	}
	for _, d := range all {
		o.add(e.Theme.Accent, d)
	}
}

// summary says what has come of a build: bytes, seconds, and how good the
// forecast was.
func (p *Log) summary(o *paper, e Env, b *session.Rebuild) {
	t, s, th := e.Words.Build, e.State, e.Theme
	o.gap(len(p.rows))
	engine := ""
	if b.Host.Name != "" {
		engine = " " + fmt.Sprintf(t.On, words.Visible(strings.TrimSpace(fmt.Sprintf(t.Version, b.Host.Name, b.Host.Version))))
	}
	o.add(th.Strong, e.Came(b)+engine)
	n := b.Counts()
	o.add(th.Text, fmt.Sprintf(t.Steps, n[progress.Cached], n[progress.Done], words.Lasts(b.Elapsed(s.Now))))
	if b.Outcome == session.Finished {
		now, known := s.Image(b).Total()
		was, also := s.Image(s.Of(s.Versus)).Total()
		switch {
		case known && also:
			o.add(th.Text, fmt.Sprintf(t.Total, e.Size(now), e.Size(was), e.signed(now-was)))
		case known:
			o.add(th.Text, fmt.Sprintf(t.TotalNow, e.Size(now)))
		}
	}
	p.verdicts(o, e, b)
	if len(b.Run.Warnings) > 0 {
		o.gap(1)
		o.add(th.Strong, t.Warnings)
		for _, w := range b.Run.Warnings {
			o.add(th.Text, fmt.Sprintf(t.Line, w.Line, words.Logged(strings.ReplaceAll(w.Text, "\n", " "))))
		}
	}
}

func (p *Log) verdicts(o *paper, e Env, b *session.Rebuild) {
	t := e.Words.Build
	n := b.Verdicts()
	if all := n[session.Right] + n[session.Cautious] + n[session.Mistaken]; all > 0 {
		o.add(e.Theme.Text, fmt.Sprintf(t.Verdicts, n[session.Right], all))
	}
	if n[session.Elsewhere] > 0 {
		o.add(e.Theme.Dim, "~ "+t.Elsewhere.Of(n[session.Elsewhere]))
	}
	if n[session.Cautious] > 0 {
		o.add(e.Theme.Dim, "~ "+t.Cautious.Of(n[session.Cautious]))
	}
	for i := range b.Steps {
		if m := &b.Steps[i]; b.Verdict(m) == session.Mistaken {
			o.add(e.Theme.Bad, "✗ "+fmt.Sprintf(t.MistakenLine, m.Line))
		}
	}
}

// trial shows what a command said and did.
func (p *Log) trial(o *paper, e Env, t *session.Trial) {
	w, command := e.Words.Build, words.Visible(t.Of.Command)
	switch {
	case t.Loading:
		o.add(e.Theme.Dim, e.Spin+" "+fmt.Sprintf(w.Trying, command))
		return
	case t.Err != nil:
		o.add(e.Theme.Bad, "▲ "+e.Reason(t.Err))
		return
	}
	o.add(e.Theme.Strong, fmt.Sprintf(w.Tried, command, t.Code))
	if t.Output == "" {
		o.add(e.Theme.Dim, w.TriedNothing)
	}
	for line := range strings.Lines(t.Output[:min(len(t.Output), mostOutput)]) {
		o.add(e.Theme.Text, words.Logged(strings.TrimSuffix(line, "\n")))
	}
	o.gap(1)
	o.add(e.Theme.Dim, w.TriedChanges)
}

// mostOutput is how much of a command's output is shown.
const mostOutput = 64 << 10

// hint returns what an error says the user can do.
func hint(err error) (string, bool) {
	for ; err != nil; err = unwrapped(err) {
		if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
			return h.Hint(), true
		}
	}
	return "", false
}

func unwrapped(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}
