package session_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/waste"
)

// busy is a session in which every kind of request is under way: an image that
// is being read anew, a file, an extraction.
func busy(t *testing.T) (session.State, []session.Request) {
	t.Helper()
	w := sessiontest.Workshop()
	w.Fail[1] = errors.New("connection reset")
	s := settle(t, w, session.Select{Step: 3})
	var all []session.Request
	for _, m := range []session.Msg{session.Retry{}, session.Peek{Path: "/etc/passwd"}, session.Take{Paths: []string{"/etc/passwd"}, Dir: "x"}} {
		var rs []session.Request
		s, rs = s.Update(m)
		all = append(all, rs...)
	}
	return s, all
}

// TestEveryStaleAnswerIsDropped sends each kind of answer with a generation
// that is not under way, too old and too new.
func TestEveryStaleAnswerIsDropped(t *testing.T) {
	s, rs := busy(t)
	w := sessiontest.Workshop()
	for gen := range s.Generation() + 3 {
		open, index, weigh := session.Open{Gen: gen}, session.Index{Gen: gen}, session.Weigh{Gen: gen}
		read, extract := session.Read{Gen: gen}, session.Extract{Gen: gen}
		for _, m := range []session.Msg{
			session.Opened{Of: open, Image: sessiontest.Make().Image},
			session.Asked{Of: open, Choices: []session.Choice{{Label: "a"}}},
			session.Progressed{Of: index, Layer: 1, Done: 5, Total: 9},
			session.Indexed{Of: index, Layer: 1, Tree: w.Layers[0]},
			session.Rooted{Of: index, Layer: 1, Root: w.Roots[0]},
			session.IndexDone{Of: index},
			session.Weighed{Of: weigh, Report: waste.Report{Total: 1}},
			session.Loaded{Of: read, After: []byte("x")},
			session.Extracted{Of: extract, Dir: "y"},
			session.Failed{Of: open, Layer: -1, Err: errors.New("no")},
			session.Failed{Of: index, Layer: 1, Err: errors.New("no")},
			session.Failed{Of: index, Layer: -1, Err: errors.New("no")},
			session.Failed{Of: weigh, Layer: -1, Err: errors.New("no")},
			session.Failed{Of: read, Layer: -1, Err: errors.New("no")},
			session.Failed{Of: extract, Layer: -1, Err: errors.New("no")},
		} {
			after, more := s.Update(m)
			taken := !reflect.DeepEqual(s, after) || more != nil
			if due := asksFor(rs, m, gen); taken != due {
				t.Errorf("%T to generation %d of %d: taken %v, want %v", m, gen, s.Generation(), taken, due)
			}
		}
	}
}

// asksFor tells whether one of the requests under way, or the Open that they
// stand on, waits for that answer.
func asksFor(rs []session.Request, m session.Msg, gen int) bool {
	kind := reflect.ValueOf(m).FieldByName("Of")
	if kind.Kind() == reflect.Interface {
		kind = kind.Elem()
	}
	switch kind.Type() {
	case reflect.TypeFor[session.Open]():
		return gen == 1
	case reflect.TypeFor[session.Weigh]():
		return slices.ContainsFunc(rs, func(r session.Request) bool { ix, ok := r.(session.Index); return ok && ix.Gen == gen })
	}
	return slices.ContainsFunc(rs, func(r session.Request) bool {
		v := reflect.ValueOf(r)
		return v.Type() == kind.Type() && v.FieldByName("Gen").Int() == int64(gen)
	})
}

func TestAnswersForLayersThatAreNotThereAreDropped(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	for _, layer := range []int{-1, len(w.Layers), 99} {
		for _, m := range []session.Msg{
			session.Progressed{Of: ix, Layer: layer, Done: 5},
			session.Indexed{Of: ix, Layer: layer, Tree: w.Layers[0]},
			session.Rooted{Of: ix, Layer: layer, Root: w.Roots[0]},
		} {
			if after, _ := s.Update(m); !reflect.DeepEqual(s, after) {
				t.Errorf("%T for layer %d of %d changed the state", m, layer, len(w.Layers))
			}
		}
	}
}

// reading is a session whose image is open and whose layers are being read.
func reading(t *testing.T, w *sessiontest.World) (session.State, session.Index) {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	return s, rs[0].(session.Index)
}

func TestAFileOpenedOverAnotherStopsItsReading(t *testing.T) {
	w := sessiontest.Workshop()
	s := settle(t, w, session.Select{Step: 0})
	s, rs := s.Update(session.Peek{Path: "/bin/sh"})
	first := rs[0].(session.Read)
	s, rs = s.Update(session.Peek{Path: "/etc/passwd"})
	if len(rs) != 2 || rs[0] != session.Request(session.Halt{Gen: first.Gen}) {
		t.Fatalf("a second file asked for %v, want a halt of %d and a read", rs, first.Gen)
	}
	s, _ = s.Update(session.Loaded{Of: first, After: []byte("sh")})
	if !s.File.Loading || s.File.After != nil {
		t.Errorf("the bytes of the first file came into the second: %q", s.File.After)
	}
	s, _ = s.Update(session.Loaded{Of: rs[1].(session.Read), After: []byte("root"), AfterMore: true})
	if s.File.Loading || string(s.File.After) != "root" || !s.File.AfterMore || s.File.BeforeMore {
		t.Errorf("file = %+v, want root and that there is more", s.File)
	}
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	s := settle(t, sessiontest.Workshop(), session.Select{Step: 0})
	s, rs := s.Update(session.Peek{Path: "/bin/sh"})
	why := errors.New("layer 0: unexpected EOF")
	s, _ = s.Update(session.Failed{Of: rs[0], Layer: -1, Err: why})
	if s.File.Loading || !errors.Is(s.File.Err, why) {
		t.Errorf("file = %+v, want the reason", s.File)
	}
}

func TestAFileWithoutBytesIsNotRead(t *testing.T) {
	s := settle(t, sessiontest.Workshop(), session.Select{Step: 4})
	for path, side := range map[string]session.Side{"/bin/sh": session.After, "/usr/lib/python3/flask": session.Both, "/etc": session.Before} {
		after, rs := s.Update(session.Peek{Path: path, Side: side})
		if rs != nil || after.File == nil || after.File.Loading {
			t.Errorf("%s: asked for %v, file %+v; want it in sight and nothing asked", path, rs, after.File)
		}
	}
	if after, rs := s.Update(session.Peek{Path: "/gone"}); rs != nil || after.File != nil {
		t.Errorf("a path that is not there opened %+v", after.File)
	}
}

func TestTheSideAskedForIsRead(t *testing.T) {
	s := settle(t, sessiontest.Workshop(), session.Select{Step: 3})
	for side, want := range map[session.Side][2]bool{session.Before: {true, false}, session.After: {false, true}, session.Both: {true, true}} {
		_, rs := s.Update(session.Peek{Path: "/etc/passwd", Side: side})
		r := rs[0].(session.Read)
		if got := [2]bool{r.Before != nil, r.After != nil}; got != want || r.Limit != session.Limit {
			t.Errorf("side %d reads before and after %v up to %d, want %v up to %d", side, got, r.Limit, want, session.Limit)
		}
	}
}

func TestAStoppedReadingIsNoFault(t *testing.T) {
	s, ix := reading(t, sessiontest.Workshop())
	s, _ = s.Update(session.Failed{Of: ix, Layer: -1, Err: context.Canceled})
	if s.Notice.Kind != session.Quiet || s.Reading() {
		t.Errorf("notice %+v, reading %v; want quiet and at rest", s.Notice, s.Reading())
	}
	s, ix = reading(t, sessiontest.Workshop())
	s, _ = s.Update(session.Failed{Of: ix, Layer: -1, Err: errors.New("disk full")})
	if s.Notice.Kind != session.Wrong || s.Reading() || len(s.Stacks[session.Was].Missing()) != 5 {
		t.Errorf("notice %+v, reading %v; want the fault and every layer missing", s.Notice, s.Reading())
	}
}
