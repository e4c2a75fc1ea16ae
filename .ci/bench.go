//go:build ignore

// Bench runs imgtui beside the tools that set its limits, by turns, and prints
// the medians and their ratios as the README has them. dive is left out where it
// is not on PATH.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
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
}

func (b *bench) run() error {
	if _, err := exec.LookPath("dive"); err != nil {
		fmt.Fprintln(os.Stderr, "left out: dive, which is not on PATH")
	}
	fmt.Println("| image | measured | imgtui | beside | ratio |\n|---|---|---|---|---|")
	if !b.growth {
		if err := b.storages(); err != nil {
			return err
		}
	}
	for _, n := range []int{100_000, 500_000} {
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
	for _, f := range []func(*image) error{b.gzip, b.zstd, b.plain, b.one, b.again} {
		if err := f(real); err != nil {
			return err
		}
	}
	return nil
}

// image is one that is stored in several ways.
type image struct {
	name   string
	layers []string // plain tars
	dir    string
}

func (b *bench) real() (*image, error) {
	if b.layers == "" {
		return b.seeded("seeded", 80_000, 18_000)
	}
	layers, err := filepath.Glob(filepath.Join(b.layers, "*.tar"))
	if err == nil && len(layers) == 0 {
		err = errors.New("no layers in " + b.layers)
	}
	return &image{"Debian", layers, filepath.Join(b.dir, "debian")}, err
}

// seeded makes ten layers of n entries with files of about so many bytes.
func (b *bench) seeded(name string, n, size int) (*image, error) {
	i := &image{name: name, dir: filepath.Join(b.dir, fmt.Sprint(name, n))}
	for k := range 10 {
		path := filepath.Join(i.dir, fmt.Sprintf("%02d.tar", k))
		i.layers = append(i.layers, path)
		if err := make1(path, func(w io.Writer) error { return fill(w, uint64(k), n/10, size) }); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// make1 writes a file unless it is there.
func make1(path string, write func(io.Writer) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(w), w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

const letters = "etaoin shrdlu\n{}();=<>/usr/lib"

// fill writes a layer: folders of sixteen files, a tenth of them of the layer before.
func fill(w io.Writer, seed uint64, n, size int) error {
	r := rand.New(rand.NewPCG(seed, 1))
	tw := tar.NewWriter(w)
	body := make([]byte, 4*size+16)
	for i := range body {
		body[i] = letters[r.IntN(len(letters))]
		if i > 100 && r.IntN(3) > 0 {
			body[i] = body[i-97]
		}
	}
	at := time.Unix(1_700_000_000, 0)
	for i := range n {
		layer := seed
		if i%10 == 0 && seed > 0 {
			layer--
		}
		dir := fmt.Sprintf("usr/lib/part%d/%03d/%02d", layer, i/256%1000, i/16%16)
		h := &tar.Header{Name: fmt.Sprintf("%s/lib-%d.so", dir, i), Typeflag: tar.TypeReg, Mode: 0o644, ModTime: at}
		if i%16 == 0 {
			h.Name, h.Typeflag, h.Mode = dir+"/", tar.TypeDir, 0o755
		} else if size > 0 {
			h.Size = int64(r.IntN(2 * size))
		}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		from := r.IntN(2*size + 1)
		if _, err := tw.Write(body[from : from+int(h.Size)]); err != nil {
			return err
		}
	}
	return tw.Close()
}

// packed returns the layers, each packed by a program's standard output.
func (i *image) packed(ext string, pack func(dst io.Writer, src io.Reader) error) ([]string, error) {
	var all []string
	for k, l := range i.layers {
		path := filepath.Join(i.dir, fmt.Sprintf("%02d.tar.%s", k, ext))
		all = append(all, path)
		if err := make1(path, func(w io.Writer) error {
			f, err := os.Open(l)
			if err != nil {
				return err
			}
			defer f.Close()
			return pack(w, f)
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func gzipped(dst io.Writer, src io.Reader) error {
	z := gzip.NewWriter(dst) // the library's level, as images are pushed
	_, err := io.Copy(z, src)
	return errors.Join(err, z.Close())
}

func zstded(dst io.Writer, src io.Reader) error {
	c := exec.Command("zstd", "-3", "-q", "-c")
	c.Stdin, c.Stdout = src, dst
	return c.Run()
}

// archive writes a docker-archive of layers as they are stored.
func (i *image) archive(name string, layers []string) (string, error) {
	path := filepath.Join(i.dir, name)
	return path, make1(path, func(w io.Writer) error {
		tw := tar.NewWriter(w)
		var names, ids []string
		for k, l := range layers {
			id, err := digest(i.layers[k%len(i.layers)])
			if err != nil {
				return err
			}
			name, err := digest(l)
			if err != nil {
				return err
			}
			ids = append(ids, "sha256:"+id)
			names = append(names, "blobs/sha256/"+name)
			s, err := os.Stat(l)
			if err != nil {
				return err
			}
			if err := tw.WriteHeader(&tar.Header{Name: names[k], Mode: 0o644, Size: s.Size()}); err != nil {
				return err
			}
			if err := read(l, tw); err != nil {
				return err
			}
		}
		var history []map[string]string
		for k := range layers {
			history = append(history, map[string]string{"created_by": fmt.Sprint("layer ", k)})
		}
		config, _ := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": ids}, "history": history, "config": map[string]any{}})
		manifest, _ := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{"bench:1"}, "Layers": names}})
		for name, body := range map[string][]byte{"config.json": config, "manifest.json": manifest} {
			if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(body))}); err != nil {
				return err
			}
			tw.Write(body)
		}
		return tw.Close()
	})
}

func digest(path string) (string, error) {
	sum := sha256.New()
	err := read(path, sum)
	return fmt.Sprintf("%x", sum.Sum(nil)), err
}

func read(path string, into io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(into, f)
	return err
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

// dive adds what dive takes for the same image, where it is there.
func dive(path string, besides ...beside) []beside {
	if _, err := exec.LookPath("dive"); err != nil {
		return besides
	}
	return append(besides, beside{"`dive --ci`, wall", []string{"dive", "--ci", "--lowestEfficiency", "0", "--highestUserWastedPercent", "1", "--source", "docker-archive", path}, wall})
}

func (b *bench) gzip(i *image) error {
	layers, err := i.packed("gz", gzipped)
	if err != nil {
		return err
	}
	path, err := i.archive("gzip.tar", layers)
	if err != nil {
		return err
	}
	return b.table(i.name+", gzip", path, dive(path,
		beside{"`igzip -dc`, CPU", sh("igzip -dc", layers), cpu}, beside{"`xargs -P2 igzip -dc`, wall", xargs("igzip -dc", layers), wall})...)
}

func (b *bench) zstd(i *image) error {
	layers, err := i.packed("zst", zstded)
	if err != nil {
		return err
	}
	path, err := i.archive("zstd.tar", layers)
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
	if err := b.table(i.name+", plain", path, dive(path, beside{"`tar -tvf` of each layer, wall", sh("tar -tvf", i.layers), wall})...); err != nil {
		return err
	}
	return b.screen(i, path)
}

// screen measures how long it takes until the layers are on the screen.
func (b *bench) screen(i *image, path string) error {
	commands := [][]string{{b.imgtui, "--no-cache", path}}
	if _, err := exec.LookPath("dive"); err == nil {
		commands = append(commands, []string{"dive", "--source", "docker-archive", path})
	}
	markers := []string{fmt.Sprint("layer ", len(i.layers)-1), "Current Layer Contents"}
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
		fmt.Printf("| %s, plain | the layers are on the screen | %s | | |\n", i.name, ms(ours))
		return nil
	}
	theirs := median(took[1]).wall
	fmt.Printf("| %s, plain | the layers are on the screen, beside dive's | %s | %s | %.4f |\n", i.name, ms(ours), ms(theirs), ours.Seconds()/theirs.Seconds())
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
	layers, err := whole.packed("gz", gzipped)
	if err != nil {
		return err
	}
	path, err := whole.archive("gzip.tar", layers)
	if err != nil {
		return err
	}
	return b.table(i.name+", one gzip layer", path, beside{"`igzip -dc`, wall", sh("igzip -dc", layers), wall})
}

// body copies a tar without the zeros at its end.
func body(path string, w io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return err
	}
	end := s.Size()
	for block := make([]byte, 512); end >= 512; end -= 512 {
		if _, err := f.ReadAt(block, end-512); err != nil {
			return err
		}
		if len(bytes.Trim(block, "\x00")) > 0 {
			break
		}
	}
	_, err = io.Copy(w, io.NewSectionReader(f, 0, end))
	return err
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
	fmt.Printf("| %d files | an entry, without the start of the program: CPU, peak | %.2f µs, %d B (%d of %d MB) | | |\n",
		n, float64((all.cpu-none.cpu).Nanoseconds())/1000/float64(n), (all.peak-none.peak)/int64(n), (all.peak-none.peak)>>20, all.peak>>20)
	return b.second(fmt.Sprint(n, " files"), path)
}

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
	layers, err := i.packed("gz", gzipped)
	if err != nil {
		return err
	}
	path, err := i.archive("gzip.tar", layers)
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
	return b.table("10000 files, 1500 deletions, plain", path, dive(path)...)
}

// deletes writes whiteouts of files of the layers.
func deletes(w io.Writer, layers []string) error {
	tw := tar.NewWriter(w)
	left := 1500
	for _, l := range layers {
		f, err := os.Open(l)
		if err != nil {
			return err
		}
		r := tar.NewReader(f)
		for n := 0; left > 0 && n < 1500/len(layers)+1; {
			h, err := r.Next()
			if err != nil {
				f.Close()
				return err
			}
			if h.Typeflag != tar.TypeReg {
				continue
			}
			dir, name := filepath.Split(h.Name)
			if err := tw.WriteHeader(&tar.Header{Name: dir + ".wh." + name, Typeflag: tar.TypeReg, Mode: 0o644}); err != nil {
				f.Close()
				return err
			}
			n, left = n+1, left-1
		}
		f.Close()
	}
	return tw.Close()
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
