package tree

// TouchedBy returns the indexes of those layers that say something of a path:
// carry it, hide it, or hide a directory above it.
func TouchedBy(layers []*Layer, path string) []int {
	var all []int
	for _, l := range layers {
		if l.Touches(path) {
			all = append(all, l.Index)
		}
	}
	return all
}

// Touches tells whether the layer says something of a path.
func (l *Layer) Touches(path string) bool {
	n := l.Root
	for name := range elements(path) {
		if n.mark&(opaque|replaces) != 0 || n.mark&implied == 0 && n.Kind != Dir {
			return true
		}
		if n = n.Kid(name); n == nil {
			return false
		}
	}
	return n.mark&(implied|opaque|replaces) != implied
}

// Carries tells whether the layer has an entry for a path.
func (l *Layer) Carries(path string) bool {
	n := l.Root.Find(path)
	return n != nil && n.mark&(whiteout|implied) == 0
}
