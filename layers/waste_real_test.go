package layers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/model/session"
)

// TestDeadBytesOfARealImage weighs an image of 14 layers, two of them of
// whiteouts, with 392 hard links. Its dead bytes are known from outside.
func TestDeadBytesOfARealImage(t *testing.T) {
	dir := os.Getenv("IMGTUI_TEST_IMAGES")
	if dir == "" {
		t.Skip("IMGTUI_TEST_IMAGES names no folder of real images")
	}
	e := layers.New(layers.Options{})
	defer e.Close()
	s, rs := session.Start(session.Open{Ref: filepath.Join(dir, "dive-docker-save-14layers.tar")})
	s = session.Settle(t.Context(), s, rs, e.Do)
	k := s.Stacks[session.Was]
	if k.Report == nil {
		t.Fatalf("not weighed: %v, layers missing %v", k.Err, k.Missing())
	}
	var carried int64
	for _, l := range k.Layers {
		for p := range l.Tree.Payloads() {
			carried += p.Size
		}
	}
	if r := k.Report; r.Dead != 32_025 || r.Total != carried || r.Live != carried-r.Dead {
		t.Errorf("dead %d, live %d of %d; want 32025 dead of %d", r.Dead, r.Live, r.Total, carried)
	}
	if n := len(k.Report.Paths); n != 5 {
		t.Errorf("%d dead payloads, want 5: %+v", n, k.Report.Paths)
	}
}
