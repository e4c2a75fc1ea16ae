package dockerfile

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/pattern"
)

// quotedCheck is a healthcheck as the classic builder and older BuildKits note
// it: the list of the test, three or four durations, the retries as a character.
var quotedCheck = pattern.Lazy(`(?s)^&?\{(\["(?:NONE|CMD|CMD-SHELL)".*\]) "([^" ]*)" "([^" ]*)" "([^" ]*)" (?:"([^" ]*)" )?('(?:[^'\\]|\\.[0-9a-fA-F]*)')\}$`)

// namedCheck is one as newer BuildKits note it.
var namedCheck = pattern.Lazy(`(?s)^&?\{Test:\[((?:NONE|CMD|CMD-SHELL)\b.*)\] Interval:(\S+) Timeout:(\S+) StartPeriod:(\S+)(?: StartInterval:(\S+))? Retries:([0-9]+)\}$`)

// bareCheck is one whose fields have no names.
var bareCheck = pattern.Lazy(`(?s)^&?\{\[((?:NONE|CMD|CMD-SHELL)\b.*)\] (\S+) (\S+) (\S+)(?: (\S+))? ([0-9]+)\}$`)

// healthcheck is what a row tells of a HEALTHCHECK.
type healthcheck struct {
	test  []string // the kind first: NONE, CMD or CMD-SHELL
	flags []string
	parts bool // whether the elements of the test are known
}

func readCheck(s string) (healthcheck, bool) {
	if m := quotedCheck().FindStringSubmatch(s); m != nil {
		test, ok := elements(m[1])
		c, err := strconv.Unquote(m[6])
		if !ok || err != nil {
			return healthcheck{}, false
		}
		return healthcheck{test, checkFlags(m[2:6], int([]rune(c)[0])), true}, true
	}
	for _, re := range []*regexp.Regexp{namedCheck(), bareCheck()} {
		if m := re.FindStringSubmatch(s); m != nil {
			kind, rest, _ := strings.Cut(m[1], " ")
			n, err := strconv.Atoi(m[6])
			if err != nil {
				return healthcheck{}, false
			}
			return healthcheck{[]string{kind, rest}, checkFlags(m[2:6], n), false}, true
		}
	}
	return healthcheck{}, false
}

func checkFlags(durations []string, retries int) []string {
	var all []string
	for n, name := range []string{"interval", "timeout", "start-period", "start-interval"} {
		if d := durations[n]; d != "" && d != "0s" {
			all = append(all, "--"+name+"="+d)
		}
	}
	if retries > 0 {
		all = append(all, "--retries="+strconv.Itoa(retries))
	}
	return all
}

// says returns what the instruction says, its flags left out.
func (h healthcheck) says() string {
	if h.test[0] == "NONE" {
		return "NONE"
	}
	return strings.TrimSpace("CMD " + strings.Join(h.test[1:], " "))
}

// checked writes a HEALTHCHECK.
func (r *recovery) checked(row Row) []candidate {
	h, ok := readCheck(row.Text)
	if !ok {
		return []candidate{{"HEALTHCHECK " + row.Text, "", ""}}
	}
	if h.test[0] == "NONE" {
		return []candidate{{"HEALTHCHECK NONE", "", "NONE"}}
	}
	start := strings.Join(append([]string{"HEALTHCHECK"}, h.flags...), " ") + " CMD "
	shell := strings.Join(h.test[1:], " ")
	asList := candidate{start + list(h.test[1:]), "", h.says()}
	switch {
	case h.test[0] == "CMD-SHELL":
		return []candidate{{start + shell, "", h.says()}, {start + list(append(strings.Fields(r.rows.shell), shell)), "", ""}}
	case !h.parts:
		asList.text = start + list(strings.Fields(shell))
		asList.note = "written as a list, which the history does not keep"
	}
	return []candidate{asList}
}
