package session

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/tree"
)

// stepped takes a root. Files that stand on it may say something new.
func (s State) stepped(m Stepped) State {
	b := s.going(m.Of)
	if b == nil {
		return s
	}
	b.Steps = slices.Clone(b.Steps)
	if at := b.At(m.Line); at != nil {
		at.After, at.Known, at.told, at.Index = m.Root, true, true, -1
		if m.Last {
			at.Index = m.History
		}
		if at.Status == progress.Waits || at.Status == progress.Running {
			at.Status = other(at.Status == progress.Waits, progress.Cached, progress.Done)
		}
	}
	b.stand()
	s.Rev++
	return s
}

// stand says of every step which root it found: what the one before it in its
// stage left. A FROM leaves what it names, and what only sets something leaves
// what it found.
func (b *Rebuild) stand() {
	for i := range b.Steps {
		m := &b.Steps[i]
		switch {
		case m.Fate == plan.Gone:
		case Verb(m.Text) == "FROM":
			m.Before, m.Rooted = nil, true
			if !m.told {
				m.After, m.Known = b.named(i)
			}
		default:
			m.Before, m.Rooted = b.below(i)
			if !m.told && !Works(m.Text) {
				m.After, m.Known = m.Before, m.Rooted
			}
		}
	}
}

// below returns what the step before one in its stage left.
func (b *Rebuild) below(i int) (root *tree.Node, known bool) {
	for j := i - 1; j >= 0; j-- {
		if o := &b.Steps[j]; o.Fate != plan.Gone && o.Stage == b.Steps[i].Stage {
			return o.After, o.Known
		}
	}
	return nil, false
}

// named returns the root that a FROM names: nothing, or that of an earlier stage.
func (b *Rebuild) named(i int) (root *tree.Node, known bool) {
	name, _ := stageNames(b.Steps[i].Text)
	if name == "scratch" {
		return nil, true
	}
	for j := range i {
		o := &b.Steps[j]
		if _, as := stageNames(o.Text); as == "" || as != name || o.Fate == plan.Gone {
			continue
		}
		for k := j; k < i; k++ {
			if l := &b.Steps[k]; l.Stage == o.Stage && l.Fate != plan.Gone {
				root, known = l.After, l.Known
			}
		}
	}
	return root, known
}

// stageNames returns what a FROM names, and what it calls its stage; both are ""
// for any other instruction.
func stageNames(text string) (from, as string) {
	f := strings.Fields(text)
	if len(f) == 0 || Verb(text) != "FROM" {
		return "", ""
	}
	f = slices.DeleteFunc(f[1:], func(w string) bool { return strings.HasPrefix(w, "--") })
	if len(f) == 3 && strings.EqualFold(f[1], "AS") {
		as = strings.ToLower(f[2])
	}
	if len(f) > 0 {
		from = strings.ToLower(f[0])
	}
	return from, as
}
