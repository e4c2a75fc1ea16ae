package store

import (
	"fmt"
	"os"
	"time"
)

// job is an entry that is to be kept.
type job struct {
	key  Key
	made func() (Entry, error)
}

// lastBegin is how long the end of a run may begin writes for the sake of the next.
const lastBegin = 500 * time.Millisecond

// Put keeps an entry under a key, in its own time: one goroutine calls made and
// writes what that returns, one entry after the other.
func (s *Store) Put(k Key, made func() (Entry, error)) {
	if s == nil || s.none != nil || k == (Key{}) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.until.IsZero() {
		return
	}
	s.queue = append(s.queue, job{k, made})
	if s.writing == nil {
		s.writing = make(chan struct{})
		go s.write(s.writing)
	}
}

// Close ends the writing. What waits begins to be written as long as there is
// patience, else not at all; for what has begun it waits as long once more, and no
// longer: a disk that hangs holds up nobody. What a process leaves half written
// when it ends is no entry, and swept away later. It may be called twice.
func (s *Store) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	if s.until.IsZero() {
		s.until = time.Now().Add(s.patient)
	}
	done := s.writing
	s.mu.Unlock()
	if done == nil {
		return
	}
	t := time.NewTimer(2 * s.patient)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// write is the goroutine that writes. It closes done.
func (s *Store) write(done chan struct{}) {
	defer close(done)
	for {
		for j, ok := s.next(); ok; j, ok = s.next() {
			if err := s.keep(j); err != nil {
				s.log.Debug("an entry is not kept", "key", j.key, "cause", err)
			}
		}
		s.sweep()
		if s.rested() {
			return
		}
	}
}

// next returns what is to be written next.
func (s *Store) next() (job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tooLate() {
		s.log.Debug("the run ends", "not kept", len(s.queue))
		s.queue = nil
	}
	if len(s.queue) == 0 {
		return job{}, false
	}
	j := s.queue[0]
	s.queue[0] = job{} // which holds on to a tree
	s.queue = s.queue[1:]
	return j, true
}

func (s *Store) tooLate() bool {
	return len(s.queue) > 0 && !s.until.IsZero() && time.Now().After(s.until)
}

// rested tells whether nothing is left to be written, after which the next Put
// needs a new writer.
func (s *Store) rested() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		return false
	}
	s.writing = nil
	return true
}

// keep writes an entry. Where the disk does not take it, those that wait are
// not tried.
func (s *Store) keep(j job) error {
	pieces, err := s.packed(j)
	if err != nil {
		return err
	}
	root, err := s.place()
	if err == nil {
		defer root.Close()
		err = writeAside(root, j.key.file(), pieces)
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.queue = nil
		return err
	}
	s.touch(root, j.key)
	return nil
}

// packed makes the bytes of an entry's file.
func (s *Store) packed(j job) (pieces [][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal fault: %v", p)
		}
	}()
	e, err := j.made()
	if err != nil {
		return nil, err
	}
	if pieces, err = s.squeeze.pack(j.key, e); err != nil {
		return nil, err
	}
	n := int64(0)
	for _, b := range pieces {
		n += int64(len(b))
	}
	if n > s.most/2 {
		return nil, fmt.Errorf("it takes %d bytes of the %d that all may take", n, s.most)
	}
	return pieces, nil
}

// place opens the store's folder, and makes it where there is none.
func (s *Store) place() (*os.Root, error) {
	if err := makeFolder(s.dir); err != nil {
		return nil, err
	}
	return s.folder()
}
