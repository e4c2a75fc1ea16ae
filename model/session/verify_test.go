package session_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// unverified is a session whose layers were read without their digests, and
// what it then wants of these.
func unverified(t *testing.T, fails ...int) (session.State, session.Verify, *sessiontest.World) {
	t.Helper()
	w := sessiontest.Workshop()
	w.Local = true
	for _, n := range fails {
		w.Fail[n] = errors.New("connection reset")
	}
	var wants []session.Verify
	s, rs := session.Start(session.Open{Ref: "x"})
	s = session.Settle(t.Context(), s, rs, func(ctx context.Context, r session.Request, send func(session.Msg)) {
		if v, ok := r.(session.Verify); ok {
			if !s.Reading() {
				wants = append(wants, v)
			}
			return
		}
		w.Do(ctx, r, send)
	})
	if len(wants) != 1 {
		t.Fatalf("asked %d times for the digests, want once", len(wants))
	}
	return s, wants[0], w
}

func TestDigestsAreWantedOnceEveryTreeIsThere(t *testing.T) {
	s, v, w := unverified(t)
	if !slices.Equal(v.Layers, []int{0, 1, 2, 3, 4}) || len(w.Layers) != 5 {
		t.Fatalf("wants %v, want every layer", v.Layers)
	}
	lie := model.Warning{Layer: 3, Text: "layer 3: digest is another"}
	for n := range w.Layers {
		m := session.Verified{Of: v, Layer: n, DiffID: "sha256:read"}
		if n == 3 {
			m.Faults = []model.Warning{lie}
		}
		before := s.Rev
		s, _ = s.Update(m)
		if l := s.Stacks[session.Was].Layers[n]; l.Unverified || l.DiffID != "sha256:read" || s.Rev == before {
			t.Errorf("layer %d: %+v", n, l)
		}
		if again, _ := s.Update(m); !reflect.DeepEqual(again, s) {
			t.Errorf("layer %d: told twice it is another", n)
		}
	}
	if got := s.Stacks[session.Was].Warnings(); !slices.Contains(got, lie) {
		t.Errorf("warnings %v, want %v", got, lie)
	}
}

func TestWhatIsVerifiedAlreadyIsNotWantedAgain(t *testing.T) {
	w := sessiontest.Workshop()
	settle(t, w)
	if slices.ContainsFunc(w.Asked, func(r session.Request) bool { _, ok := r.(session.Verify); return ok }) {
		t.Error("asked for digests that are known")
	}
}

func TestALayerWithoutDigestsSaysWhy(t *testing.T) {
	s, v, _ := unverified(t)
	s, _ = s.Update(session.Failed{Of: v, Layer: 1, Err: errors.New("layer 1: its digests: gone")})
	if got := s.Stacks[session.Was].Warnings(); len(got) != 1 || got[0] != (model.Warning{Layer: 1, Text: "layer 1: its digests: gone"}) {
		t.Errorf("warnings %v", got)
	}
	if s.Notice.Kind != session.Quiet {
		t.Errorf("notice %+v, want none", s.Notice)
	}
}

// TestReadingAgainStopsTheDigests holds that answers of before are dropped.
func TestReadingAgainStopsTheDigests(t *testing.T) {
	s, v, _ := unverified(t, 2)
	if slices.Contains(v.Layers, 2) {
		t.Fatalf("wants the digests of %v, one of which was not read", v.Layers)
	}
	s, rs := s.Update(session.Retry{})
	if len(rs) != 2 || rs[0] != session.Request(session.Halt{Gen: v.Gen}) {
		t.Fatalf("asked for %v, want the halt first", rs)
	}
	if after, _ := s.Update(session.Verified{Of: v, Layer: 0, DiffID: "sha256:late"}); !reflect.DeepEqual(after, s) {
		t.Error("a late answer changed the state")
	}
}
