package layers

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/imgtui/imgtui/model/session"
)

func TestAWaitIsAnsweredOnceItIsOver(t *testing.T) {
	t.Parallel()
	w := session.Wait{For: time.Millisecond, Gen: 7}
	var got []session.Msg
	New(Options{}).Do(t.Context(), w, func(m session.Msg) { got = append(got, m) })
	if len(got) != 1 || got[0] != session.Msg(session.Waited{Of: w}) {
		t.Errorf("answered %v, want one Waited", got)
	}
}

func TestAHaltedWaitIsNotAnswered(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	New(Options{}).Do(ctx, session.Wait{For: time.Hour, Gen: 7}, func(m session.Msg) {
		if f, ok := m.(session.Failed); !ok || !errors.Is(f.Err, context.Canceled) {
			t.Errorf("answered %v, want none or that it was stopped", m)
		}
	})
}

func TestAHaltThatComesFirstStopsWhatItIsFor(t *testing.T) {
	t.Parallel()
	e := New(Options{})
	e.Do(t.Context(), session.Halt{Gen: 7}, func(session.Msg) {})
	var got session.Msg
	e.Do(t.Context(), session.Wait{For: time.Hour, Gen: 7}, func(m session.Msg) { got = m })
	if f, ok := got.(session.Failed); !ok || !errors.Is(f.Err, context.Canceled) {
		t.Errorf("answered %v, want that it was stopped", got)
	}
	e.Do(t.Context(), session.Wait{For: time.Millisecond, Gen: 8}, func(m session.Msg) { got = m })
	if _, ok := got.(session.Waited); !ok {
		t.Errorf("answered %v, want another generation left alone", got)
	}
}
