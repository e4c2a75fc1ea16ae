package builder

import (
	"slices"
	"strings"
)

// redactor takes secrets out of what an engine says.
type redactor struct{ r *strings.Replacer }

// hidden stands where a secret stood.
const hidden = "*****"

// shortestSecret is how long a secret's line must be, in bytes, to be taken out:
// shorter ones are words of every log.
const shortestSecret = 4

func newRedactor(secrets map[string][]byte) redactor {
	var all, pairs []string
	for _, body := range secrets {
		whole := strings.TrimSpace(string(body))
		for _, s := range append([]string{whole}, strings.Split(whole, "\n")...) {
			if s = strings.TrimSpace(s); len(s) >= shortestSecret {
				all = append(all, s)
			}
		}
	}
	if all == nil {
		return redactor{}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // the longest first: another may begin it
	for _, s := range all {
		pairs = append(pairs, s, hidden)
	}
	return redactor{strings.NewReplacer(pairs...)}
}

// text returns it without secrets.
func (r redactor) text(s string) string {
	if r.r == nil {
		return s
	}
	return r.r.Replace(s)
}
