package toc

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/index/scan"
)

var limits = Limits{Stored: 1000, Bytes: 10_000}

// all reads a table into a slice.
func all(table string) (es []Entry, err error) {
	err = Read(strings.NewReader(table), limits, func(e Entry) error {
		es = append(es, e)
		return nil
	})
	return es, err
}

// sumOf is a digest of that digit alone, and what it is read as.
func sumOf(digit byte) (string, [32]byte) {
	var s [32]byte
	for i := range s {
		s[i] = (digit - '0') * 0x11
	}
	return `"sha256:` + strings.Repeat(string(digit), 64) + `"`, s
}

func TestATableIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	one, sum1 := sumOf('1')
	two, sum2 := sumOf('2')
	three, sum3 := sumOf('3')
	got, err := all(`{"entries":[
		{"type":"dir","name":"d/","mode":493,"uid":1,"gid":2,"modtime":"2020-01-02T03:04:05Z","xattrs":{"user.a":"aGk="}},
		{"type":"reg","name":"d/a","size":5,"digest":` + one + `,"offset":10,"endOffset":30},
		{"type":"reg","name":"large","size":30,"digest":` + one + `,"offset":30,"chunkSize":20,"chunkDigest":` + two + `},
		{"type":"chunk","name":"large","offset":50,"chunkOffset":20,"chunkDigest":` + three + `},
		{"type":"reg","name":"shared","size":2,"offset":50,"innerOffset":600,"chunkDigest":` + two + `},
		{"type":"reg","name":"empty"},
		{"type":"symlink","name":"s","linkName":"d/a","mode":511},
		{"type":"hardlink","name":"h","linkName":"d/a"},
		{"type":"char","name":"c","devMajor":1,"devMinor":3},
		{"type":"fifo","name":"f"}
	],"more":{"of":["it"]},"version":1}` + "\n")
	if err != nil {
		t.Fatal(err)
	}
	zero := time.Unix(0, 0)
	want := []Entry{
		{Header: scan.Header{Flag: tar.TypeDir, Name: []byte("d/"), Mode: 0o755, UID: 1, GID: 2, ModTime: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
			Attributes: []scan.Record{{Key: []byte("SCHILY.xattr.user.a"), Value: []byte("hi")}}}},
		{Header: scan.Header{Flag: tar.TypeReg, Name: []byte("d/a"), Size: 5, ModTime: zero}, Chunks: []Chunk{{At: 10, Size: 5, Sum: sum1}}},
		{Header: scan.Header{Flag: tar.TypeReg, Name: []byte("large"), Size: 30, ModTime: zero}, Chunks: []Chunk{{At: 30, Size: 20, Sum: sum2}, {At: 50, Size: 10, Sum: sum3}}},
		{Header: scan.Header{Flag: tar.TypeReg, Name: []byte("shared"), Size: 2, ModTime: zero}, Chunks: []Chunk{{At: 50, Skip: 600, Size: 2, Sum: sum2}}},
		{Header: scan.Header{Flag: tar.TypeReg, Name: []byte("empty"), ModTime: zero}},
		{Header: scan.Header{Flag: tar.TypeSymlink, Name: []byte("s"), Link: []byte("d/a"), Mode: 0o777, ModTime: zero}},
		{Header: scan.Header{Flag: tar.TypeLink, Name: []byte("h"), Link: []byte("d/a"), ModTime: zero}},
		{Header: scan.Header{Flag: tar.TypeChar, Name: []byte("c"), Major: 1, Minor: 3, ModTime: zero}},
		{Header: scan.Header{Flag: tar.TypeFifo, Name: []byte("f"), ModTime: zero}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestATableThatContradictsItselfIsRefused has one fault each.
func TestATableThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	d, _ := sumOf('7')
	file := func(size int, more string) string {
		return fmt.Sprintf(`{"type":"reg","name":"a","size":%d,"digest":%s%s}`, size, d, more)
	}
	chunk := func(more string) string { return `{"type":"chunk","name":"a","chunkDigest":` + d + more + `}` }
	cut := func(more string) string {
		return file(9, `,"offset":5,"chunkSize":4,"chunkDigest":`+d+more)
	}
	for entries, want := range map[string]string{
		file(9, `,"offset":5`):                                                "",
		cut("") + "," + chunk(`,"offset":6,"chunkOffset":4`):                  "",
		`{"type":"what","name":"a"}`:                                          `entry 0: type "what" is not known`,
		`{"name":"a"}`:                                                        `entry 0: type "" is not known`,
		`{"type":"dir","name":"a","size":3}`:                                  "entry 0: a dir of 3 bytes",
		`{"type":"dir","name":"a","modtime":"now"}`:                           "entry 0: parsing time",
		file(-1, ""):                                                          "entry 0: a file of -1 bytes",
		file(10_001, `,"offset":5`):                                           "entry 0: a file of 10001 bytes",
		file(9_000, `,"offset":5`) + "," + file(9_000, `,"offset":6`):         "entry 1: a file of 9000 bytes",
		file(9, `,"offset":-1`):                                               "entry 0: it lies at -1 and 0 of 1000 bytes",
		file(9, `,"offset":1000`):                                             "entry 0: it lies at 1000 and 0 of 1000 bytes",
		file(9, `,"offset":5,"innerOffset":-1`):                               "entry 0: it lies at 5 and -1",
		file(9, `,"offset":5,"innerOffset":20000`):                            "entry 0: it lies at 5 and 20000",
		file(9, `,"offset":5,"chunkSize":10`):                                 "entry 0: a chunk of 10 bytes where 9 are left",
		file(9, `,"offset":5,"chunkSize":-1`):                                 "entry 0: a chunk of -1 bytes",
		file(9, `,"offset":5,"chunkOffset":1`):                                "entry 0: a chunk at 1 where 0 is due",
		file(9, `,"offset":5`) + "," + file(9, `,"offset":4`):                 "entry 1: it lies at 4, before",
		file(9, `,"offset":5`) + "," + file(9, `,"offset":5`):                 "entry 1: it lies at 5, before",
		file(9, `,"offset":5`) + "," + file(9, `,"offset":5,"innerOffset":8`): "entry 1: it lies at 5, before",
		chunk(`,"offset":5`):                                                  "entry 0: a chunk of no file",
		`{"type":"dir","name":"a"},` + chunk(`,"offset":5`):                   "entry 1: a chunk of no file",
		cut(""):                                "4 bytes of a file of 9",
		cut("") + `,{"type":"dir","name":"a"}`: "entry 1: 4 bytes of a file of 9",
		cut("") + "," + chunk(`,"offset":6,"chunkOffset":3`):                                              "entry 1: a chunk at 3 where 4 is due",
		cut("") + "," + chunk(`,"offset":6,"chunkOffset":4,"chunkSize":6`):                                "entry 1: a chunk of 6 bytes where 5 are left",
		cut("") + "," + chunk(`,"offset":6,"chunkOffset":4`) + "," + chunk(`,"offset":7,"chunkOffset":9`): "entry 2: a chunk of 0 bytes where 0 are left",
		file(9, `,"offset":5,"chunkSize":4`):                                                              `entry 0: "" is no SHA-256`,
		`{"type":"reg","name":"a","size":9,"offset":5}`:                                                   `entry 0: "" is no SHA-256`,
		`{"type":"reg","name":"a","size":9,"offset":5,"digest":"sha256:77"}`:                              `entry 0: "sha256:77" is no SHA-256`,
		`{"type":"reg","name":"a","size":9,"offset":5,"digest":"sha512:` + d[8:] + `}`:                    "is no SHA-256",
		strings.Replace(file(9, `,"offset":5`), "7777", "777g", 1):                                        "is no SHA-256",
		strings.Replace(file(9, `,"offset":5`), "7777", "77777", 1):                                       "is no SHA-256",
		`{"type":"dir","name":5}`:                                                                         "json: cannot unmarshal",
		`{"type":"dir","name":"a","uid":1e99}`:                                                            "json: cannot unmarshal",
	} {
		_, err := all(`{"version":1,"entries":[` + entries + `]}`)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %s", entries, err, want)
		}
	}
	for _, table := range []string{
		"", "null", "[]", "{}", `{"version":1}`, `{"version":2,"entries":[]}`, `{"entries":[]}`, `{"version":1,"entries":{}}`, `{"version":1,"entries":null}`,
		`{"version":1,"entries":[]} {}`, `{"version":1,"entries":[],"entries":[]}`, `{"version":1,"entries":[`, `{"version":1,"entries":[]`, `{"version":"1","entries":[]}`,
	} {
		if _, err := all(table); err == nil {
			t.Errorf("%s is taken for a table", table)
		}
	}
	if _, err := all(`{"version":1,"entries":[]}`); err != nil {
		t.Error(err)
	}
}

func TestWhatStopsATableIsItsError(t *testing.T) {
	t.Parallel()
	fault := errors.New("no room")
	table := `{"version":1,"entries":[{"type":"dir","name":"a"},{"type":"dir","name":"b"}]}`
	n := 0
	err := Read(strings.NewReader(table), limits, func(Entry) error { n++; return fault })
	if !errors.Is(err, fault) || n != 1 {
		t.Errorf("got %v after %d entries", err, n)
	}
	err = Read(io.MultiReader(strings.NewReader(table[:50]), iotest.ErrReader(fault)), limits, func(Entry) error { return nil })
	if !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
}

// FuzzRead holds that what is taken adds up: chunks fill their files, rise, and
// lie in the layer.
func FuzzRead(f *testing.F) {
	d, _ := sumOf('7')
	f.Add([]byte(`{"version":1,"entries":[{"type":"reg","name":"a","size":9,"offset":5,"digest":` + d + `,"modtime":"2020-01-02T03:04:05.5+01:00","xattrs":{"a":"AA=="}}]}`))
	f.Add([]byte(`{"entries":[{"type":"reg","name":"a","size":9,"offset":5,"chunkSize":4,"chunkDigest":` + d + `},{"type":"chunk","offset":6,"chunkOffset":4,"chunkDigest":` + d + `}],"version":1}`))
	f.Add([]byte(`{"version":1,"entries":[{"type":"hardlink","name":"a","linkName":"b"},{"type":"block","devMajor":8}]}`))
	f.Fuzz(func(t *testing.T, table []byte) {
		es, err := all(string(table))
		if err == nil && !json.Valid(table) {
			t.Fatalf("no JSON is taken: %q", table)
		}
		var last Chunk
		var bytes int64
		for _, e := range es {
			bytes += e.Size
			if n := int64(0); e.Size > 0 {
				for _, c := range e.Chunks {
					n += c.Size
					if c.At < last.At || c.At == last.At && c.Skip < last.Skip+last.Size || c.At >= limits.Stored || c.Size <= 0 || c.Skip < 0 {
						t.Fatalf("%+v after %+v", c, last)
					}
					last = c
				}
				if n != e.Size {
					t.Fatalf("chunks of %d bytes for a file of %d", n, e.Size)
				}
			} else if e.Size < 0 || len(e.Chunks) > 0 {
				t.Fatalf("%+v", e)
			}
		}
		if bytes > limits.Bytes {
			t.Fatalf("%d bytes", bytes)
		}
	})
}
