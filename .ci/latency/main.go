// Command latency makes an image of 60,000 files, 1 GB, 12 layers and 300
// deletions, runs imgtui on it in a pseudo-terminal, and prints how long the
// first frame, the trees and single keys take, what CPU and what memory. It
// ends with 1 where something takes more than it may. It needs Linux.
//
//	latency [-keep DIR] IMGTUI
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

func main() {
	keep := flag.String("keep", "", "folder that keeps the made image")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: latency [-keep DIR] IMGTUI")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *keep); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

func run(program, dir string) error {
	if dir == "" {
		d, err := os.MkdirTemp("", "latency")
		if err != nil {
			return err
		}
		defer os.RemoveAll(d)
		dir = d
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	image := filepath.Join(dir, "large.tar")
	if _, err := os.Stat(image); errors.Is(err, os.ErrNotExist) {
		if err := makeImage(image); err != nil {
			return errors.Join(err, os.Remove(image))
		}
	}
	return measure(program, image)
}

// What may be taken at the most.
const (
	mostFirst  = 150 * time.Millisecond
	mostTrees  = 3 * time.Second // of CPU
	mostKey    = 16 * time.Millisecond
	mostMemory = 200 // MB
)

// report prints figures and remembers whether one is over its budget.
type report struct{ over []string }

func (r *report) line(name, figures string, within bool) {
	verdict := "ok"
	if !within {
		verdict = "OVER"
		r.over = append(r.over, name)
	}
	fmt.Printf("%-32s %-72s %s\n", name, figures, verdict)
}

func (r *report) err() error {
	if r.over == nil {
		return nil
	}
	return fmt.Errorf("over budget: %s", strings.Join(r.over, ", "))
}

// console is the terminal that the program runs in.
type console struct {
	mu   sync.Mutex
	em   *vt.Emulator
	tty  *os.File
	seen chan struct{} // holds a token after each write of the program
	came time.Time     // when the program wrote last
}

func (c *console) pump() {
	buf := make([]byte, 1<<16)
	for {
		n, err := c.tty.Read(buf)
		if n > 0 {
			came := time.Now()
			c.mu.Lock()
			c.em.Write(buf[:n])
			c.came = came
			c.mu.Unlock()
			select {
			case c.seen <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// screen returns what is on the screen, and when it came.
func (c *console) screen() (string, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.em.String(), c.came
}

// until returns how long it took from a moment until the program wrote what
// makes the screen satisfy f.
func (c *console) until(from time.Time, f func(string) bool) (time.Duration, error) {
	for end := time.After(time.Minute); ; {
		screen, came := c.screen()
		if f(screen) {
			return came.Sub(from), nil
		}
		select {
		case <-c.seen:
		case <-end:
			return 0, fmt.Errorf("waited in vain; on the screen is:\n%s", screen)
		}
	}
}

func measure(program, image string) error {
	const w, h = 120, 40
	cmd := exec.Command(program, image)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "HOME="+filepath.Dir(image))
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: w, Rows: h})
	if err != nil {
		return err
	}
	defer tty.Close()
	c := &console{em: vt.NewEmulator(w, h), tty: tty, seen: make(chan struct{}, 1)}
	go c.pump()
	go io.Copy(tty, c.em) // the terminal's answers
	var r report
	if err := opening(c, &r, cmd.Process.Pid, began); err != nil {
		return err
	}
	if err := keys(c, &r, cmd.Process.Pid); err != nil {
		return err
	}
	tty.Write([]byte("\x03"))
	if err := cmd.Wait(); err != nil {
		return err
	}
	memory := int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1000)
	r.line("peak memory", fmt.Sprintf("%d MB", memory), memory < mostMemory)
	return r.err()
}

// opening measures the time to the first frame and to the last tree.
func opening(c *console, r *report, pid int, began time.Time) error {
	first, err := c.until(began, func(s string) bool { return strings.Contains(s, lastStep) && strings.Contains(s, firstStep) })
	if err != nil {
		return err
	}
	r.line("first frame with all steps", round(first), first < mostFirst)
	trees, err := c.until(began, func(s string) bool { return strings.Contains(s, "dead ") })
	if err != nil {
		return err
	}
	cpu, err := processor(pid)
	if err != nil {
		return err
	}
	r.line("all trees and dead bytes", fmt.Sprintf("%s, %s of CPU", round(trees), round(cpu)), cpu < mostTrees)
	return nil
}

// processor returns what CPU time a process has used.
func processor(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	var ticks int
	for _, s := range f[11:13] {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// trial is a kind of key press: keys that go round and round. What the key
// brings is there when shows finds a difference.
type trial struct {
	name, before string
	keys         []string
	after        string
	shows        func(screen string) string
}

var trials = []trial{
	{"layer switch", "1g", []string{"j", "j", "j", "j", "j", "j", "k", "k", "k", "k", "k", "k"}, "", rows},
	{"fold, unfold", "1G2g", []string{"\r"}, "", rows},
	{"cursor in files, all unfolded", "2=", []string{"j", "j", "j", "k"}, "-", all},
	{"filter key: is shown", "1G2c/file", []string{"1", "2", "\x7f", "\x7f"}, "\x1b", all},
	{"filter key: files are found", "/file", []string{"1", "2", "\x7f", "\x7f"}, "\x1b", counter},
}

func all(screen string) string { return screen }

// rows returns the rows of the files pane.
func rows(screen string) string {
	var b strings.Builder
	for line := range strings.Lines(screen) {
		_, right, _ := strings.Cut(line, "││")
		b.WriteString(right)
	}
	return b.String()
}

// counter returns the line in which the files are counted.
func counter(screen string) string {
	for line := range strings.Lines(screen) {
		if i := strings.LastIndex(line, "╰"); i >= 0 && strings.Contains(line[i:], " of ") && strings.Contains(line[i:], "╯") {
			screen = line[i:]
		}
	}
	return screen
}

const presses = 200

// escape is how long a program waits for what may follow an escape.
const escape = 200 * time.Millisecond

func keys(c *console, r *report, pid int) error {
	for _, t := range trials {
		for _, b := range []byte(t.before) {
			c.tty.Write([]byte{b})
			quiet(c)
		}
		var took []time.Duration
		idle, err := processor(pid)
		if err != nil {
			return err
		}
		for i := range presses {
			d, err := press(c, t.keys[i%len(t.keys)], t.shows)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			took = append(took, d)
		}
		busy, err := processor(pid)
		if err != nil {
			return err
		}
		c.tty.WriteString(t.after)
		time.Sleep(escape)
		quiet(c)
		slices.Sort(took)
		p99 := took[len(took)*99/100]
		r.line(t.name, fmt.Sprintf("p50 %s   p99 %s   worst %s   CPU %s each", round(took[len(took)/2]), round(p99), round(took[len(took)-1]), round((busy-idle)/presses)), p99 < mostKey)
	}
	return nil
}

// frame is the longest time between two frames.
const frame = time.Second / 60

// press sends a key and returns how long it takes until what it brings is shown.
func press(c *console, key string, shows func(string) string) (time.Duration, error) {
	quiet(c)
	time.Sleep(rand.N(frame)) // or all keys would come at one moment between two frames
	screen, _ := c.screen()
	was := shows(screen)
	began := time.Now()
	if _, err := c.tty.WriteString(key); err != nil {
		return 0, err
	}
	return c.until(began, func(s string) bool { return shows(s) != was })
}

// quiet waits until the program draws nothing any more.
func quiet(c *console) {
	for {
		select {
		case <-c.seen:
		case <-time.After(30 * time.Millisecond):
			return
		}
	}
}

func round(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
