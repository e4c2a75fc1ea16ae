package explain

import (
	"strings"

	"github.com/imgtui/imgtui/model/pattern"
	"github.com/imgtui/imgtui/model/words"
)

// sets says what a step without a layer did: it adds no files, and a name with
// a value is told in a row of its own.
func (t *text) sets(e words.Explain, createdBy string) {
	t.heading(e.Here)
	t.add(Text, e.NoFiles)
	verb, rest := split(plain(createdBy))
	switch verb {
	case "ENV", "LABEL", "ARG":
		key := map[string]string{"ENV": e.Env, "LABEL": e.Label, "ARG": e.BuildArg}[verb]
		for _, a := range assignments(rest) {
			t.pair(key, visible(a[0]+"="+a[1]))
		}
	case "CMD", "ENTRYPOINT":
		if startsShell(rest) {
			t.add(Advice, e.StartsShell)
		}
	}
}

var assigns = pattern.Lazy(`(?:^|\s)("[^"=]+"|[A-Za-z0-9_][A-Za-z0-9_./-]*)=`)

// assignments reads NAME=value pairs. Builders write values without quotes: one
// ends where the next name begins.
func assignments(s string) [][2]string {
	var all [][2]string
	names := assigns().FindAllStringSubmatchIndex(s, -1)
	for i, at := range names {
		end := len(s)
		if i+1 < len(names) {
			end = names[i+1][0]
		}
		all = append(all, [2]string{strings.Trim(s[at[2]:at[3]], `"`), unquoted(strings.TrimSpace(s[at[1]:end]))})
	}
	return all
}

// unquoted takes off the quotes around a value.
func unquoted(s string) string {
	if len(s) > 1 && s[0] == '"' && strings.IndexByte(s[1:], '"') == len(s)-2 {
		return s[1 : len(s)-1]
	}
	return s
}

var shellList = pattern.Lazy(`^\["(?:/\S*/)?(?:ba|da|a)?sh", "-[a-z]*c"`)

// startsShell tells whether a CMD or ENTRYPOINT runs a command line of a shell:
// a list that names one, or text that is no list.
func startsShell(rest string) bool {
	return shellList().MatchString(rest) || rest != "" && rest[0] != '['
}

// Effect says in short what a step without a layer does.
func Effect(w words.Words, createdBy string) string {
	v, ok := w.Explain.Verbs[Verb(createdBy)]
	if !ok {
		return w.Explain.NoFiles
	}
	return v.Does + " " + w.Explain.NoFiles
}
