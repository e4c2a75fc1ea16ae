//go:build ignore

package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

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

// stored writes a docker-archive of the packed layers, which it returns too.
func (i *image) stored(name, ext string, pack func(dst io.Writer, src io.Reader) error) (layers []string, path string, err error) {
	if layers, err = i.packed(ext, pack); err == nil {
		path, err = i.archive(name, layers)
	}
	return layers, path, err
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
