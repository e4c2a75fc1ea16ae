package layers_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	stargz "github.com/containerd/stargz-snapshotter/estargz"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// withTable is an image of a gzip layer and of an eStargz one over it, which has
// a file as it is below, one of the same size, and new ones. A lie are the bytes of
// another layer, of which the manifest says that it has the table.
func withTable(t *testing.T, l *sourcetest.Layout, lie ...byte) (d sourcetest.Descriptor, stored int) {
	t.Helper()
	lower := []sourcetest.Entry{sourcetest.File("same", sourcetest.Noise(1, 9000)), sourcetest.File("other", sourcetest.Noise(2, 9000)), sourcetest.File("alone", "alone")}
	upper := []sourcetest.Entry{sourcetest.File("same", sourcetest.Noise(1, 9000)), sourcetest.File("other", sourcetest.Noise(3, 9000))}
	for n := range 60 {
		upper = append(upper, sourcetest.File(fmt.Sprintf("d/%02d", n), sourcetest.Noise(uint64(10+n), 40_000)))
	}
	var out bytes.Buffer
	w := stargz.NewWriterLevel(&out, 1)
	if err := w.AppendTarLossLess(bytes.NewReader(sourcetest.Tar(upper...))); err != nil {
		t.Fatal(err)
	}
	digest, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	i := sourcetest.Image{Steps: []sourcetest.Step{
		{By: "below", Codec: "gzip", Layer: sourcetest.Tar(lower...)}, {By: "above", Codec: "gzip", Layer: sourcetest.Tar(upper...)},
	}}
	return l.Changed(i, func(m *sourcetest.Manifest) {
		b := out.Bytes()
		if lie != nil {
			b = lie
		}
		m.Layers[1] = l.Blob(m.Layers[1].MediaType, b)
		m.Layers[1].Annotations = map[string]string{stargz.TOCJSONDigestAnnotation: digest.String()}
	}).Named("1"), out.Len()
}

// TestALayerWithATableOfContentsIsNotDownloaded holds what is shown of it and
// what that costs: files that have to be compared are read, and no others.
func TestALayerWithATableOfContentsIsNotDownloaded(t *testing.T) {
	l := &sourcetest.Layout{}
	d, stored := withTable(t, l)
	reg := sourcetest.Serve(t, l.Parts(d))
	m := &meter{}
	reg.Gate(m.gate)
	e := layers.New(layers.Options{})
	defer e.Close()
	s := settle(e, reg.Ref("1"))
	if o := outcomeOf(s); len(o.Errors)+len(o.Warnings) > 0 {
		t.Fatal(o.Errors, o.Warnings)
	}
	if m.whole != 2 || m.bytes > stored/10 { // the config and the other layer
		t.Errorf("%d requests for all, %d bytes in parts of %d", m.whole, m.bytes, stored)
	}
	checkAbove(t, e, s, m)
	verified := layers.New(layers.Options{Verify: true})
	defer verified.Close()
	m.reset()
	if settle(verified, reg.Ref("1")); m.whole != 3 || m.bytes > 0 {
		t.Errorf("to be verified: %d requests for all, %d bytes in parts", m.whole, m.bytes)
	}
}

// checkAbove holds what is shown of the layer with a table, and that a file of it
// costs one request.
func checkAbove(t *testing.T, e *layers.Engine, s session.State, m *meter) {
	t.Helper()
	k := s.Stacks[session.Was]
	below, _ := k.At(0)
	above, _ := k.At(1)
	changes := tree.Compare(below, above)
	for path, want := range map[string]tree.Change{"/same": tree.Same, "/other": tree.Modified, "/alone": tree.Same, "/d/07": tree.Added} {
		if c, _ := changes.Find(path); c.Change() != want {
			t.Errorf("%s: got %s, want %s", path, c.Change().Letter(), want.Letter())
		}
	}
	m.reset()
	n := above.Find("/d/33")
	var got []session.Loaded
	e.Do(t.Context(), session.Read{Path: "/d/33", After: n.Payload(), Limit: 1 << 20, Gen: 1}, func(m session.Msg) {
		if m, ok := m.(session.Loaded); ok {
			got = append(got, m)
		}
	})
	if len(got) != 1 || string(got[0].After) != sourcetest.Noise(43, 40_000) || m.requests != 1 || m.bytes > 41_000 {
		t.Errorf("got %d answers, %d requests for %d bytes", len(got), m.requests, m.bytes)
	}
}

// TestWhatATableOfContentsSaysIsKept holds that no byte of a layer is fetched the
// second time, and that another manifest cannot give the table to another layer.
func TestWhatATableOfContentsSaysIsKept(t *testing.T) {
	cache := t.TempDir()
	opened := func(ref string) (*layers.Engine, session.State) {
		kept := store.Open(store.Options{Env: func(string) string { return cache }, Patience: time.Hour})
		e := layers.New(layers.Options{Store: kept})
		s := settle(e, ref)
		if o := outcomeOf(s); len(o.Errors)+len(o.Warnings) > 0 {
			t.Error(o.Errors, o.Warnings)
		}
		return e, s
	}
	l := &sourcetest.Layout{}
	d, _ := withTable(t, l)
	reg := sourcetest.Serve(t, l.Parts(d))
	m := &meter{}
	reg.Gate(m.gate)
	e, _ := opened(reg.Ref("1"))
	if m.bytes == 0 {
		t.Error("no part of a layer was fetched")
	}
	e.Close()
	m.reset()
	e, s := opened(reg.Ref("1"))
	defer e.Close()
	if m.whole != 1 || m.requests != 1 { // the config
		t.Errorf("%d requests, %d of them for all", m.requests, m.whole)
	}
	if err := os.RemoveAll(cache); err != nil { // as another run may do
		t.Fatal(err)
	}
	checkAbove(t, e, s, m)

	again := sourcetest.Serve(t, l.Parts(d))
	m.reset()
	again.Gate(m.gate)
	e, s = opened(again.Ref("1"))
	defer e.Close()
	if m.bytes == 0 {
		t.Error("what one registry said is taken for what another says")
	}
	checkAbove(t, e, s, m)

	other := &sourcetest.Layout{}
	d, _ = withTable(t, other, sourcetest.Gzip(sourcetest.Tar(sourcetest.File("another", sourcetest.Noise(7, 2<<20))))...)
	k := settle(e, sourcetest.Serve(t, other.Parts(d)).Ref("1")).Stacks[session.Was]
	if root, _ := k.At(1); root.Find("/another") == nil || root.Find("/d/33") != nil {
		t.Error("another layer is taken for that of the table")
	}
}
