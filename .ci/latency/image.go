package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// What the image is made of.
const (
	layers    = 12
	files     = 60_000
	bytesEach = 1_000_000_000 / files
	deletions = 300
)

const firstStep, lastStep = "make layer 0", "make layer 11"

type descriptor struct {
	name   string
	diffID string
}

// makeImage writes a docker-archive from a seed.
func makeImage(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	tw := tar.NewWriter(f)
	var all []descriptor
	for i := range layers {
		d, err := layer(tw, i)
		if err != nil {
			return err
		}
		all = append(all, d)
	}
	if err := describe(tw, all); err != nil {
		return err
	}
	return tw.Close()
}

// layer writes layer i through a file of its own, for its size and digest.
func layer(tw *tar.Writer, i int) (descriptor, error) {
	tmp, err := os.CreateTemp("", "layer")
	if err != nil {
		return descriptor{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	sum := sha256.New()
	if err := fill(tar.NewWriter(io.MultiWriter(tmp, sum)), i); err != nil {
		return descriptor{}, err
	}
	size, err := tmp.Seek(0, io.SeekCurrent)
	if err != nil {
		return descriptor{}, err
	}
	tmp.Seek(0, io.SeekStart)
	d := descriptor{fmt.Sprintf("layer%02d/layer.tar", i), fmt.Sprintf("sha256:%x", sum.Sum(nil))}
	if err := tw.WriteHeader(&tar.Header{Name: d.name, Mode: 0o644, Size: size}); err != nil {
		return d, err
	}
	_, err = io.Copy(tw, tmp)
	return d, err
}

func fill(tw *tar.Writer, i int) error {
	rnd := rand.New(rand.NewPCG(1, uint64(i)))
	noise := make([]byte, 2*bytesEach)
	for n := range noise {
		noise[n] = byte(rnd.Uint32())
	}
	per := files / layers
	for n := range per {
		dir := fmt.Sprintf("usr/lib/pkg%02d/mod%03d", n/500, n/50)
		if n%50 == 0 {
			if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: time.Unix(1700000000, 0)}); err != nil {
				return err
			}
		}
		size := int64(rnd.IntN(2 * bytesEach))
		name := fmt.Sprintf("%s/file%02d-%d.txt", dir, n%50, i)
		if n%10 == 0 && i > 0 {
			name = fmt.Sprintf("%s/file%02d-%d.txt", dir, n%50, i-1) // rewritten
		}
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: time.Unix(1700000000+int64(i), 0)}); err != nil {
			return err
		}
		if _, err := tw.Write(noise[:size]); err != nil {
			return err
		}
	}
	for n := range (deletions + layers - 2) / (layers - 1) {
		if i == 0 {
			break
		}
		k := n*50 + 7
		if err := tw.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/lib/pkg%02d/mod%03d/.wh.file%02d-%d.txt", k/500, k/50, k%50, i-1), Mode: 0o644}); err != nil {
			return err
		}
	}
	return tw.Close()
}

func describe(tw *tar.Writer, all []descriptor) error {
	var history []map[string]any
	var diffIDs, names []string
	for i, d := range all {
		history = append(history, map[string]any{"created": "2026-01-01T00:00:00Z", "created_by": fmt.Sprintf("RUN make layer %d", i)})
		diffIDs, names = append(diffIDs, d.diffID), append(names, d.name)
	}
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{},
		"history": history, "rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{"large:latest"}, "Layers": names}})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"config.json": config, "manifest.json": manifest} {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		if _, err := tw.Write(data); err != nil {
			return err
		}
	}
	return nil
}
