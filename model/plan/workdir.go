package plan

import (
	"path"

	"github.com/imgtui/imgtui/model/tree"
)

// WorkDir returns the layer that a WORKDIR makes over the root beneath, and the
// directory it leads to: relative ones stand on the one before. The root itself
// makes none. What is missing
// belongs to the user in force; only its Chown, Passwd, Group, Time, Layer and
// Base are looked at in the spec, and its WorkDir and Dest.
func WorkDir(lower *tree.Node, spec CopySpec) (*tree.Layer, string, error) {
	to := path.Join("/", spec.Dest)
	if !path.IsAbs(spec.Dest) {
		to = path.Join("/", spec.WorkDir, spec.Dest)
	}
	if to == "/" {
		return nil, to, nil
	}
	o, err := parseOwner(spec, lower != nil)
	if err != nil {
		return nil, "", err
	}
	d := newDisk(lower, spec.Time)
	as := tree.Attr{Kind: tree.Dir, Mode: 0o755, ModTime: spec.Time}
	if o != nil {
		as.UID, as.GID = o.uid, o.gid
	}
	real, err := resolve(to, d.link)
	if err == nil {
		err = d.makeAll(real, as)
	}
	if err != nil {
		return nil, "", err
	}
	return d.layer(spec.Layer, spec.Base), to, nil
}
