package layers

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheProgramIsUnmapped(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	var from, to int64
	for line := range strings.Lines(string(maps)) {
		var a, b int64
		if !strings.Contains(line, "/") || !strings.Contains(line, " r-xp ") {
			continue
		}
		if _, err := fmt.Sscanf(line, "%x-%x", &a, &b); err != nil {
			t.Fatal(err)
		}
		if b-a > to-from {
			from, to = a, b // the code of the program
		}
	}
	code := memory(t, from, to)
	before := filePages(t)
	unmapProgram()
	if after := filePages(t); after > before-int(to-from)>>11 {
		t.Errorf("%d KiB of files are mapped, %d before", after, before)
	}
	if !bytes.Equal(code, memory(t, from, to)) {
		t.Error("what comes again is not what was there")
	}
}

// memory reads, and so maps, what is at an address.
func memory(t *testing.T, from, to int64) []byte {
	t.Helper()
	f, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, to-from)
	if _, err := f.ReadAt(b, from); err != nil {
		t.Fatal(err)
	}
	return b
}

// filePages is how many KiB of files the process has in memory.
func filePages(t *testing.T) (n int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("\nRssFile:"))
	if _, err := fmt.Sscan(string(rest), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
