package index

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// TestSeveralCoresReadALargeLayerAsOneDoes holds trees, digests and progress.
func TestSeveralCoresReadALargeLayerAsOneDoes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	var entries []sourcetest.Entry
	for n := range 60 {
		body := sourcetest.Noise(uint64(n), 700_000+r.IntN(100_000))
		entries = append(entries, sourcetest.File(fmt.Sprintf("d/f%02d", n), body+body[:r.IntN(30_000)]))
	}
	stored := sourcetest.Gzip(sourcetest.Tar(entries...))
	if len(stored) < largeLayer {
		t.Fatalf("%d bytes are not large", len(stored))
	}
	for name, stored := range map[string][]byte{"whole": stored, "cut": stored[:len(stored)-5_000_000]} {
		one, facts, err := Layer(t.Context(), 0, atRandom(stored), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var last int64
		two, also, err := Layer(t.Context(), 0, atRandom(stored), Options{Cores: 2, Progress: func(n int64) { last = n }})
		if err != nil {
			t.Fatal(err)
		}
		if name == "whole" {
			one, two := facts.Places, also.Places
			if noted(t) && (one.points.Len() < 8 || two.points.Len() < 8) {
				t.Errorf("%d and %d places in %d bytes", one.points.Len(), two.points.Len(), facts.Tar)
			}
			facts.Places, also.Places, facts.Held, also.Held = nil, nil, 0, 0
			if diff := cmp.Diff(facts, also); diff != "" || last != int64(len(stored)) {
				t.Errorf("progress ended at %d of %d, facts: %s", last, len(stored), diff)
			}
		} else if len(facts.Faults) != 1 || len(also.Faults) != 1 {
			t.Errorf("cut: faults %v and %v", facts.Faults, also.Faults)
		}
		whole := func(l *tree.Layer) []held { return heldBy(l)[:l.Files()-1] }
		if diff := cmp.Diff(whole(one), whole(two)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	bomb := append(bytes.Clone(sourcetest.Gzip(make([]byte, 200<<20))), stored...)
	if _, _, err := Layer(t.Context(), 0, atRandom(bomb), Options{Cores: 2, Limits: tight}); err == nil {
		t.Error("a bomb at the beginning of a large layer is read")
	}
}
