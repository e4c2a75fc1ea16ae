package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
)

// snapshot is a State and a copy of all that can be seen of it.
type snapshot struct {
	of     session.State
	copied session.State
	files  session.Files
	after  string // what came last
}

func take(s session.State, after string) snapshot {
	c := s
	for i := range c.Stacks {
		c.Stacks[i].Layers = slices.Clone(s.Stacks[i].Layers)
		c.Stacks[i].Image = copyOf(s.Stacks[i].Image)
		c.Stacks[i].Report = copyOf(s.Stacks[i].Report)
	}
	c.Choices = slices.Clone(s.Choices)
	c.Builds = slices.Clone(s.Builds)
	for i, b := range c.Builds {
		c.Builds[i] = copyOf(b)
		c.Builds[i].Steps = slices.Clone(b.Steps)
	}
	c.Draft, c.Trial, c.Departure = copyOf(s.Draft), copyOf(s.Trial), copyOf(s.Departure)
	c.File, c.Edit = copyOf(s.File), copyOf(s.Edit)
	return snapshot{s, c, s.Files(), after}
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// check holds that nothing of a state has changed since it was taken.
func (n snapshot) check(t *testing.T) {
	t.Helper()
	if !reflect.DeepEqual(n.of, n.copied) || !reflect.DeepEqual(n.of.Files(), n.files) {
		t.Fatalf("the state after %s has changed since:\nwas %+v\nis  %+v", n.after, n.copied, n.of)
	}
}

// player sends a session whatever it may meet, in any order: intents, answers
// late, twice, to requests of long ago, and failures.
type player struct {
	t       *testing.T
	s       session.State
	w       *sessiontest.World
	wanted  []session.Request // not granted yet
	granted []session.Request // also those that are answered
	coming  []session.Msg     // answers on their way
	sent    []session.Msg     // answers that have come
	history []snapshot
}

func newPlayer(t *testing.T, images int) *player {
	p := &player{t: t, w: sessiontest.Building()}
	p.w.Local = images == 2
	p.w.Builder.Fails = map[int]*session.BuildError{7: {Code: 1, Text: "no"}}
	p.w.Builder.Says = func(r session.Try) session.Tried { return session.Tried{Of: r, After: p.w.Roots[0]} }
	p.s, p.wanted = session.Start([]session.Open{{Ref: "x"}, {Ref: "y"}}[:images]...)
	var more []session.Request
	p.s, more = p.s.Sketch(session.Sketch{Dir: "src"})
	p.wanted = append(p.wanted, more...)
	p.w.Choices = []session.Choice{{Label: "arm64", Platform: model.Platform{OS: "linux", Architecture: "arm64"}}, {Label: "by tag", Select: "b"}}
	return p
}

func (p *player) tell(m session.Msg) {
	p.history = append(p.history, take(p.s, fmt.Sprintf("%T", m)))
	s, rs := p.s.Update(m)
	p.s, p.wanted = s, append(p.wanted, rs...)
}

// play does what two bytes say.
func (p *player) play(op, arg byte) {
	switch op % 8 {
	case 0, 1, 2:
		p.tell(intents[int(op/8)%len(intents)](int(arg)))
	case 3:
		p.grant(int(arg))
	case 4, 5:
		p.deliver(int(arg))
	case 6:
		if len(p.sent) > 0 {
			p.tell(p.sent[int(arg)%len(p.sent)])
		}
	case 7:
		p.fail(int(arg))
	}
}

func (p *player) grant(n int) {
	if len(p.wanted) == 0 {
		return
	}
	n %= len(p.wanted)
	r := p.wanted[n]
	p.wanted, p.granted = slices.Delete(p.wanted, n, n+1), append(p.granted, r)
	if n%5 == 4 {
		p.w.Fail[n%3] = errors.New("connection reset")
	}
	p.w.Do(p.t.Context(), r, func(m session.Msg) { p.coming = append(p.coming, m) })
}

// deliver brings the next answer, or one from further behind.
func (p *player) deliver(n int) {
	if len(p.coming) == 0 {
		return
	}
	if n %= 2 * len(p.coming); n >= len(p.coming) {
		n = 0
	}
	m := p.coming[n]
	p.coming, p.sent = slices.Delete(p.coming, n, n+1), append(p.sent, m)
	p.tell(m)
}

func (p *player) fail(n int) {
	if len(p.granted) > 0 {
		p.tell(session.Failed{Of: p.granted[n%len(p.granted)], Layer: n%7 - 1, Err: errors.New("gone")})
	}
}

var intents = []func(n int) session.Msg{
	func(n int) session.Msg { return session.Select{Step: n%12 - 2} },
	func(n int) session.Msg { return session.Mark{Step: n%12 - 2} },
	func(n int) session.Msg { return session.Range{From: n%12 - 2} },
	func(n int) session.Msg { return session.Show{View: session.View(n % 5)} },
	func(n int) session.Msg {
		return session.Peek{Path: someFiles[n/3%len(someFiles)], Side: session.Side(n % 3)}
	},
	func(int) session.Msg { return session.Unpeek{} },
	func(n int) session.Msg {
		return session.Take{Paths: someFiles[:n%4], Dir: "x", Edit: n&8 != 0}
	},
	func(n int) session.Msg {
		return session.Choose{Choice: session.Choice{Platform: model.Platform{OS: "linux", Architecture: "amd64"}, Select: fmt.Sprint(n)}}
	},
	func(int) session.Msg { return session.Retry{} },
	func(int) session.Msg { return session.Cancel{} },
	func(int) session.Msg { return session.Dismiss{} },
	func(n int) session.Msg { return session.Clock{Now: sessiontest.Noon.AddDate(0, 0, n)} },
	func(n int) session.Msg {
		return session.Edit{Text: []string{sessiontest.Source, sessiontest.Edited, "FROM a\nRUNN\n", "FROM a AS b\nRUN c\nFROM b\nCOPY --from=b d e\n"}[n%4]}
	},
	func(n int) session.Msg { return session.Stand{Line: n % 10} },
	func(int) session.Msg { return session.BuildNow{} },
	func(int) session.Msg { return session.StopBuild{} },
	func(n int) session.Msg { return session.GoLive{On: n%2 == 0} },
	func(n int) session.Msg { return session.Hold{Line: n % 10} },
	func(n int) session.Msg { return session.Point{Line: n % 10} },
	func(n int) session.Msg { return session.Recall{Build: n % 60} },
	func(n int) session.Msg { return session.Contrast{Build: n % 60} },
	func(n int) session.Msg { return session.Attempt{Side: session.Side(n % 2), Command: "ls"} },
	func(int) session.Msg { return session.Forget{} },
	func(n int) session.Msg { return session.Export{Way: session.Way(n % 4), To: "x"} },
	func(n int) session.Msg { return session.Name{Tag: fmt.Sprint(n)} },
	func(int) session.Msg { return session.Inquire{} },
	func(n int) session.Msg { return session.Engage{Engine: []string{"", "docker", "embedded"}[n%3]} },
}

var someFiles = []string{"/bin/sh", "/etc/passwd", "/usr/lib/old.so", "/gone", "/etc", "/"}

// check holds what is so of every state, and that no earlier one has changed.
func (p *player) check() {
	p.t.Helper()
	for _, n := range p.history[max(len(p.history)-12, 0):] {
		n.check(p.t)
	}
	k := p.s.Stacks[session.Was]
	before, after := p.s.Between()
	switch i := k.Image; {
	case before > after && i != nil:
		p.t.Fatalf("files stand between %d and %d", before, after)
	case i != nil && p.s.Rebuild() == nil && (p.s.Step < 0 || p.s.Step >= len(i.Steps) || after >= len(i.Steps) || before < -1):
		p.t.Fatalf("step %d, files between %d and %d of %d steps", p.s.Step, before, after, len(i.Steps))
	}
	if f := p.s.Files(); f.Known && f.Err != nil {
		p.t.Fatalf("files are known and could not be read: %v", f.Err)
	}
	p.s.Files().Delta.Totals()
	p.checkBuilds()
	for n := range 9 {
		k.Unpacked(n)
		k.Dead(n)
	}
	k.Total()
	k.Progress()
	k.Warnings()
}

// checkBuilds holds what is so of every build.
func (p *player) checkBuilds() {
	for i, b := range p.s.Builds {
		if i < len(p.s.Builds)-1 && !b.Over() {
			p.t.Fatalf("build %d of %d is still under way", i, len(p.s.Builds))
		}
		for j := range b.Steps {
			p.s.Bytes(b, &b.Steps[j], tree.Delta.Totals)
			b.Verdict(&b.Steps[j])
		}
		b.Counts()
		b.Verdicts()
		b.Elapsed(p.s.Now)
	}
	for _, v := range p.s.Views() {
		q := p.s
		q.View = v
		q.Files()
	}
	p.s.Enterable(session.After)
}

// rest grants, delivers and chooses all that is still wanted; then nothing may wait.
func (p *player) rest() {
	for range 3000 {
		switch {
		case len(p.coming) > 0:
			p.deliver(0)
		case len(p.wanted) > 0:
			p.grant(0)
		case p.s.Choices != nil:
			p.tell(session.Choose{Choice: p.s.Choices[0]})
		case p.s.Building() != nil || p.s.Departure != nil || p.s.Trial != nil && p.s.Trial.Loading || p.s.Surveying():
			p.t.Fatalf("nothing is wanted any more, and a build is under way, or what is done with one")
		case p.s.Opening() || p.s.Reading() || p.s.File != nil && p.s.File.Loading:
			p.t.Fatalf("nothing is wanted any more; opening %v, reading %v, file %+v", p.s.Opening(), p.s.Reading(), p.s.File)
		default:
			return
		}
	}
	p.t.Fatalf("3000 answers, and still wanted: %v", p.wanted)
}

// TestAStateNeverChanges plays from a seed.
func TestAStateNeverChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := newPlayer(t, 1+int(seed%2))
		for range 150 {
			p.play(byte(r.UintN(256)), byte(r.UintN(256)))
			p.check()
		}
		p.rest()
		p.check()
	}
}

// FuzzUpdate plays what the bytes say: nothing may panic, every view must
// hold, and no earlier state may change.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte{3, 0, 4, 0, 3, 0, 4, 0, 4, 0, 4, 0, 0, 5, 32, 3, 3, 0, 4, 0}, false)
	f.Add([]byte{3, 0, 4, 0, 56, 0, 3, 0, 4, 0, 72, 0, 64, 0, 3, 0, 4, 0, 7, 2}, true)
	f.Add([]byte{3, 0, 3, 0, 4, 0, 4, 0, 56, 1, 56, 1, 3, 0, 3, 0, 4, 0, 4, 0, 8, 4, 16, 3, 6, 1, 48, 1, 7, 3}, true)
	f.Fuzz(func(t *testing.T, program []byte, two bool) {
		p := newPlayer(t, 1+map[bool]int{true: 1}[two])
		for ; len(program) >= 2 && len(p.history) < 200; program = program[2:] {
			p.play(program[0], program[1])
			p.check()
		}
		p.rest()
		p.check()
	})
}
