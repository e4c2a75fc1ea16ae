package buffer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// plain is a text as one string: the obvious way to do what [Buffer] does.
type plain struct {
	text     string
	from, to int // the selection, or the cursor twice
}

// seen returns a buffer as its oracle sees it.
func seen(b *Buffer) plain {
	r, _ := b.Selection()
	return plain{b.Text(), offset(b.Text(), r.From), offset(b.Text(), r.To)}
}

func offset(text string, p Pos) int {
	lines := strings.SplitAfter(text, "\n")
	return len(strings.Join(lines[:p.Line], "")) + p.Col
}

func (p plain) put(s string) string { return p.text[:p.from] + s + p.text[p.to:] }

// lines returns the text in lines with their ends apart, and which of them the
// selection touches.
func (p plain) lines() (texts, ends []string, first, last int) {
	all := strings.SplitAfter(p.text, "\n")
	at := 0
	for i, l := range all {
		if p.from >= at && (p.from < at+len(l) || i == len(all)-1) {
			first = i
		}
		if p.to >= at && (p.to < at+len(l) || i == len(all)-1) {
			last = i
			if p.to == at && p.from < p.to {
				last--
			}
		}
		at += len(l)
		end := ""
		if strings.HasSuffix(l, "\r\n") {
			end = "\r\n"
		} else if strings.HasSuffix(l, "\n") {
			end = "\n"
		}
		texts, ends = append(texts, strings.TrimSuffix(l, end)), append(ends, end)
	}
	return texts, ends, first, max(last, first)
}

func joined(texts, ends []string) string {
	var s strings.Builder
	for i := range texts {
		s.WriteString(texts[i] + ends[i])
	}
	return s.String()
}

// end returns the line end that is used at the start of the selection.
func (p plain) end() string {
	_, ends, _, _ := p.lines()
	n := strings.Count(p.text[:p.from], "\n")
	if n == len(ends)-1 {
		n--
	}
	if n >= 0 && ends[n] == "\r\n" {
		return "\r\n"
	}
	return "\n"
}

func (p plain) foreign(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.ReplaceAll(s, "\n", p.end())
}

func (p plain) each(f func(string) string) string {
	texts, ends, first, last := p.lines()
	for i := first; i <= last; i++ {
		if texts[i] != "" || first == last {
			texts[i] = f(texts[i])
		}
	}
	return joined(texts, ends)
}

func (p plain) swapped(first, last, with int) string {
	texts, ends, _, _ := p.lines()
	if with < 0 || with >= len(texts) {
		return p.text
	}
	moved := texts[with]
	texts = slices.Delete(slices.Clone(texts), with, with+1)
	at := first
	if with < first {
		at = last
	}
	return joined(slices.Insert(texts, at, moved), ends)
}

// op is a command, and what its oracle makes of the text. Without an oracle the
// text stays.
type op struct {
	name string
	do   func(*Buffer, string)
	want func(plain, string) string
}

var ops = []op{
	{"insert", func(b *Buffer, s string) { b.Insert(s) }, plain.put},
	{"newline", func(b *Buffer, _ string) { b.Newline("  ") }, func(p plain, _ string) string { return p.put(p.end() + "  ") }},
	{"paste", func(b *Buffer, s string) { b.Paste(s) }, func(p plain, s string) string { return p.put(p.foreign(s)) }},
	{"become", func(b *Buffer, s string) { b.Become(b.Text()[:0] + s + b.Text()) }, func(p plain, s string) string { return s + p.text }},
	{"put", func(b *Buffer, s string) { b.Put(s) }, plain.put},
	{"select replaced", func(b *Buffer, s string) { r, _ := b.Selection(); b.Replace(r, s) }, plain.put},
	{"indent", func(b *Buffer, _ string) { b.Indent() }, func(p plain, _ string) string {
		return p.each(func(l string) string {
			if strings.HasPrefix(l, "\t") {
				return "\t" + l
			}
			return "    " + l
		})
	}},
	{"outdent", func(b *Buffer, _ string) { b.Outdent() }, func(p plain, _ string) string {
		return p.each(func(l string) string {
			if strings.HasPrefix(l, "\t") {
				return l[1:]
			}
			for range 4 {
				l = strings.TrimPrefix(l, " ")
			}
			return l
		})
	}},
	{"move up", func(b *Buffer, _ string) { b.MoveUp() }, func(p plain, _ string) string {
		_, _, first, last := p.lines()
		return p.swapped(first, last, first-1)
	}},
	{"move down", func(b *Buffer, _ string) { b.MoveDown() }, func(p plain, _ string) string {
		_, _, first, last := p.lines()
		return p.swapped(first, last, last+1)
	}},
	{"duplicate", func(b *Buffer, _ string) { b.Duplicate() }, func(p plain, _ string) string {
		if p.from < p.to {
			return p.text[:p.to] + p.text[p.from:p.to] + p.text[p.to:]
		}
		texts, ends, first, _ := p.lines()
		return joined(slices.Insert(texts, first+1, texts[first]), slices.Insert(ends, first, p.end()))
	}},
	{"copy and paste over", func(b *Buffer, _ string) {
		if s, whole := b.Copy(); !whole {
			b.Insert(s)
		}
	}, nil},
	{"duplicate by hand", func(b *Buffer, _ string) {
		if s, whole := b.Copy(); whole {
			b.PasteLines(s)
		}
	}, func(p plain, _ string) string {
		if p.from < p.to {
			return p.text
		}
		texts, ends, first, _ := p.lines()
		end := p.end()
		return joined(slices.Insert(texts, first, texts[first]), slices.Insert(ends, first, end))
	}},
	{"move", func(b *Buffer, s string) { b.Move(motion(s)) }, nil},
	{"select", func(b *Buffer, s string) { b.Select(motion(s)) }, nil},
	{"select more", func(b *Buffer, s string) { b.Select(Down); b.Select(motion(s)) }, nil},
	{"select word", func(b *Buffer, _ string) { b.SelectWord() }, nil},
	{"select line", func(b *Buffer, _ string) { b.SelectLine() }, nil},
	{"seal", func(b *Buffer, _ string) { b.Seal() }, nil},
	{"unselect", func(b *Buffer, _ string) { b.Unselect() }, nil},
	{"go", func(b *Buffer, s string) { b.Go(Pos{len(s) % 5, len(s)}) }, nil},
	{"extend", func(b *Buffer, s string) { b.Extend(Pos{len(s) % 3, len(s)}) }, nil},
	{"find", func(b *Buffer, s string) { find(b, s) }, nil},
	{"undo and redo", func(b *Buffer, _ string) {
		if b.Undo() {
			b.Redo()
		}
	}, nil},
	{"backspace", func(b *Buffer, _ string) { b.Backspace() }, removal(Left)},
	{"delete", func(b *Buffer, _ string) { b.Delete() }, removal(Right)},
	{"delete word left", func(b *Buffer, _ string) { b.DeleteWordLeft() }, removal(WordLeft)},
	{"delete word right", func(b *Buffer, _ string) { b.DeleteWordRight() }, removal(WordRight)},
	{"cut", func(b *Buffer, _ string) { b.Cut() }, func(p plain, _ string) string {
		if p.from < p.to {
			return p.put("")
		}
		texts, ends, first, _ := p.lines()
		if first > 0 && first == len(texts)-1 {
			ends[first-1] = ""
		}
		return joined(slices.Delete(texts, first, first+1), slices.Delete(ends, first, first+1))
	}},
	{"replace all", func(b *Buffer, s string) {
		f, _ := Query{Text: "a", Case: true}.Compile()
		b.ReplaceAll(f, "<"+strings.Map(noEnd, s)+">")
	}, func(p plain, s string) string {
		return strings.ReplaceAll(p.text, "a", "<"+strings.Map(noEnd, s)+">")
	}},
}

func noEnd(r rune) rune {
	if r == '\n' || r == '\r' {
		return -1
	}
	return r
}

func find(b *Buffer, s string) {
	if f, err := (Query{Text: s}).Compile(); err == nil {
		b.FindNext(f)
		b.FindPrevious(f)
	}
}

func motion(s string) Motion { return Motion(len(s) % (int(TextEnd) + 1)) }

// removal is the oracle of what removes by a motion: the text without what the
// motion passes. Which places a motion goes to has tests of its own.
func removal(m Motion) func(plain, string) string {
	return func(p plain, _ string) string {
		if p.from < p.to {
			return p.put("")
		}
		b := New(p.text)
		b.Go(place(p.text, p.from))
		if m == Left {
			b.Backspace()
			return b.Text()
		}
		b.Move(m)
		other := offset(p.text, b.Cursor())
		return p.text[:min(p.from, other)] + p.text[max(p.from, other):]
	}
}

func place(text string, at int) Pos {
	head := text[:at]
	return Pos{strings.Count(head, "\n"), at - strings.LastIndexByte(head, '\n') - 1}
}

var pieces = []string{"a", "b", "R", " ", "  ", "\t", "\n", "\r\n", "\r", "é", "e\u0301", "👩\u200d🚀", "日本", "\xff", "\x00", "word", "RUN x \\\n", "\u202e", "# c", "", "a a a"}

// world is a buffer that is edited at random, with what must hold of it.
type world struct {
	*Buffer
	t      testing.TB
	mirror []string // kept by the reported changes alone
	log    []string
}

func newWorld(t testing.TB, text string) *world {
	w := &world{Buffer: New(text), t: t, mirror: strings.Split(text, "\n")}
	w.Watch(func(c Change) {
		w.mirror = slices.Replace(w.mirror, c.From, c.From+c.Old, slices.Clone(w.lines[c.From:c.From+c.New])...)
	})
	return w
}

func (w *world) step(o op, s string) {
	w.t.Helper()
	before, want := seen(w.Buffer), w.Text()
	if o.want != nil {
		want = o.want(before, s)
	}
	w.log = append(w.log, fmt.Sprintf("%s %q", o.name, s))
	o.do(w.Buffer, s)
	if got := w.Text(); got != want {
		w.t.Fatalf("%s %q at %d–%d of %q:\ngot  %q\nwant %q", o.name, s, before.from, before.to, before.text, got, want)
	}
	w.holds()
}

// holds fails where the buffer contradicts itself.
func (w *world) holds() {
	w.t.Helper()
	if got := strings.Join(w.mirror, "\n"); got != w.Text() {
		w.t.Fatalf("after %v: the reported changes make %q of the text %q", w.log, got, w.Text())
	}
	for _, p := range []Pos{w.caret.at, w.caret.anchor} {
		if p.Line < 0 || p.Line >= w.Count() || p.Col < 0 || p.Col > w.End(p.Line) {
			w.t.Fatalf("after %v: cursor or anchor at %v, which %q has not", w.log, p, w.Text())
		}
	}
}

func (w *world) backAndForth(first string) {
	w.t.Helper()
	last := w.Text()
	for w.Undo() {
		w.holds()
	}
	if got := w.Text(); got != first {
		w.t.Fatalf("after %v all undone: got %q, want %q", w.log, got, first)
	}
	if w.Dirty() {
		w.t.Fatalf("after %v all undone the text counts as changed", w.log)
	}
	for w.Redo() {
		w.holds()
	}
	if got := w.Text(); got != last {
		w.t.Fatalf("after %v all redone: got %q, want %q", w.log, got, last)
	}
}

func TestEveryEditIsWhatThePlainTextBecomes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		var first strings.Builder
		for range r.IntN(12) {
			first.WriteString(pieces[r.IntN(len(pieces))])
		}
		w := newWorld(t, first.String())
		for range 60 {
			w.step(ops[r.IntN(len(ops))], pieces[r.IntN(len(pieces))])
		}
		w.backAndForth(first.String())
	}
}

func FuzzEditsCanBeTakenBack(f *testing.F) {
	f.Add("FROM a\r\nRUN b\n\xff", []byte{0, 1, 2, 3, 40, 9, 13, 1, 22, 5})
	f.Add("", []byte{3, 3, 3})
	f.Fuzz(func(t *testing.T, first string, script []byte) {
		if len(first) > 200 || len(script) > 200 {
			t.Skip()
		}
		w := newWorld(t, first)
		for i := 0; i+1 < len(script); i += 2 {
			w.step(ops[int(script[i])%len(ops)], pieces[int(script[i+1])%len(pieces)])
		}
		w.backAndForth(first)
	})
}
