package layers

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/imgtui/imgtui/model/session"
)

// lend puts a text into a file in a folder of its own.
func lend(r session.Lending, send func(session.Msg)) error {
	dir, err := os.MkdirTemp("", "imgtui-")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, filepath.Base(r.Name))
	if err := os.WriteFile(path, []byte(r.Text), 0o600); err != nil {
		os.RemoveAll(dir)
		return fmt.Errorf("write a copy: %w", err)
	}
	send(session.Lent{Of: r, Path: path})
	return nil
}

// regain reads a lent file and takes it away. One that cannot be read stays
// where it is, so that nothing is lost.
func regain(r session.Regaining, send func(session.Msg)) error {
	text, err := readDraft(r.Path)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Dir(r.Path)); err != nil {
		return err
	}
	send(session.Regained{Of: r, Text: text})
	return nil
}
