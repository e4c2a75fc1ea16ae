package check

import (
	"strconv"
	"strings"
)

func lineOf(line int) string { return strconv.Itoa(line) }

// imageNameCase finds images named with capital letters, which no registry has.
func imageNameCase(s Subject) []Finding {
	var all []Finding
	for n, st := range s.File.Stages {
		lower := lowerName(st.Base)
		if lower == st.Base || s.stage(st.Base, n) {
			continue
		}
		i := s.File.Instructions[st.First]
		f := at(i, st.Base, lower)
		f.Fix = s.replace(i.Line, i.Last, func(l string) (string, bool) {
			at := strings.Index(l, st.Base)
			if at < 0 {
				return l, false
			}
			return l[:at] + lower + l[at+len(st.Base):], true
		})
		all = append(all, f)
	}
	return all
}

// stage tells whether a name is that of a stage before n.
func (s Subject) stage(name string, n int) bool {
	for _, st := range s.File.Stages[:n] {
		if st.Name != "" && strings.EqualFold(st.Name, name) {
			return true
		}
	}
	return false
}

// lowerName returns an image's name with its repository in lower case; tag and
// variables stay.
func lowerName(name string) string {
	if strings.Contains(name, "$") {
		return name
	}
	repository, rest := name, ""
	if at := strings.IndexByte(name, '@'); at >= 0 {
		repository, rest = name[:at], name[at:]
	}
	if at := strings.LastIndexByte(repository, ':'); at > strings.LastIndexByte(repository, '/') {
		repository, rest = repository[:at], repository[at:]+rest
	}
	host, path, ok := strings.Cut(repository, "/")
	if ok && strings.ContainsAny(host, ".:") {
		return host + "/" + strings.ToLower(path) + rest
	}
	return strings.ToLower(repository) + rest
}
