package buildcontext

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"

	"github.com/zeebo/xxh3"
)

// memoryForm is the form of a stored memory; another form is not read.
const memoryForm = 1

// errMemory says that bytes are no memory, or not one of this form.
var errMemory = errors.New("not a memory of a context")

// MarshalBinary implements encoding.BinaryMarshaler, for who keeps a memory
// from one run to the next.
func (m *Memory) MarshalBinary() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	e := gob.NewEncoder(&b)
	if err := errors.Join(e.Encode(memoryForm), e.Encode(m.files)); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint64(b.Bytes(), xxh3.Hash(b.Bytes()[8:]))
	return b.Bytes(), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler. Bytes that are not
// whole are refused, and the memory stays as it is.
func (m *Memory) UnmarshalBinary(b []byte) error {
	if len(b) < 8 || binary.LittleEndian.Uint64(b) != xxh3.Hash(b[8:]) {
		return errMemory
	}
	d := gob.NewDecoder(bytes.NewReader(b[8:]))
	var form int
	if err := d.Decode(&form); err != nil || form != memoryForm {
		return errMemory
	}
	files := map[string]memo{}
	if err := d.Decode(&files); err != nil {
		return errMemory
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files = files
	return nil
}
