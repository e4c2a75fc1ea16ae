package tui

import (
	"errors"
	"testing"
	"time"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// settled returns a screen on which everything has come to rest.
func settled(t testing.TB, w *sessiontest.World, o Options, width, height int) *screen {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	return rested(t, w, o, s, rs, width, height)
}

// settledWith is settled with a Dockerfile beside the image.
func settledWith(t testing.TB, w *sessiontest.World, k *session.Sketch, width, height int) *screen {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	s, more := s.Sketch(*k)
	return rested(t, w, Options{}, s, append(rs, more...), width, height)
}

func rested(t testing.TB, w *sessiontest.World, o Options, s session.State, rs []session.Request, width, height int) *screen {
	t.Helper()
	o.State, o.Requests, o.Do = s, rs, w.Do
	o.Now = func() time.Time { return sessiontest.Noon }
	m := newScreen(t.Context(), o)
	h := &hand{t: t, m: m}
	m.send = h.send
	m.width, m.height = width, height
	m.wish(rs)
	h.rest()
	return m
}

// based is the workshop with a base that is known by name.
func based() *sessiontest.World {
	w := sessiontest.Workshop()
	w.Image.BaseName = "ubuntu:24.04"
	for i := range 2 {
		w.Image.Steps[i].Base = true
	}
	return w
}

var errCut = errors.New("connection reset by peer")
