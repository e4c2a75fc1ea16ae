package source

import (
	"crypto/rand"
	"os"
	"path/filepath"
)

// deleteOnClose is FILE_FLAG_DELETE_ON_CLOSE.
const deleteOnClose = 0x04000000

// nameless makes a temporary file that the system removes when it is closed.
func nameless() (*os.File, error) {
	path := filepath.Join(os.TempDir(), "imgtui-"+rand.Text())
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|deleteOnClose, 0o600)
}
