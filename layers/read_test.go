package layers

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

func TestAReadBringsAtMostItsLimit(t *testing.T) {
	t.Parallel()
	f := made(sourcetest.Tar(sourcetest.File("a", "0123456789"), sourcetest.File("empty", "")), sourcetest.Gzip(sourcetest.Tar(sourcetest.File("a", "other"))))
	e := with(t, f, Options{})
	one, two := filesOf(t, sourcetest.Tar(sourcetest.File("a", "0123456789"), sourcetest.File("empty", ""))), filesOf(t, sourcetest.Tar(sourcetest.File("a", "other")))[0]
	two.Layer = 1
	for _, c := range []struct {
		name          string
		before, after *tree.Payload
		limit         int64
		want          session.Loaded
	}{
		{"all of both", one[0], two, 100, session.Loaded{Before: []byte("0123456789"), After: []byte("other")}},
		{"exactly", one[0], nil, 10, session.Loaded{Before: []byte("0123456789")}},
		{"a part", one[0], two, 6, session.Loaded{Before: []byte("012345"), BeforeMore: true, After: []byte("other")}},
		{"nothing", one[0], nil, 0, session.Loaded{Before: []byte{}, BeforeMore: true}},
		{"an empty file", nil, one[1], 10, session.Loaded{After: []byte{}}},
		{"without limit", one[0], nil, 1<<63 - 1, session.Loaded{Before: []byte("0123456789")}},
		{"of no file", nil, nil, 10, session.Loaded{}},
	} {
		r := session.Read{Before: c.before, After: c.after, Limit: c.limit, Gen: 1}
		got := of[session.Loaded](all(t, e, r))
		if len(got) != 1 {
			t.Errorf("%s: got %v", c.name, got)
			continue
		}
		c.want.Of = r
		if diff := cmp.Diff(c.want, got[0], cmp.Comparer(func(a, b *tree.Payload) bool { return a == b })); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	for _, layer := range []int{-1, 2} {
		p := payload(layer, 0)
		got := failure(t, all(t, e, session.Read{Path: "/a", After: p, Limit: 1, Gen: 1}))
		if _, err := e.Content(t.Context(), session.Was, "/a", p); err == nil || !strings.HasPrefix(got.Err.Error(), "read /a: no layer ") {
			t.Errorf("layer %d: got %v and %v", layer, got.Err, err)
		}
	}
}

// payload is the first file of a layer, as one names it who knows better.
func payload(layer int, size int64) *tree.Payload {
	return tree.Carried(layer, 0, tree.Entry{Path: "/a", Attr: tree.Attr{Kind: tree.File, Size: size}})
}

// filesOf returns the files of a tar.
func filesOf(t *testing.T, b []byte) []*tree.Payload {
	t.Helper()
	return slices.Collect(layerOf(t, b).Payloads())
}

// layerOf reads a tar.
func layerOf(t *testing.T, b []byte) *tree.Layer {
	t.Helper()
	l, _, err := index.Layer(t.Context(), 0, made(b).img.Blobs[0], index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}
