// Package codec tells how a stream is compressed by its first bytes, and undoes it.
package codec

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/docker/go-units"
	"github.com/klauspost/compress/zstd"

	"github.com/imgtui/imgtui/layers/index/inflate"
)

// How far a zstd stream may look back, which is the memory that it takes.
const (
	usualWindow   = 16 << 20  // what all usual levels are content with
	largestWindow = 128 << 20 // what zstd -22 asks for
)

// compressions tells streams by their first bytes; a nil open is one that we
// know and cannot read.
var compressions = []struct {
	name  string
	magic []byte
	open  func(r *bufio.Reader, window uint64) (io.ReadCloser, error)
}{
	{"gzip", []byte{0x1f, 0x8b}, openGzip},
	{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}, openZstd},
	{"xz", []byte{0xfd, '7', 'z', 'X', 'Z', 0}, nil},
	{"bzip2", []byte("BZh"), nil},
}

// Name returns how a stream that begins with head is compressed: "gzip",
// "zstd", "xz", "bzip2", or "" where it is not.
func Name(head []byte) string {
	for _, c := range compressions {
		if bytes.HasPrefix(head, c.magic) {
			return c.name
		}
	}
	if isSkippable(head) {
		return "zstd"
	}
	return ""
}

// isSkippable tells a frame of a zstd stream that holds no data.
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// Stream is a stream of which the first bytes have been looked at.
type Stream struct {
	r    *bufio.Reader
	head []byte
}

// Begin looks at the first bytes of a stream.
func Begin(r io.Reader) (*Stream, error) {
	b := bufio.NewReaderSize(r, 16<<10) // what takes more at once is read past it
	head, err := b.Peek(zstd.HeaderMaxSize)
	if err != nil && err != io.EOF {
		return nil, err
	}
	return &Stream{b, bytes.Clone(head)}, nil
}

// Name returns how the stream is compressed, as [Name] does.
func (s *Stream) Name() string { return Name(s.head) }

// Buffered returns the bytes that have been read of the stream to look at them.
// Who takes them reads on where they came from.
func (s *Stream) Buffered() []byte {
	b, _ := s.r.Peek(s.r.Buffered())
	return b
}

// Large tells whether undoing the compression takes so much memory that it
// should be done for one stream at a time.
func (s *Stream) Large() bool { return s.window() > usualWindow }

// window is how far a zstd stream wants to look back, as its first frame says.
func (s *Stream) window() uint64 {
	var h zstd.Header
	switch {
	case Name(s.head) != "zstd" || h.Decode(s.head) != nil:
		return 0
	case h.SingleSegment:
		return h.FrameContentSize
	}
	return h.WindowSize
}

// Decode returns the uncompressed bytes of the stream, whatever it is called, for one
// goroutine, which must close them.
// A stream that is not compressed comes out as it is.
func (s *Stream) Decode() (io.ReadCloser, error) {
	name := Name(s.head)
	for _, c := range compressions {
		if c.name != name {
			continue
		}
		if c.open == nil {
			return nil, fmt.Errorf("%s is not read: gzip, zstd and plain tar are", name)
		}
		d, err := c.open(s.r, s.window())
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // it ends in what it began
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return d, nil
	}
	return io.NopCloser(s.r), nil
}

// Decode begins a stream and undoes its compression.
func Decode(r io.Reader) (io.ReadCloser, error) {
	s, err := Begin(r)
	if err != nil {
		return nil, err
	}
	return s.Decode()
}

func openGzip(r *bufio.Reader, _ uint64) (io.ReadCloser, error) { return inflate.NewReader(r) }

// openZstd takes no more memory than the first frame says, or than is usual.
func openZstd(r *bufio.Reader, window uint64) (io.ReadCloser, error) {
	if window > largestWindow {
		return nil, fmt.Errorf("it looks back %s; the limit is %s", units.BytesSize(float64(window)), units.BytesSize(largestWindow))
	}
	return newFrames(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(max(window, usualWindow)), zstd.WithDecoderLowmem(true))
}
