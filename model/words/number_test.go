package words

import (
	"math"
	"regexp"
	"testing"
	"testing/quick"
	"time"
)

func TestBytesHaveThreeDigits(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		-1: "?", 0: "0 B", 1: "1 B", 999: "999 B", 1000: "1.00 kB", 1004: "1.00 kB", 1005: "1.00 kB", 1006: "1.01 kB",
		9994: "9.99 kB", 9995: "10.0 kB", 10_000: "10.0 kB", 99_949: "99.9 kB", 99_950: "100 kB", 999_499: "999 kB",
		999_500: "1.00 MB", 18_400_000: "18.4 MB", 388_000_000: "388 MB", 5_000_000_000: "5.00 GB",
		1_000_000_000_000: "1.00 TB", math.MaxInt64: "9.22 EB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestSizesAreNeverWiderThanTheirColumn(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(\d{1,3}|\d\.\d\d|\d\d\.\d)$`)
	check := func(n uint64, shift uint8) bool {
		number, unit := Size(int64(n >> 1 >> (shift % 63)))
		return form.MatchString(number) && len(unit) <= 2
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20_000}); err != nil {
		t.Error(err)
	}
}

func TestDifferencesHaveASign(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 5: "+5 B", -5: "−5 B", 18_400_000: "+18.4 MB", -3_100_000: "−3.10 MB", math.MinInt64 + 1: "−9.22 EB", math.MinInt64: "−9.22 EB"} {
		if got := Signed(n); got != want {
			t.Errorf("Signed(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestCountsHaveTheirThousandsApart(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1 000", 1204: "1 204", 1_234_567: "1 234 567", -1: "−1", -1204: "−1 204", math.MaxInt64: "9 223 372 036 854 775 807", math.MinInt64: "−9 223 372 036 854 775 808"} {
		if got := Exact(n); got != want {
			t.Errorf("Exact(%d): got %q, want %q", n, got, want)
		}
	}
}

func TestPercentHasOneDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, whole int64
		want        string
	}{{0, 0, "0 %"}, {5, 0, "0 %"}, {0, 10, "0 %"}, {1, 10, "10 %"}, {382, 3880, "9.8 %"}, {10, 10, "100 %"}, {1, 3, "33.3 %"}, {5, -1, "0 %"}} {
		if got := Percent(c.part, c.whole); got != c.want {
			t.Errorf("Percent(%d, %d): got %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestAgesAreShort(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		-time.Hour: "0 s", 0: "0 s", time.Second: "1 s", 59 * time.Second: "59 s", time.Minute: "1 m", time.Hour: "1 h", 47 * time.Hour: "47 h",
		48 * time.Hour: "2 d", 13 * day: "13 d", 14 * day: "2 w", 59 * day: "8 w", 60 * day: "2 mo", 729 * day: "24 mo", 730 * day: "2 y", 40 * 365 * day: "40 y",
	} {
		got := Age(now.Add(-ago), now)
		if got != want {
			t.Errorf("Age of %v: got %q, want %q", ago, got, want)
		}
		if len(got) > 5 {
			t.Errorf("Age of %v: got %q, want at most five cells", ago, got)
		}
	}
}

func TestATimeThatWasNeverSetHasNoAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 0)} {
		if got := Age(at, now); got != "" {
			t.Errorf("Age(%v): got %q, want none", at, got)
		}
	}
	if got := Age(now, time.Time{}); got != "" {
		t.Errorf("Age while it is not known what time it is: got %q, want none", got)
	}
}

func TestModesLookAsLsHasThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind byte
		mode uint32
		want string
	}{
		{'-', 0o644, "-rw-r--r--"}, {'d', 0o755, "drwxr-xr-x"}, {'d', 0o1777, "drwxrwxrwt"}, {'d', 0o1776, "drwxrwxrwT"},
		{'-', 0o4755, "-rwsr-xr-x"}, {'-', 0o4644, "-rwSr--r--"}, {'-', 0o2755, "-rwxr-sr-x"}, {'-', 0o2745, "-rwxr-Sr-x"}, {'l', 0o777, "lrwxrwxrwx"}, {'c', 0, "c---------"},
	} {
		if got := Mode(c.kind, c.mode); got != c.want {
			t.Errorf("Mode(%c, %o): got %q, want %q", c.kind, c.mode, got, c.want)
		}
	}
}

func TestListsLookAsADockerfileHasThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{{nil, ""}, {[]string{"sh"}, `["sh"]`}, {[]string{"flask", "run"}, `["flask", "run"]`}, {[]string{`a "b"`}, `["a \"b\""]`}} {
		if got := List(c.args); got != c.want {
			t.Errorf("List(%q): got %q, want %q", c.args, got, c.want)
		}
	}
}
