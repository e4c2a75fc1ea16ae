package buildcontext

import (
	"fmt"
	"io"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// Read returns at most limit bytes of a file of the folder, and whether there
// is more of it.
func (f *Folder) Read(path string, limit int64) ([]byte, bool, error) {
	name := strings.TrimPrefix(tree.Clean(path), "/")
	i, err := f.root.Lstat(name)
	if err != nil {
		return nil, false, err
	}
	if !i.Mode().IsRegular() {
		return nil, false, fmt.Errorf("read %s: no regular file any more", name)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return b[:limit], true, nil
	}
	return b, false, nil
}
