package tui

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// sizes are the numbers of files that keys must not feel.
var sizes = []int{1_000, 60_000, 500_000}

// large keeps the made images: each takes longer to make than to look at.
var large struct {
	sync.Mutex
	made map[int]*sessiontest.World
}

func largeImage(files int) *sessiontest.World {
	large.Lock()
	defer large.Unlock()
	if large.made == nil {
		large.made = map[int]*sessiontest.World{}
	}
	if large.made[files] == nil {
		large.made[files] = sessiontest.Large(files)
	}
	return large.made[files]
}

// keyBenchmarks press keys round and round on a large image.
var keyBenchmarks = []struct{ name, prepare, keys string }{
	{"layer", "1 g", "j j j j j k k k k k"},
	{"fold", "G 2 g", "enter"},
	{"cursor-all-unfolded", "G 2 c =", "j j j j j j j j k"},
	{"filter-layer", "G 2 /", "f i l e 7 backspace backspace backspace backspace backspace"},
	{"filter-whole-root", "G 2 c /", "f i l e 7 backspace backspace backspace backspace backspace"},
	{"filter-one-hit", "G 2 c /", "0 0 7 / f backspace backspace backspace backspace backspace"},
	{"sort-whole-root", "G 2 c =", "s"},
	{"flat-whole-root", "G 2 c t", "s"},
}

// BenchmarkKey is a key and the frame that follows it.
func BenchmarkKey(b *testing.B) {
	for _, files := range sizes {
		for _, k := range keyBenchmarks {
			b.Run(fmt.Sprintf("%s/%d", k.name, files), func(b *testing.B) {
				m := settled(b, largeImage(files), Options{Theme: "dark"}, 120, 40)
				typed(b, m, k.prepare)
				keys := strings.Fields(k.keys)
				m.View()
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					m.Update(keyOf(keys[i%len(keys)]))
					m.View()
				}
			})
		}
	}
}

// BenchmarkFrame is a frame in which nothing has changed.
func BenchmarkFrame(b *testing.B) {
	for _, files := range sizes {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {240, 70}} {
			b.Run(fmt.Sprintf("%dx%d/%d", size[0], size[1], files), func(b *testing.B) {
				m := settled(b, largeImage(files), Options{Theme: "dark"}, size[0], size[1])
				typed(b, m, "2 c =")
				b.ReportAllocs()
				for b.Loop() {
					m.View()
				}
			})
		}
	}
}
