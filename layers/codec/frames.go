package codec

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"

	"github.com/imgtui/imgtui/layers/index/inflate"
)

// frames undoes a zstd stream one frame at a time, and so knows where each
// begins: from there it can be read on, as frames know nothing of one another. It is
// for one goroutine, which must close it.
type frames struct {
	r   *bufio.Reader
	d   *zstd.Decoder
	now frame
	out int64 // bytes that have been unpacked
	in  int64 // bytes before the frame

	every, last int64
	note        func(inflate.Checkpoint)

	pull func() ([]byte, error, bool)
	stop func()
	rest []byte // unpacked and not read
}

func newFrames(r *bufio.Reader, o ...zstd.DOption) (*frames, error) {
	f := &frames{r: r}
	f.now.r = r
	d, err := zstd.NewReader(&f.now, o...)
	if err != nil {
		return nil, err
	}
	f.d = d
	f.pull, f.stop = iter.Pull2(f.pieces)
	return f, nil
}

// Note calls n at the first frame that begins behind every so many unpacked
// bytes. The place has no window.
func (f *frames) Note(every int64, n func(inflate.Checkpoint)) { f.every, f.note = every, n }

// Read implements io.Reader.
func (f *frames) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		var err error
		if f.rest, err = f.Next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// Next returns the bytes that follow where they were unpacked, or why there are no
// more. They stay as they are until it is called again.
func (f *frames) Next() ([]byte, error) {
	if b := f.rest; len(b) > 0 {
		f.rest = nil
		return b, nil
	}
	b, err, ok := f.pull()
	if !ok {
		return nil, zstd.ErrDecoderClosed
	}
	return b, err
}

// pieces are the bytes of all frames, and why there are no more, again and again.
func (f *frames) pieces(yield func([]byte, error) bool) {
	for {
		_, err := f.d.WriteTo(unpacked(func(b []byte) bool {
			f.out += int64(len(b))
			return yield(b, nil)
		}))
		if err == errUnwanted {
			return
		}
		if err == nil {
			err = f.next()
		}
		for err != nil {
			if !yield(nil, err) {
				return
			}
		}
	}
}

// unpacked is given what is unpacked, and tells whether it wants more.
type unpacked func([]byte) bool

// errUnwanted ends the unpacking of what nobody wants.
var errUnwanted = errors.New("zstd: no more is wanted")

// Write implements io.Writer.
func (u unpacked) Write(b []byte) (int, error) {
	if !u(b) {
		return 0, errUnwanted
	}
	return len(b), nil
}

// next goes to the next frame, or says that there is none.
func (f *frames) next() error {
	if _, err := f.r.Peek(1); err != nil {
		return err
	}
	f.in += f.now.read
	if f.every > 0 && f.out-f.last >= f.every {
		f.last = f.out
		f.note(inflate.Checkpoint{Out: f.out, Bit: 8 * f.in})
	}
	f.now = frame{r: f.r}
	return f.d.Reset(&f.now)
}

// Close implements io.Closer.
func (f *frames) Close() error {
	f.stop()
	f.d.Close()
	return nil
}

// frame is the bytes of one frame of a zstd stream, passed on as they are.
type frame struct {
	r    *bufio.Reader
	read int64
	left int64 // bytes to pass on before there is something to look at
	next part
	sums bool // a checksum ends it
}

// part is what comes next in a frame.
type part uint8

const (
	header part = iota
	block
	checksum
	nothing
)

// Read implements io.Reader. It ends with the frame.
func (f *frame) Read(p []byte) (int, error) {
	if f.left == 0 {
		if err := f.look(); err != nil {
			return 0, err
		}
	}
	n, err := f.r.Read(p[:min(int64(len(p)), f.left)])
	f.left, f.read = f.left-int64(n), f.read+int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// look sees how long the next part is. What is none is passed on, for the
// decoder to say so.
func (f *frame) look() error {
	size := [...]int{header: zstd.HeaderMaxSize, block: 3, checksum: 4, nothing: 0}[f.next]
	if size == 0 {
		return io.EOF
	}
	b, err := f.r.Peek(size)
	if len(b) == 0 {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	f.left = int64(len(b))
	switch {
	case f.next == header:
		f.header(b)
	case len(b) < size:
	case f.next == block:
		f.block(binary.LittleEndian.Uint32([]byte{b[0], b[1], b[2], 0}))
	default:
		f.next = nothing
	}
	return nil
}

func (f *frame) header(b []byte) {
	var h zstd.Header
	switch {
	case h.Decode(b) != nil:
	case h.Skippable:
		f.left, f.next = int64(h.HeaderSize)+int64(h.SkippableSize), nothing
	default:
		f.left, f.next, f.sums = int64(h.HeaderSize), block, h.HasCheckSum
	}
}

// block reads a block's header: whether it is the last, of which kind, how long.
func (f *frame) block(h uint32) {
	const repeated = 1
	f.left = 3 + int64(h>>3)
	if h>>1&3 == repeated {
		f.left = 3 + 1
	}
	switch {
	case h&1 == 0:
	case f.sums:
		f.next = checksum
	default:
		f.next = nothing
	}
}
