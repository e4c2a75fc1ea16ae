package source

import (
	"fmt"
	"strings"
	"testing"
)

func TestLayersAreLaidOverTheRowsThatMadeThem(t *testing.T) {
	const nop = "/bin/sh -c #(nop) "
	for _, c := range []struct {
		name   string
		rows   []historyRow
		layers string // a letter a layer, e for an empty one
		want   string // x for a row with a layer
	}{
		{"every size is a layer", rows("10 ADD x", "0 CMD x", "5 RUN x"), "aa", "x.x"},
		{"a folder is a layer of size 0", rows("10 ADD x", "0 ENV a", "0 WORKDIR /a", "0 CMD x"), "aa", "x.x."},
		{"classic words", rows("10 "+nop+"ADD x", "0 "+nop+"WORKDIR /a", "0 "+nop+" CMD x", "0 /bin/sh -c true"),
			"aa", "xx.."},
		{"a RUN that did nothing, of the classic builder", rows("10 ADD x", "0 /bin/sh -c true"), "a", "x."},
		{"a RUN that did nothing, of BuildKit", rows("10 ADD x", "0 RUN true", "0 CMD x"), "ae", "xx."},
		{"the empty layer lies where nothing has a size",
			rows("10 ADD x", "0 RUN a", "5 RUN b", "0 RUN c"), "aea", "xxx."},
		{"the empty layer lies behind", rows("10 ADD x", "0 RUN a", "5 RUN b", "0 RUN c"), "aae", "x.xx"},
		{"unknown words before settings", rows("0 bazel build ...", "0 ENV a"), "a", "x."},
		{"settings alone", rows("0 ENV a", "0 CMD b"), "a", "x."},
		{"fewer layers than sizes", rows("1 a", "2 b"), "a", "x."},
		{"more layers than rows", rows("1 a"), "aaa", "x"},
		{"no rows", nil, "a", ""},
		{"no layers", rows("0 ENV a"), "", "."},
	} {
		var diffIDs []string
		for i, l := range c.layers {
			id := fmt.Sprintf("sha256:%064d", i)
			if l == 'e' {
				id = emptyTar
			}
			diffIDs = append(diffIDs, id)
		}
		if got := marks(findLayered(c.rows, diffIDs, nil)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnEngineIsAskedWhichStepMadeAnEmptyLookingLayer(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts []int // layers after each row, -1 for an image that is gone
		want   string
		sure   bool
	}{
		{"all known", []int{1, 1, 2}, "x.x", true},
		{"one known", []int{1, 1, -1}, "x.x", true},
		{"none known", []int{-1, -1, -1}, "xx.", false},
	} {
		f := newFake(t, "1.41")
		e, err := connect(t.Context(), "docker", findDocker)
		if err != nil {
			t.Fatal(err)
		}
		defer e.close()
		all := rows("10 ADD a", "0 /bin/sh -c true", "0 /bin/sh -c mkdir /a")
		for i, n := range c.counts {
			if all[i].ID = missingID; n >= 0 {
				all[i].ID = fmt.Sprint("sha256:", i)
				f.images[all[i].ID] = &fakeImage{inspect: map[string]any{
					"RootFS": map[string]any{"Layers": make([]string, n)},
				}}
			}
		}
		got, doubt, err := e.layered(t.Context(), all, []string{"sha256:a", "sha256:b"})
		if err != nil || marks(got) != c.want || (doubt == "") != c.sure {
			t.Errorf("%s: got %s, doubt %q, %v; want %s", c.name, marks(got), doubt, err, c.want)
		}
	}
}

// marks writes x for each row with a layer.
func marks(layered []bool) (s string) {
	for _, l := range layered {
		s += map[bool]string{true: "x", false: "."}[l]
	}
	return s
}

// rows reads "SIZE WORDS", the oldest first.
func rows(lines ...string) []historyRow {
	var all []historyRow
	for _, line := range lines {
		var r historyRow
		size, words, _ := strings.Cut(line, " ")
		fmt.Sscan(size, &r.Size)
		r.CreatedBy = words
		all = append(all, r)
	}
	return all
}
