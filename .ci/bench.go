//go:build ignore

// Bench runs imgtui beside the tools that set its limits, by turns, and prints
// the ratios of the medians as the README has them.
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
	return nil
}

// storages measures one image in each way in which layers are stored.
func (b *bench) storages() error {
	real, err := b.real()
	if err != nil {
		return err
	}
	for _, f := range []func(*image) error{b.gzip, b.zstd, b.plain, b.one} {
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
			sum := sha256.New()
			if err := read(i.layers[k%len(i.layers)], sum); err != nil {
				return err
			}
			ids = append(ids, fmt.Sprintf("sha256:%x", sum.Sum(nil)))
			names = append(names, fmt.Sprintf("%d/layer.tar", k))
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

func (b *bench) gzip(i *image) error {
	layers, err := i.packed("gz", gzipped)
	if err != nil {
		return err
	}
	path, err := i.archive("gzip.tar", layers)
	if err != nil {
		return err
	}
	return b.table(i.name+", gzip", path,
		beside{"`igzip -dc`, CPU", sh("igzip -dc", layers), cpu}, beside{"`xargs -P2 igzip -dc`, wall", xargs("igzip -dc", layers), wall})
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
	besides := []beside{{"`tar -tvf` of each layer, wall", sh("tar -tvf", i.layers), wall}}
	if _, err := exec.LookPath("dive"); err == nil {
		besides = append(besides, beside{"`dive --ci`, wall", []string{"dive", "--ci", "--source", "docker-archive", path}, wall})
	}
	return b.table(i.name+", plain", path, besides...)
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
	var c []cost
	for range b.runs {
		one, err := run(b.all(path))
		if err != nil {
			return err
		}
		c = append(c, one)
	}
	m := median(c)
	fmt.Printf("| %d files | an entry: CPU, peak | %.2f µs, %d B | 0.8 µs, 180 B wanted | %d MB peak |\n",
		n, float64(m.cpu.Nanoseconds())/1000/float64(n), m.peak/int64(n), m.peak>>20)
	return nil
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
	costs := make([][]cost, len(all))
	for range b.runs {
		for i, args := range all {
			c, err := run(args)
			if err != nil {
				return fmt.Errorf("%s: %w", strings.Join(args[:2], " "), err)
			}
			costs[i] = append(costs[i], c)
		}
	}
	for i, s := range besides {
		a, z := s.of(median(costs[0])), s.of(median(costs[1+i]))
		fmt.Printf("| %s | %s | %.2f s | %.2f s | %.2f |\n", name, s.name, a.Seconds(), z.Seconds(), a.Seconds()/z.Seconds())
	}
	return nil
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

// run runs a command with its output thrown away.
func run(args []string) (cost, error) {
	c := exec.Command(args[0], args[1:]...)
	var said bytes.Buffer
	c.Stderr = &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return cost{}, fmt.Errorf("%w: %s", err, said.String())
	}
	s := c.ProcessState
	return cost{time.Since(began), s.UserTime() + s.SystemTime(), s.SysUsage().(*syscall.Rusage).Maxrss << 10}, nil
}
