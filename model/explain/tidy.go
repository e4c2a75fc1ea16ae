package explain

import (
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/pattern"
)

// tidy writes an instruction as a Dockerfile has it, where a builder noted the
// values of a program instead. What does not look like such a value stays.
func tidy(s string) string {
	verb, rest := split(s)
	switch verb {
	case "":
		return s
	case "CMD", "ENTRYPOINT", "SHELL":
		rest = commas(rest)
	case "EXPOSE":
		rest = ports(rest)
	case "VOLUME":
		rest = unlisted(rest)
	case "ADD", "COPY":
		rest = shortSums(rest)
	case "HEALTHCHECK":
		rest = healthcheck(rest)
	}
	return strings.TrimSpace(verb + " " + rest)
}

var between = pattern.Lazy(`" +"`)

// commas turns ["a" "b"] into ["a", "b"]. A list with escapes or commas stays.
func commas(s string) string {
	if !strings.HasPrefix(s, `["`) || !strings.HasSuffix(s, `"]`) || strings.Contains(s, `\`) || strings.Contains(s, `",`) {
		return s
	}
	return between().ReplaceAllString(s, `", "`)
}

// ports turns map[80/tcp:{} 443/tcp:{}] and [80/tcp] into 80/tcp 443/tcp.
func ports(s string) string {
	if inner, ok := strings.CutPrefix(s, "map["); ok && strings.HasSuffix(inner, "]") {
		return strings.ReplaceAll(strings.TrimSuffix(inner, "]"), ":{}", "")
	}
	return unlisted(s)
}

// unlisted turns [/data /logs] into /data /logs. A JSON list stays.
func unlisted(s string) string {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && !strings.Contains(s, `"`) {
		return strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

var sums = pattern.Lazy(`\b(file|dir|multi):([0-9a-f]{12})[0-9a-f]{52}\b`)

// shortSums cuts the checksums that stand for what was copied.
func shortSums(s string) string { return sums().ReplaceAllString(s, "$1:$2…") }

// checks are the healthchecks that builders note: the list of the test, three
// or four durations and the retries as a character.
var checks = pattern.Lazy(`^&\{\["(NONE|CMD|CMD-SHELL)"(.*)\] "([^" ]*)" "([^" ]*)" "([^" ]*)" (?:"([^" ]*)" )?'(?:\\x([0-9a-f]{2})|\\([abtnvfr])|(.))'\}$`)

// healthcheck turns &{["CMD-SHELL" "curl x"] "5m0s" "3s" "0s" '\x03'} into the
// options and the command that were written.
func healthcheck(s string) string {
	m := checks().FindStringSubmatch(s)
	if m == nil {
		return s
	}
	if m[1] == "NONE" {
		return "NONE"
	}
	var out []string
	for i, name := range []string{"interval", "timeout", "start-period", "start-interval"} {
		if d := m[3+i]; d != "" && d != "0s" {
			out = append(out, "--"+name+"="+d)
		}
	}
	if n := retries(m[7], m[8], m[9]); n != "" {
		out = append(out, "--retries="+n)
	}
	test := strings.TrimSpace(m[2])
	if m[1] == "CMD-SHELL" {
		test = strings.ReplaceAll(strings.Trim(test, `"`), `\"`, `"`)
	} else {
		test = commas("[" + test + "]")
	}
	return strings.Join(append(out, "CMD", test), " ")
}

// retries reads the number that a builder printed as a character: in hex, by
// the letter of an escape, or as itself.
func retries(hex, letter, char string) string {
	n := 0
	switch {
	case hex != "":
		for _, d := range hex {
			n = 16*n + strings.IndexRune("0123456789abcdef", d)
		}
	case letter != "":
		n = int([]byte("\a\b\t\n\v\f\r")[strings.Index("abtnvfr", letter)])
	default:
		n = int([]rune(char)[0])
	}
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
