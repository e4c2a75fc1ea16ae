package index

import (
	"bytes"
	"io"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/imgtui/imgtui/layers/index/scan"
)

func TestOthersHaveTheirTurnWhileALayerIsRead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	// Many turns: one in 61 Go gives to whom it has just been taken from.
	tar := bytes.NewReader(make([]byte, 128*scan.MostWindow))
	window := scan.NewWindow(t.Context(), tar, tar.Size(), func(int64, error) {})
	defer window.Close()
	for name, src := range map[string]scan.Source{
		"headers": window,
		"all":     newPlain(t.Context(), &turns{r: tar}, func(int64) error { return nil }),
	} {
		var had atomic.Bool
		go had.Store(true)
		for {
			if _, err := src.Next(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if !had.Load() {
			t.Errorf("%s: read to its end, and another has not run", name)
		}
	}
}
