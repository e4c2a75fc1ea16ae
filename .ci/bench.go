//go:build ignore

// Bench runs imgtui beside the tools that set its limits, by turns, and prints
// the medians and their ratios as the README has them. dive is left out where it
// is not on PATH.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	var b bench
	flag.StringVar(&b.imgtui, "imgtui", "", "the binary to measure")
	flag.StringVar(&b.dir, "dir", "", "folder of the images; made where they are not there")
	flag.StringVar(&b.layers, "layers", "", "folder of layers of a real image, *.tar, as .ci/benchlayers makes them; else they are made from a seed")
	flag.BoolVar(&b.growth, "growth", false, "only measure how costs grow with entries")
	flag.IntVar(&b.runs, "runs", 5, "how often each is run")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	imgtui, dir, layers string
	growth              bool
	runs                int
	few                 struct{ n, peak int64 } // the image of fewest files
}

func (b *bench) run() error {
	if !hasDive() {
		fmt.Fprintln(os.Stderr, "left out: dive, which is not on PATH")
	}
	fmt.Println("| image | measured | imgtui | beside | ratio |\n|---|---|---|---|---|")
	if !b.growth {
		if err := b.storages(); err != nil {
			return err
		}
	}
	sizes := []int{100_000, 500_000}
	if b.growth {
		sizes = append(sizes, 5_000_000)
	}
	for _, n := range sizes {
		if err := b.entries(n); err != nil {
			return err
		}
	}
	if b.growth {
		return nil
	}
	return b.deletions()
}

// storages measures one image in each way in which layers are stored.
func (b *bench) storages() error {
	real, err := b.real()
	if err != nil {
		return err
	}
	for _, f := range []func(*image) error{b.gzip, b.zstd, b.plain, b.one, b.again, b.dives} {
		if err := f(real); err != nil {
			return err
		}
	}
	return nil
}

// cost is what a command took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

// all reads every layer into trees, and prints next to nothing.
func (b *bench) all(path string) []string {
	return []string{b.imgtui, "tree", "--no-cache", "--depth", "1", path}
}

// hasDive tells whether dive is on PATH.
func hasDive() bool {
	_, err := exec.LookPath("dive")
	return err == nil
}

// dive prints what dive takes for the same image, where it is there.
func (b *bench) dive(name, path string) error {
	if !hasDive() {
		return nil
	}
	return b.table(name, path, beside{"`dive --ci`, wall", []string{"dive", "--ci", "--lowestEfficiency", "0", "--highestUserWastedPercent", "1", "--source", "docker-archive", path}, wall})
}

// undeleted is how many layers of a real image there are before the first that
// deletes many files: dive takes minutes for such.
const undeleted = 6

// dives measures the first layers of an image beside dive.
func (b *bench) dives(i *image) error {
	if !hasDive() {
		return nil
	}
	n := min(undeleted, len(i.layers))
	name := fmt.Sprintf("%s, its first %d layers", i.name, n)
	packed, err := i.packed("gz", gzipped)
	if err != nil {
		return err
	}
	path, err := i.archive("first-gzip.tar", packed[:n])
	if err != nil {
		return err
	}
	if err := b.dive(name+", gzip", path); err != nil {
		return err
	}
	if path, err = i.archive("first.tar", i.layers[:n]); err != nil {
		return err
	}
	if err := b.dive(name+", plain", path); err != nil {
		return err
	}
	return b.screen(name, path, n, true)
}

func (b *bench) gzip(i *image) error {
	layers, path, err := i.stored("gzip.tar", "gz", gzipped)
	if err != nil {
		return err
	}
	return b.table(i.name+", gzip", path,
		beside{"`igzip -dc`, CPU", sh("igzip -dc", layers), cpu}, beside{"`xargs -P2 igzip -dc`, wall", xargs("igzip -dc", layers), wall})
}

func (b *bench) zstd(i *image) error {
	layers, path, err := i.stored("zstd.tar", "zst", zstded)
	if err != nil {
		return err
	}
	return b.table(i.name+", zstd", path, beside{"`zstd -dc`, CPU", sh("zstd -dcq", layers), cpu})
}

func (b *bench) plain(i *image) error {
	path, err := i.archive("plain.tar", i.layers)
	if err != nil {
		return err
	}
	if err := b.table(i.name+", plain", path, beside{"`tar -tvf` of each layer, wall", sh("tar -tvf", i.layers), wall}); err != nil {
		return err
	}
	return b.screen(i.name, path, len(i.layers), false)
}

// screen measures how long it takes until the layers are on the screen, of dive too
// if it is wanted.
func (b *bench) screen(name, path string, layers int, dive bool) error {
	commands := [][]string{{b.imgtui, "--no-cache", path}}
	if dive {
		commands = append(commands, []string{"dive", "--source", "docker-archive", path})
	}
	markers := []string{fmt.Sprint("layer ", layers-1), "Current Layer Contents"}
	took := make([][]cost, len(commands))
	for range b.runs {
		for k, args := range commands {
			d, err := until(args, markers[k])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			took[k] = append(took[k], cost{wall: d})
		}
	}
	ours := median(took[0]).wall
	if len(took) == 1 {
		fmt.Printf("| %s, plain | the layers are on the screen | %s | | |\n", name, ms(ours))
		return nil
	}
	theirs := median(took[1]).wall
	fmt.Printf("| %s, plain | the layers are on the screen, beside dive's | %s | %s | %.4f |\n", name, ms(ours), ms(theirs), ours.Seconds()/theirs.Seconds())
	return nil
}

// until runs a program on a terminal until it has written something, and returns
// how long that took.
func until(args []string, marker string) (time.Duration, error) {
	master, slave, err := terminal()
	if err != nil {
		return 0, err
	}
	defer master.Close()
	c := exec.Command(args[0], args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.Env = append(os.Environ(), "TERM=xterm-256color")
	c.Dir = os.TempDir() // no Dockerfile there
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	began := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	slave.Close()
	defer c.Wait()
	defer c.Process.Kill()
	defer time.AfterFunc(5*time.Minute, func() { c.Process.Kill() }).Stop()
	var said []byte
	for buf := make([]byte, 64<<10); ; {
		n, err := master.Read(buf)
		if said = append(said, buf[:n]...); bytes.Contains(said, []byte(marker)) {
			return time.Since(began), nil
		}
		if err != nil {
			return 0, fmt.Errorf("it ended without %q: %w", marker, err)
		}
	}
}

// terminal returns the two ends of one with 50 rows of 200.
func terminal() (master, slave *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = errors.Join(unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0), unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200}))
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	return master, slave, err
}

// one is all layers as a single large one.
func (b *bench) one(i *image) error {
	whole := &image{i.name, []string{filepath.Join(i.dir, "one.tar")}, filepath.Join(i.dir, "one")}
	if err := make1(whole.layers[0], func(w io.Writer) error {
		for _, l := range i.layers {
			if err := body(l, w); err != nil {
				return err
			}
		}
		_, err := w.Write(make([]byte, 1024))
		return err
	}); err != nil {
		return err
	}
	layers, path, err := whole.stored("gzip.tar", "gz", gzipped)
	if err != nil {
		return err
	}
	return b.table(i.name+", one gzip layer", path, beside{"`igzip -dc`, wall", sh("igzip -dc", layers), wall})
}

func (b *bench) entries(n int) error {
	i, err := b.seeded("files", n, 500)
	if err != nil {
		return err
	}
	path, err := i.archive("plain.tar", i.layers)
	if err != nil {
		return err
	}
	m, err := b.median(b.all(path), []string{b.imgtui, "version"})
	if err != nil {
		return err
	}
	all, none := m[0], m[1]
	of := fmt.Sprintf("%d for the start alone", none.peak>>20)
	if b.few.n == 0 {
		b.few.n, b.few.peak = int64(n), all.peak
	} else {
		of = fmt.Sprintf("%d B for each file more than %d", (all.peak-b.few.peak)/(int64(n)-b.few.n), b.few.n)
	}
	fmt.Printf("| %d files | CPU of an entry, without the start of the program; peak of memory | %.2f µs; %d MB, %s | | |\n",
		n, float64((all.cpu-none.cpu).Nanoseconds())/1000/float64(n), all.peak>>20, of)
	if err := b.second(fmt.Sprint(n, " files"), path); err != nil || n > mostDived || !hasDive() {
		return err
	}
	if err := b.dive(fmt.Sprint(n, " files, plain"), path); err != nil {
		return err
	}
	return b.screen(fmt.Sprint(n, " files"), path, len(i.layers), true)
}

// mostDived is how many files an image may have that dive is measured with.
const mostDived = 100_000

// second opens an image that has been opened before.
func (b *bench) second(name, path string) error {
	cache, err := os.MkdirTemp(b.dir, "cache")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	known := []string{"XDG_CACHE_HOME=" + cache, b.imgtui, "tree", "--depth", "1", path}
	if _, err := run(known); err != nil {
		return err
	}
	m, err := b.median(known, b.all(path), []string{b.imgtui, "version"})
	if err != nil {
		return err
	}
	fmt.Printf("| %s, opened again | without the start of the program, wall | %s | %s the first time | %.2f |\n",
		name, ms(m[0].wall-m[2].wall), ms(m[1].wall-m[2].wall), float64(m[0].wall-m[2].wall)/float64(m[1].wall-m[2].wall))
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// again opens the packed image again.
func (b *bench) again(i *image) error {
	_, path, err := i.stored("gzip.tar", "gz", gzipped)
	if err != nil {
		return err
	}
	return b.second(i.name+", gzip", path)
}

// deletions measures an image whose top layer deletes 1,500 files of the others.
func (b *bench) deletions() error {
	i, err := b.seeded("deleted", 10_000, 500)
	if err != nil {
		return err
	}
	path := filepath.Join(i.dir, "10.tar")
	if err := make1(path, func(w io.Writer) error { return deletes(w, i.layers[:9]) }); err != nil {
		return err
	}
	i.layers = append(i.layers, path)
	if path, err = i.archive("plain.tar", i.layers); err != nil {
		return err
	}
	return b.dive("10000 files, 1500 deletions, plain", path)
}

type beside struct {
	name string
	args []string
	of   func(cost) time.Duration
}

func cpu(c cost) time.Duration  { return c.cpu }
func wall(c cost) time.Duration { return c.wall }

func sh(command string, files []string) []string {
	return append([]string{"sh", "-c", "for f; do " + command + " \"$f\" || exit 1; done", "sh"}, files...)
}

func xargs(command string, files []string) []string {
	return append([]string{"sh", "-c", "printf '%s\\n' \"$@\" | xargs -P2 -n1 " + command, "sh"}, files...)
}

// table runs imgtui and what stands beside it by turns, and prints a row for each.
func (b *bench) table(name, path string, besides ...beside) error {
	all := [][]string{b.all(path)}
	for _, s := range besides {
		all = append(all, s.args)
	}
	m, err := b.median(all...)
	if err != nil {
		return err
	}
	for i, s := range besides {
		a, z := s.of(m[0]), s.of(m[1+i])
		fmt.Printf("| %s | %s | %.2f s | %.2f s | %.3f |\n", name, s.name, a.Seconds(), z.Seconds(), a.Seconds()/z.Seconds())
	}
	return nil
}

// median runs commands by turns and returns the medians of what each took.
func (b *bench) median(commands ...[]string) ([]cost, error) {
	costs := make([][]cost, len(commands))
	for range b.runs {
		for i, args := range commands {
			c, err := run(args)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", strings.Join(args[:2], " "), err)
			}
			costs[i] = append(costs[i], c)
		}
	}
	var all []cost
	for _, c := range costs {
		all = append(all, median(c))
	}
	return all, nil
}

func median(c []cost) cost {
	by := func(of func(cost) int64) int64 {
		var all []int64
		for _, k := range c {
			all = append(all, of(k))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return cost{time.Duration(by(func(c cost) int64 { return int64(c.wall) })), time.Duration(by(func(c cost) int64 { return int64(c.cpu) })), by(func(c cost) int64 { return c.peak })}
}

// run runs a command, which may begin with where its cache is, with its output
// thrown away.
func run(args []string) (cost, error) {
	env := os.Environ()
	if strings.HasPrefix(args[0], "XDG_") {
		env, args = append(env, args[0]), args[1:]
	}
	c := exec.Command(args[0], args[1:]...)
	c.Env = env
	var said bytes.Buffer
	c.Stderr = &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return cost{}, fmt.Errorf("%w: %s", err, said.String())
	}
	s := c.ProcessState
	return cost{time.Since(began), s.UserTime() + s.SystemTime(), s.SysUsage().(*syscall.Rusage).Maxrss << 10}, nil
}
