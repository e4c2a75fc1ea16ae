package index

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// TestATarThatIsLookedAtIsTheOneThatIsRead cuts tars everywhere: with its
// headers alone a layer is what it is when all of it is read.
func TestATarThatIsLookedAtIsTheOneThatIsRead(t *testing.T) {
	t.Parallel()
	all := tars()
	for seed := range uint64(8) {
		for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
			all[fmt.Sprintf("seed %d as %s", seed, f)] = generated(seed, f)
		}
	}
	all["large"] = sourcetest.Tar(sourcetest.File("a", sourcetest.Noise(1, 300_000)), sourcetest.File("b", "b"),
		sourcetest.File("c", sourcetest.Noise(2, 9000)), sourcetest.File("d", sourcetest.Noise(3, 7000)))
	for name, b := range all {
		for cut := len(b); cut > 0; cut -= 1 + len(b)/40 {
			checkWindow(t, fmt.Sprintf("%s, %d bytes", name, cut), b[:cut], Limits{})
		}
	}
}

// checkWindow holds a layer of which only the headers are read against the same
// as a stream.
func checkWindow(t *testing.T, where string, b []byte, limits Limits) {
	t.Helper()
	want, facts, err := Layer(t.Context(), 2, streamed(b), Options{Unverified: true, Limits: limits})
	var last int64
	got, also, fault := Layer(t.Context(), 2, atRandom(b), Options{Unverified: true, Limits: limits, Progress: func(n int64) { last = n }})
	if fmt.Sprint(err) != fmt.Sprint(fault) {
		t.Fatalf("%s: got %v, want %v", where, fault, err)
	}
	if err != nil {
		return
	}
	if also.Unread {
		learnAll(t, atRandom(b), got)
	}
	also.Places, also.Unread = nil, false
	if diff := cmp.Diff(facts, also); diff != "" {
		t.Fatalf("%s: facts: %s", where, diff)
	}
	if diff := cmp.Diff(told(want), told(got)); diff != "" {
		t.Fatalf("%s: %s", where, diff)
	}
	if facts.Faults == nil && last != int64(len(b)) {
		t.Errorf("%s: progress ended at %d of %d", where, last, len(b))
	}
}

// learnAll reads what was passed over.
func learnAll(t *testing.T, b source.Blob, l *tree.Layer) {
	t.Helper()
	var unread []*tree.Payload
	for p := range l.Payloads() {
		if p.Unread() {
			unread = append(unread, p)
		}
	}
	if err := Learn(t.Context(), b, nil, unread); err != nil || unread == nil {
		t.Fatalf("%d were passed over: %v", len(unread), err)
	}
}

// told is all that a layer says, in lines.
func told(l *tree.Layer) []string {
	all := []string{fmt.Sprint(l.Entries, l.Unpacked)}
	for p := range l.Payloads() {
		all = append(all, fmt.Sprint(p.Name, p.Layer, p.Entry(), p.Size, p.Offset(), p.Content()))
	}
	l.Root.Walk(func(path string, n *tree.Node) bool {
		all = append(all, fmt.Sprintf("%s %+v", path, n.Attr()))
		return true
	})
	return all
}

// counting notes what is read of it.
type counting struct {
	io.ReaderAt
	read  int64
	after int // reads that are granted; then the disk breaks
}

var errDisk = errors.New("the disk broke")

func (c *counting) ReadAt(b []byte, at int64) (int, error) {
	if c.after--; c.after == 0 {
		return 0, errDisk
	}
	n, err := c.ReaderAt.ReadAt(b, at)
	c.read += int64(n)
	return n, err
}

// TestABrokenDiskIsNoShortLayer holds that what cannot be read is no layer, and
// that a file which becomes shorter is none either.
func TestABrokenDiskIsNoShortLayer(t *testing.T) {
	t.Parallel()
	b := sourcetest.Tar(sourcetest.File("a", sourcetest.Noise(1, 100_000)), sourcetest.File("b", sourcetest.Noise(2, 100_000)))
	for after := 2; after < 4; after++ {
		blob := atRandom(b)
		blob.At = &counting{ReaderAt: bytes.NewReader(b), after: after}
		if _, _, err := Layer(t.Context(), 0, blob, Options{Unverified: true}); !errors.Is(err, errDisk) {
			t.Errorf("the disk breaks at read %d: got %v", after, err)
		}
	}
	l, _, err := Layer(t.Context(), 0, atRandom(b), Options{Unverified: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]io.ReaderAt{"breaks": &counting{ReaderAt: bytes.NewReader(b), after: 1}, "is shorter": bytes.NewReader(b[:150_000])} {
		blob := atRandom(b)
		blob.At = at
		var files []*tree.Payload
		for p := range l.Payloads() {
			files = append(files, p)
		}
		err := Learn(t.Context(), blob, nil, files)
		if !errors.Is(err, errDisk) && !errors.Is(err, io.ErrUnexpectedEOF) || !files[1].Unread() {
			t.Errorf("the file %s: got %v", name, err)
		}
	}
	w := scan.NewWindow(t.Context(), strings.NewReader("short"), 10, func(int64, error) {})
	defer w.Close()
	if _, err := w.Next(); err != io.ErrUnexpectedEOF {
		t.Errorf("a file that has become shorter: got %v", err)
	}
}
