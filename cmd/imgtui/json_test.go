package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func FuzzJSONIsHarmlessAndTheSame(f *testing.F) {
	f.Add(strings.Join(oddNames, "\n"))
	f.Add("\u009b\u202e\U000e0001\x7f\u2028\ufeff")
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		c := &call{program: program{out: &out}}
		if err := c.write(map[string]string{"a": s}); err != nil {
			t.Fatal(err)
		}
		if what := harm(out.String()); what != "" {
			t.Errorf("%q: the document holds %s: %s", s, what, &out)
		}
		var got map[string]string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["a"] != strings.ToValidUTF8(s, "\ufffd") && got["a"] != replaced(s) {
			t.Errorf("%q: got %q, %v", s, got["a"], err)
		}
	})
}

// replaced is s with every invalid byte replaced, as encoding/json does.
func replaced(s string) string { return string([]rune(s)) }

func TestAPathThatIsNoUTF8HasItsBytesBeside(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/a":               `{"path":"/a"}`,
		"/\xff":            "{\"path\":\"/\ufffd\",\"path_bytes\":\"L/8=\"}",
		"/é\u202e":         "{\"path\":\"/é\u202e\"}",
		"/a\xe6\x97/b\xff": "{\"path\":\"/a\ufffd/b\ufffd\",\"path_bytes\":\"L2Hmly9i/w==\"}",
	} {
		if got, err := json.Marshal(pathOf(path)); err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v, want %s", path, got, err, want)
		}
	}
}

func TestTimesThatNobodyCanWriteAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "null"},
		{time.Date(2024, 5, 1, 12, 0, 0, 0, time.FixedZone("", 7200)), `"2024-05-01T10:00:00Z"`},
		{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), "null"},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "null"},
		{time.Unix(0, 1), `"1970-01-01T00:00:00.000000001Z"`},
	} {
		if got, err := json.Marshal(when(c.at)); err != nil || string(got) != c.want {
			t.Errorf("%v: got %s, %v, want %s", c.at, got, err, c.want)
		}
	}
}
