package sessiontest

import "fmt"

// Large is an image of so many files in twelve layers. A tenth of each layer's
// files is written anew by the next one, and some thirty are deleted by it.
func Large(files int) *World {
	const layers, perDir = 12, 50
	var steps []Step
	for l := range layers {
		s := Step{By: fmt.Sprintf("RUN make layer %d", l)}
		for n := range files / layers {
			dir := fmt.Sprintf("usr/lib/pkg%02d/mod%03d", n/500, n/perDir)
			owner := l
			if n%10 == 0 && l > 0 {
				owner = l - 1
			}
			s.Files = append(s.Files, fmt.Sprintf("%s/file%02d-%d.txt %d %d", dir, n%perDir, owner, 100+n*7919%20000, l*files+n))
			if n%(files/layers/28+1) == 7 && l > 0 {
				s.Files = append(s.Files, fmt.Sprintf("-%s/file%02d-%d.txt", dir, n%perDir, l-1))
			}
		}
		steps = append(steps, s)
	}
	return Make(steps...)
}
