package dockerfile

import (
	"slices"
	"strconv"
	"strings"
)

// stages parts the instructions into stages, and finds what is wrong with that.
func (f *File) stages() {
	for n := range f.Instructions {
		i := &f.Instructions[n]
		switch {
		case i.Name == "FROM":
			f.Stages = append(f.Stages, stage(i, n))
		case len(f.Stages) == 0 && i.Name != "ARG" && usage[i.Name] != "":
			f.fault(i.Line, i.Name+" stands before the first FROM", "begin with FROM, as in FROM alpine:3")
		}
		if i.Stage = len(f.Stages) - 1; i.Stage >= 0 {
			f.Stages[i.Stage].Last = n
		}
		if i.Trigger != nil {
			i.Trigger.Stage = i.Stage
		}
	}
	if len(f.Instructions) == 0 && len(f.Faults) == 0 {
		f.fault(0, "no instruction in it", "begin with FROM, as in FROM alpine:3")
	}
	if len(f.Stages) == 0 && len(f.Faults) == 0 {
		f.fault(0, "no FROM in it", "name the image to build on, as in FROM alpine:3")
	}
}

func stage(i *Instruction, n int) Stage {
	s := Stage{First: n, Last: n}
	if len(i.Words) > 0 {
		s.Base = i.Words[0]
	}
	if len(i.Words) == 3 && strings.EqualFold(i.Words[1], "AS") {
		s.Name = i.Words[2]
	}
	s.Platform, _ = i.Flag("platform")
	return s
}

// StageNamed returns the index of the stage that a name stands for, as in
// --target or COPY --from: its name in any case, or its number; "" is the last.
// It is −1 where there is none.
func (f *File) StageNamed(name string) int {
	if name == "" {
		return len(f.Stages) - 1
	}
	if n := f.named(name, len(f.Stages)); n >= 0 {
		return n
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(f.Stages) {
		return n
	}
	return -1
}

// named returns the last stage before another that has a name, or −1.
func (f *File) named(name string, before int) int {
	for n := before - 1; n >= 0; n-- {
		if name != "" && strings.EqualFold(f.Stages[n].Name, name) {
			return n
		}
	}
	return -1
}

// Base returns what a stage is built on, given the build arguments: the index of
// an earlier stage, or −1 and the name of an image.
func (f *File) Base(stage int, args map[string]string) (earlier int, image string) {
	return f.base(stage, f.global(args))
}

func (f *File) base(stage int, global map[string]string) (earlier int, image string) {
	image = f.expand(f.Stages[stage].Base, global)
	if n := f.named(image, stage); n >= 0 {
		return n, ""
	}
	return -1, image
}

// Chain returns the stages that a stage is made of, itself last: each is the
// base of the next.
func (f *File) Chain(stage int, args map[string]string) []int {
	var chain []int
	global := f.global(args)
	for stage >= 0 && stage < len(f.Stages) {
		chain = append(chain, stage)
		stage, _ = f.base(stage, global)
	}
	slices.Reverse(chain)
	return chain
}

// StageTitle returns what a stage is called: its name, else its number as
// COPY --from takes it.
func (f *File) StageTitle(stage int) string {
	if name := f.Stages[stage].Name; name != "" {
		return name
	}
	return strconv.Itoa(stage)
}
