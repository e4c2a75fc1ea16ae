package complete

import (
	"slices"
	"strings"
)

// Flags lists the flags of each instruction, as BuildKit takes them. One that
// takes a value ends with "=".
var Flags = map[string][]string{
	"FROM":        {"--platform="},
	"RUN":         {"--mount=", "--network=", "--security=", "--device="},
	"COPY":        {"--from=", "--chown=", "--chmod=", "--link", "--parents", "--exclude="},
	"ADD":         {"--chown=", "--chmod=", "--link", "--checksum=", "--keep-git-dir=", "--unpack=", "--exclude="},
	"HEALTHCHECK": {"--interval=", "--timeout=", "--start-period=", "--start-interval=", "--retries="},
}

// repeatable are the flags that may stand more than once.
var repeatable = []string{"--mount=", "--exclude=", "--device="}

// values lists what a flag's value can be where that is known beforehand.
var values = map[string][]string{
	"--network":      {"default", "none", "host"},
	"--security":     {"sandbox", "insecure"},
	"--keep-git-dir": {"true", "false"},
	"--unpack":       {"true", "false"},
	"--platform":     {"$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"},
	"--interval":     {"5s", "30s", "1m"},
	"--timeout":      {"3s", "30s"},
	"--retries":      {"3"},
	"--chmod":        {"644", "755", "u=rwX,go=rX"},
}

// Mounts lists the keys of RUN --mount by the mount's type.
var Mounts = map[string][]string{
	"bind":   {"target=", "source=", "from=", "rw"},
	"cache":  {"target=", "id=", "sharing=", "from=", "source=", "mode=", "uid=", "gid=", "ro"},
	"tmpfs":  {"target=", "size="},
	"secret": {"id=", "target=", "env=", "required=", "mode=", "uid=", "gid="},
	"ssh":    {"id=", "target=", "required=", "mode=", "uid=", "gid="},
}

var mountTypes = []string{"bind", "cache", "secret", "ssh", "tmpfs"}

// mountValues lists what the value of a mount's key can be.
var mountValues = map[string][]string{
	"type":     mountTypes,
	"sharing":  {"shared", "private", "locked"},
	"required": {"true", "false"},
}

// flag lists flags, or what can be the value of the one that stands there.
func (p *place) flag() List {
	name, value, ok := strings.Cut(p.word, "=")
	if !ok {
		l := p.begins(p.word, p.free())
		l.Auto = strings.HasPrefix(p.word, "--")
		return l
	}
	var l List
	switch {
	case !slices.Contains(Flags[p.name], name+"="):
		return List{}
	case name == "--from":
		l = p.begins(value, p.stages())
	case name == "--mount":
		l = p.mount(value)
	case name == "--exclude":
		return p.paths(value)
	default:
		l = p.begins(value, candidates(Value, values[name]))
	}
	l.Auto = len(l.Items) > 0
	return l
}

// free returns the flags that can still be given.
func (p *place) free() []Candidate {
	var all []Candidate
	for _, f := range Flags[p.name] {
		taken := slices.ContainsFunc(p.given, func(g string) bool { return g == f || strings.HasPrefix(g, strings.TrimSuffix(f, "=")+"=") })
		if !taken || slices.Contains(repeatable, f) {
			all = append(all, Candidate{Text: f, Kind: Flag})
		}
	}
	return all
}

// mount lists keys and values within the value of --mount.
func (p *place) mount(value string) List {
	fields := strings.Split(value, ",")
	last := fields[len(fields)-1]
	key, word, ok := strings.Cut(last, "=")
	switch {
	case !ok:
		return p.begins(last, candidates(Value, keys(fields[:len(fields)-1])))
	case key == "from":
		return p.begins(word, p.stages())
	case key == "source" || key == "src":
		return p.paths(word)
	}
	return p.begins(word, candidates(Value, mountValues[key]))
}

// keys returns the keys that a mount with some fields can still have.
func keys(fields []string) []string {
	kind := "bind"
	var given []string
	for _, f := range fields {
		key, value, _ := strings.Cut(f, "=")
		if key == "type" {
			kind = value
		}
		given = append(given, key)
	}
	all := Mounts[kind]
	if len(fields) == 0 {
		all = append([]string{"type="}, all...)
	}
	return slices.DeleteFunc(slices.Clone(all), func(k string) bool { return slices.Contains(given, strings.TrimSuffix(k, "=")) })
}
