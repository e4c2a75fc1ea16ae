package progress

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

func TestAVertexTurnsFromStartedToDone(t *testing.T) {
	r := Run{}.Fold([]Event{{Vertex: "a", Name: "RUN make", Line: 3, Kind: Started, At: at(0)}})
	v := r.Vertices[0]
	if v.Status != Running || v.Line != 3 || v.Name != "RUN make" || v.Elapsed(at(1500)) != 1500*time.Millisecond {
		t.Fatalf("vertex %+v after 1.5 s ran %v; want it running for 1.5 s", v, v.Elapsed(at(1500)))
	}
	r = r.Fold([]Event{{Vertex: "a", Kind: Logged, Text: "cc a.c\ncc b"}, {Vertex: "a", Kind: Logged, Text: ".c\n"}, {Vertex: "a", Kind: Ended, At: at(4100)}})
	v = r.Vertices[0]
	if v.Status != Done || v.Took != 4100*time.Millisecond || v.Log.Len() != 2 || v.Log.Line(1) != "cc b.c" || v.Log.Last() != "cc b.c" {
		t.Errorf("vertex %+v; want it done in 4.1 s with two lines", v)
	}
}

func TestWhatWasHadStaysSo(t *testing.T) {
	r := Run{}.Fold([]Event{{Vertex: "a", Kind: Started, At: at(0)}, {Vertex: "a", Kind: Hit, At: at(1)}, {Vertex: "a", Kind: Ended, At: at(2)}})
	if got := r.Vertices[0].Status; got != Cached {
		t.Errorf("status %d, want %d", got, Cached)
	}
}

func TestALineIsWhatItsVerticesComeTo(t *testing.T) {
	for _, c := range []struct {
		kinds []Kind
		want  Status
	}{
		{[]Kind{Hit, Hit}, Cached}, {[]Kind{Hit, Ended}, Done}, {[]Kind{Ended, Started}, Running}, {[]Kind{Started, Broke}, Failed},
		{[]Kind{Hit, Warned + 10}, Running}, {[]Kind{Warned + 10, Warned + 10}, Waits},
	} {
		var es []Event
		for i, k := range c.kinds {
			es = append(es, Event{Vertex: fmt.Sprint(i), Line: 2, Kind: k, At: at(i)})
		}
		if got := (Run{}).Fold(es).Lines()[2]; got.Status != c.want || len(got.Vertices) != len(c.kinds) {
			t.Errorf("%v: status %d of %d vertices, want %d", c.kinds, got.Status, len(got.Vertices), c.want)
		}
	}
}

func TestCountsAreToldWhileTheirVertexRuns(t *testing.T) {
	r := Run{}.Fold([]Event{
		{Vertex: "a", Line: 1, Kind: Started, At: at(0)},
		{Vertex: "a", Kind: Counted, Text: "sha256:1", Done: 5, Total: 5}, {Vertex: "a", Kind: Counted, Text: "sha256:2", Done: 1, Total: 9}, {Vertex: "a", Kind: Counted, Text: "sha256:2", Done: 3, Total: 9},
	})
	if c, ok := r.Lines()[1].Count(); !ok || c != (Count{"sha256:2", 3, 9}) || len(r.Vertices[0].Counts) != 2 {
		t.Errorf("count %v %v of %v; want 3 of 9", c, ok, r.Vertices[0].Counts)
	}
	r = r.Fold([]Event{{Vertex: "a", Kind: Ended, At: at(9)}})
	if c, ok := r.Lines()[1].Count(); ok {
		t.Errorf("count %v of what is done", c)
	}
}

func TestLogsAreBounded(t *testing.T) {
	line := strings.Repeat("x", 1000) + "\n"
	var r Run
	for v := range 8 {
		var es []Event
		for range 5000 {
			es = append(es, Event{Vertex: fmt.Sprint(v), Kind: Logged, Text: line})
		}
		r = r.Fold(es)
	}
	sum := 0
	for _, v := range r.Vertices {
		sum += measure(v.Log)
		if v.Log.Len()+v.Log.Gone() != 5000 || v.Log.Len() == 0 {
			t.Errorf("%d lines and %d gone, want 5000 together", v.Log.Len(), v.Log.Gone())
		}
	}
	if sum > mostBytes || sum < mostBytes/2 || sum != r.bytes {
		t.Errorf("%d bytes of logs, counted %d; want at most %d", sum, r.bytes, mostBytes)
	}
}

func TestALineWithoutEndIsBroken(t *testing.T) {
	r := Run{}.Fold([]Event{{Vertex: "a", Kind: Logged, Text: strings.Repeat("y", 3*longestLine)}})
	if l := r.Vertices[0].Log; l.Len() != 3 || len(l.Line(0)) != longestLine {
		t.Errorf("%d lines, the first of %d bytes; want 3 of %d", l.Len(), len(l.Line(0)), longestLine)
	}
	var es []Event
	for i := range 10_000 {
		es = append(es, Event{Vertex: "b", Kind: Logged, Text: fmt.Sprintf("\r%d %%", i)})
	}
	r = r.Fold(es)
	if l := r.Vertices[1].Log; l.Len() != 1 || !strings.HasSuffix(l.Last(), "\r9999 %") || len(l.Last()) > longestLine {
		t.Errorf("%d lines of progress, the last of %d bytes; want one that is short", l.Len(), len(l.Last()))
	}
}

func TestVerticesAreBounded(t *testing.T) {
	var es []Event
	for i := range Most + 7 {
		es = append(es, Event{Vertex: fmt.Sprint(i), Kind: Started, At: at(i)})
	}
	if r := (Run{}).Fold(es); len(r.Vertices) != Most || r.Left != 7 {
		t.Errorf("%d vertices and %d left out, want %d and 7", len(r.Vertices), r.Left, Most)
	}
}

func TestAWarningIsToldOnce(t *testing.T) {
	w := Event{Kind: Warned, Line: 2, Text: "no such thing"}
	r := Run{}.Fold([]Event{w, w, {Vertex: "a", Kind: Warned, Line: 3, Text: "another"}})
	if len(r.Warnings) != 2 || len(r.Vertices) != 0 {
		t.Errorf("warnings %v, %d vertices; want two and none", r.Warnings, len(r.Vertices))
	}
}

// measure counts the bytes of a log anew.
func measure(l Log) int {
	n := len(l.open)
	for _, c := range append(l.full[:len(l.full):len(l.full)], &l.last) {
		for _, s := range c.lines {
			n += len(s) + lineCost
		}
	}
	return n
}

// made are events from bytes, hostile ones too.
func made(program []byte) []Event {
	var es []Event
	for i := 0; i+2 < len(program); i += 3 {
		op, arg, n := program[i], program[i+1], program[i+2]
		es = append(es, Event{
			Vertex: []string{"", "a", "b", "c", "d"}[op%5], Name: []string{"", "RUN x", "\x1b[31m\xff"}[op%3], Line: int(arg%6) - 1, Kind: Kind(op % 9),
			At: at(int(n) * 10), Text: strings.Repeat([]string{"", "a", "line\n", "\r", "\n", "p %\r", "\xff\x00"}[arg%7], int(n)*int(arg)/8), Done: int64(n) - 5, Total: int64(arg) - 9,
		})
	}
	return es
}

// plain is the log as one string, from the same pieces.
func plain(events []Event, vertex string) string {
	var b strings.Builder
	for _, e := range events {
		if e.Vertex == vertex && e.Kind == Logged {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// FuzzFold holds that events come to the same one by one and together, that no
// earlier run changes, and that nothing of a log is lost that fits.
func FuzzFold(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		b := make([]byte, 60)
		for i := range b {
			b[i] = byte(r.UintN(256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		events := made(program[:min(len(program), 600)])
		together := Run{}.Fold(events)
		var one, middle Run
		copied := told(middle)
		for i := range events {
			one = one.Fold(events[i : i+1])
			if i == len(events)/2 {
				middle, copied = one, told(one)
			}
		}
		if a, b := told(one), told(together); a != b {
			t.Fatalf("one by one\n%s\ntogether\n%s", a, b)
		}
		if told(middle) != copied {
			t.Fatal("an earlier run has changed")
		}
		again := middle.Fold(events)
		middle.Fold([]Event{{Vertex: "a", Kind: Logged, Text: "other\n"}})
		if !reflect.DeepEqual(told(again), told(middle.Fold(events))) {
			t.Fatal("one run has two futures that meet")
		}
		bytes := 0
		for _, v := range one.Vertices {
			bytes += measure(v.Log)
			want := plain(events, v.Digest)
			if len(want) < longestLine && !strings.Contains(want, "\r") {
				if got := text(v.Log); got != want {
					t.Fatalf("the log of %s is %q, want %q", v.Digest, got, want)
				}
			}
			v.Elapsed(noon)
			v.Log.Last()
		}
		if bytes != one.bytes || bytes > mostBytes {
			t.Fatalf("%d bytes are counted as %d", bytes, one.bytes)
		}
		for _, l := range one.Lines() {
			l.Last()
			l.Count()
			l.Elapsed(noon)
		}
	})
}

func text(l Log) string {
	var b strings.Builder
	n := l.Len()
	for i := range n {
		b.WriteString(l.Line(i))
		if i < n-1 || l.open == "" {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// told is all that can be seen of a run.
func told(r Run) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Warnings, r.Left, r.Latest, r.bytes)
	for _, v := range r.Vertices {
		fmt.Fprintf(&b, "%+v\n", struct {
			Digest, Name string
			Line         int
			Status       Status
			Took         time.Duration
			Counts       []Count
			Why          string
		}{v.Digest, v.Name, v.Line, v.Status, v.Took, v.Counts, v.Why})
		v.Log.Each(0, func(line string) bool { fmt.Fprintf(&b, "%q\n", line); return true })
	}
	return b.String()
}

func TestEachBeginsWhereItIsTold(t *testing.T) {
	var es []Event
	for i := range 3000 {
		es = append(es, Event{Vertex: "a", Kind: Logged, Text: fmt.Sprintf("line %d of a log that fills pieces\n", i)})
	}
	l := Run{}.Fold(append(es, Event{Vertex: "a", Kind: Logged, Text: "open"})).Vertices[0].Log
	for _, from := range []int{0, 1, 299, 2999, 3000, 3001} {
		i := from
		l.Each(from, func(line string) bool {
			if line != l.Line(i) {
				t.Fatalf("from %d: line %d is %q, want %q", from, i, line, l.Line(i))
			}
			i++
			return true
		})
		if i != l.Len() && from <= l.Len() {
			t.Errorf("from %d: ended at %d of %d", from, i, l.Len())
		}
	}
}

func BenchmarkFold(b *testing.B) {
	for _, lines := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			var r Run
			for v := range 200 {
				r = r.Fold([]Event{{Vertex: fmt.Sprint(v), Line: v % 40, Kind: Started, At: at(v)}})
			}
			var es []Event
			for range lines {
				es = append(es, Event{Vertex: "7", Kind: Logged, Text: "Get:17 http://deb.debian.org/debian bookworm/main amd64 libc6 [2 756 kB]\n"})
			}
			r = r.Fold(es)
			one := es[:1]
			b.ReportAllocs()
			for b.Loop() {
				r.Fold(one)
			}
		})
	}
}
