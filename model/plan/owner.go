package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// owner is who gets what is copied.
type owner struct{ uid, gid int }

// parseOwner reads --chown. A name that the root beneath does not know is
// taken for root, as BuildKit takes it; where there is no root beneath, names are
// faults.
func parseOwner(s CopySpec, based bool) (*owner, error) {
	if s.Chown == "" {
		return nil, nil
	}
	user, group, _ := strings.Cut(s.Chown, ":")
	var o owner
	uid, numeric := id(user)
	gid, numericGroup := id(group)
	if s.Link && (!numeric || group != "" && !numericGroup) {
		return nil, fmt.Errorf("--chown=%s: user and group names can't be resolved when used with --link, use numeric uid[:gid] instead", s.Chown)
	}
	if !based && (!numeric && user != "" || group != "" && !numericGroup) {
		return nil, fmt.Errorf("--chown=%s: %w", s.Chown, errNobody)
	}
	if numeric {
		o = owner{uid, uid}
	} else if f := record(s.Passwd, user); len(f) > 3 {
		o.uid, _ = strconv.Atoi(f[2])
		o.gid, _ = strconv.Atoi(f[3])
	}
	switch {
	case group == "":
	case numericGroup:
		o.gid = gid
	default:
		if f := record(s.Group, group); len(f) > 2 {
			o.gid, _ = strconv.Atoi(f[2])
		}
	}
	return &o, nil
}

// errNobody says in BuildKit's words that there is nowhere to look names up.
var errNobody = errors.New("invalid user index -1")

// id reads a number; "root" is one.
func id(text string) (int, bool) {
	if text == "root" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil
}

// record returns the fields of the line of a name in /etc/passwd or /etc/group.
func record(file, name string) []string {
	for line := range strings.SplitSeq(file, "\n") {
		if fields := strings.Split(strings.TrimSpace(line), ":"); name != "" && fields[0] == name {
			return fields
		}
	}
	return nil
}
