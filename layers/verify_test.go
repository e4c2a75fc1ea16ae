package layers

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model/session"
)

// lying is a local image whose middle layer is not what its config says.
func lying() *fake {
	f := made(three()...)
	f.img.Local = true
	f.img.Blobs[1].DiffID = "sha256:lie"
	return f
}

func settled(t *testing.T, f *fake, o Options) session.Stack {
	t.Helper()
	e := with(t, f, o)
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: &f.img.Image})
	return session.Settle(t.Context(), s, rs, e.Do).Stacks[session.Was]
}

// TestAWrongDigestIsSaid holds that it is said, while a layer comes where it
// comes from elsewhere or is asked to be, else in the background; and that no
// blob is read more often than that.
func TestAWrongDigestIsSaid(t *testing.T) {
	t.Parallel()
	streamed := lying()
	streamed.img.Local = false
	for name, c := range map[string]struct {
		f     *fake
		o     Options
		opens int
	}{"streamed": {streamed, Options{}, 3}, "local": {lying(), Options{}, 6}, "local, asked for": {lying(), Options{Verify: true}, 3}} {
		k := settled(t, c.f, c.o)
		ws := k.Warnings()
		if len(ws) != 1 || ws[0].Layer != 1 || !strings.HasSuffix(ws[0].Text, "the config says sha256:lie") {
			t.Errorf("%s: warnings %v, want the wrong digest", name, ws)
		}
		if got := len(c.f.opens()); got != c.opens {
			t.Errorf("%s: %d blobs opened, want %d", name, got, c.opens)
		}
		for n, l := range k.Layers {
			if l.DiffID == "" || l.Unverified {
				t.Errorf("%s: layer %d has diff ID %q, unverified %v", name, n, l.DiffID, l.Unverified)
			}
		}
	}
}

func TestDigestsThatCannotBeReadAreSaid(t *testing.T) {
	t.Parallel()
	f := lying()
	e := with(t, f, Options{})
	all(t, e, session.Index{Gen: 1})
	f.hook = only(2, errBroken)
	ms := all(t, e, session.Verify{Layers: []int{2, 1, 99}, Gen: 2})
	if got := failure(t, ms); got.Layer != 2 || got.Err.Error() != "layer 2: its digests: the connection broke" {
		t.Errorf("got %v of layer %d", got.Err, got.Layer)
	}
	if got := of[session.Verified](ms); len(got) != 1 || got[0].Layer != 1 || len(got[0].Faults) != 1 {
		t.Errorf("got %v, want the other layer", got)
	}
	f.hook, f.read = nil, func(int) error { panic("what cannot be") }
	if got := failure(t, all(t, e, session.Verify{Layers: []int{0}, Gen: 3})); !strings.Contains(got.Err.Error(), "internal fault") {
		t.Errorf("a panic: got %v", got.Err)
	}
}

func TestAStoppedVerifySaysNothing(t *testing.T) {
	t.Parallel()
	f := lying()
	e := with(t, f, Options{})
	all(t, e, session.Index{Gen: 1})
	f.read = func(int) error {
		all(t, e, session.Halt{Gen: 2})
		return nil
	}
	if ms := all(t, e, session.Verify{Layers: []int{0, 1, 2}, Gen: 2}); len(ms) > 0 {
		t.Errorf("got %v", ms)
	}
	f.read = nil
	ms := all(t, e, session.Verify{Layers: []int{0, 1, 2}, Gen: 3})
	again := all(t, e, session.Verify{Layers: []int{0, 1, 2}, Gen: 4})
	if len(ms) != 3 || len(again) != 3 || len(f.opens()) != 3+1+3 {
		t.Errorf("got %v, and again %v", ms, again)
	}
}
