package builder

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/plan"
)

// wire says how an operation stands on one of its inputs.
type wire struct {
	content   bool // the engine looks at the content of what is selected
	selectors []selector
}

// wiring tells for each input of an operation how it is used: the rules of
// BuildKit's cache maps.
func wiring(op *pb.Op) []wire {
	w := make([]wire, len(op.Inputs))
	switch {
	case op.GetExec() != nil:
		wireMounts(op.GetExec().Mounts, w)
	case op.GetFile() != nil:
		wireActions(op.GetFile().Actions, w)
	}
	return w
}

// wireMounts: content counts where a command cannot write into what it sees,
// or sees all of it; never at its root.
func wireMounts(mounts []*pb.Mount, w []wire) {
	for _, m := range mounts {
		if m.Input < 0 || int(m.Input) >= len(w) || unkept(m.MountType) {
			continue
		}
		whole := path.Join("/", m.Selector) == "/"
		safe := m.Output == int64(pb.SkipOutput) || m.Readonly || whole
		in := &w[m.Input]
		in.content = safe && m.Dest != pb.RootMount && m.ContentCache != pb.MountContentCache_OFF
		in.selectors = append(in.selectors, selected(m.Selector))
	}
}

func unkept(t pb.MountType) bool {
	return t == pb.MountType_SECRET || t == pb.MountType_SSH || t == pb.MountType_TMPFS
}

// wireActions: content counts of what is copied from, not of what is copied onto.
func wireActions(actions []*pb.FileAction, w []wire) {
	onto := map[int64]bool{}
	for _, a := range actions {
		onto[a.Input] = true
		c := a.GetCopy()
		if c == nil || a.SecondaryInput < 0 || int(a.SecondaryInput) >= len(w) {
			continue
		}
		in := &w[a.SecondaryInput]
		in.content = true
		in.selectors = append(in.selectors, selector{
			path: path.Join("/", c.Src), wildcard: c.AllowWildcard && hasWildcard(c.Src), follow: c.FollowSymlink,
			include: c.IncludePatterns, exclude: c.ExcludePatterns, required: c.RequiredPaths,
		})
	}
	for i := range w {
		if onto[int64(i)] {
			w[i] = wire{}
		}
	}
}

// hasWildcard tells whether a path is a pattern.
func hasWildcard(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// ownKey is the key of what an operation does, without its inputs: what
// BuildKit's cache maps digest. One that is no Exec is written to.
func ownKey(op *pb.Op) plan.Key {
	switch {
	case op.GetExec() != nil:
		return execKey(op.GetExec(), op.Platform)
	case op.GetFile() != nil:
		return fileKey(op.GetFile())
	case op.GetMerge() != nil:
		return newMix("merge").number(len(op.GetMerge().Inputs)).sum()
	}
	op.Inputs, op.Platform, op.Constraints = nil, nil, nil
	return newMix("other").message(op).sum()
}

func execKey(e *pb.ExecOp, p *pb.Platform) plan.Key {
	if e.Meta.ProxyEnv != nil || len(e.Meta.ExtraHosts) > 0 || slices.ContainsFunc(e.Mounts, func(m *pb.Mount) bool { return m.Selector != "" || !plainCache(m) }) {
		e = e.CloneVT()
	}
	for _, h := range e.Meta.ExtraHosts {
		h.IP = ""
	}
	for _, m := range e.Mounts {
		if m.Selector != "" {
			m.Selector = ""
		}
		if !plainCache(m) {
			m.CacheOpt.ID, m.CacheOpt.Sharing = "", pb.CacheSharingOpt_SHARED
		}
	}
	if e.Meta.ProxyEnv != nil {
		e.Meta.ProxyEnv = nil
	}
	return newMix("exec").message(e).message(p).sum()
}

// plainCache tells whether a mount is no cache, or the one that its path names.
func plainCache(m *pb.Mount) bool {
	if m.CacheOpt == nil {
		return true
	}
	_, id, _ := strings.Cut(m.CacheOpt.ID, "/")
	return m.CacheOpt.Sharing == pb.CacheSharingOpt_SHARED && (m.CacheOpt.ID == m.Dest || id == m.Dest)
}

func fileKey(f *pb.FileOp) plan.Key {
	for _, a := range f.Actions {
		if c := a.GetCopy(); c != nil && a.SecondaryInput >= 0 {
			c.Src = path.Base(c.Src)
		}
	}
	return newMix("file").message(f).sum()
}
