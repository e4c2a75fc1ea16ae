package source

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/imgtui/imgtui/model"
)

// openDemo makes the built-in sample in memory: an image shaped as a workshop's
// first one, with its usual faults. It is the same bytes every time.
func openDemo(context.Context, string, Options) (*Image, error) {
	var history []historyEntry
	var diffIDs []model.Digest
	var blobs []Blob
	var layers []stored
	for i, s := range demoSteps() {
		at := demoBegan.Add(time.Duration(i) * 7 * time.Minute)
		history = append(history, historyEntry{Created: at.Format(time.RFC3339), CreatedBy: s.by, Comment: s.comment, EmptyLayer: s.files == nil})
		if s.files == nil {
			continue
		}
		b, size, err := demoLayer(s.files, at)
		if err != nil {
			return nil, err
		}
		diffIDs, blobs = append(diffIDs, b.DiffID), append(blobs, b)
		layers = append(layers, stored{mediaType: "application/vnd.oci.image.layer.v1.tar", download: model.Unknown, tar: size})
	}
	config, err := json.Marshal(demoConfig(history, diffIDs))
	if err != nil {
		return nil, err
	}
	i := compose(config, layers)
	i.Tags = []string{"acct/my-app:1.4"}
	return &Image{Image: i.Image, Blobs: blobs, papers: papers{config: config}}, nil
}

var demoBegan = time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)

func demoConfig(history []historyEntry, diffIDs []model.Digest) map[string]any {
	return map[string]any{
		"created": history[len(history)-1].Created, "architecture": "amd64", "os": "linux",
		"config": map[string]any{
			"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "FLASK_APP=/opt/source-code/app.py"},
			"Entrypoint": []string{"flask", "run"}, "Cmd": []string{"--host=0.0.0.0"}, "WorkingDir": "/opt/source-code",
			"ExposedPorts": map[string]any{"5000/tcp": struct{}{}},
			"Labels":       map[string]string{baseName: "ubuntu:24.04", "org.opencontainers.image.title": "my-app"},
		},
		"history": history,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": diffIDs},
	}
}

// demoLayer makes a layer of the sample: its tar is written anew whenever it is read.
func demoLayer(files []demoFile, at time.Time) (Blob, int64, error) {
	sum := sha256.New()
	var size counted
	if err := writeDemo(io.MultiWriter(sum, &size), files, at); err != nil {
		return Blob{}, 0, err
	}
	return Blob{
		DiffID: model.Digest(fmt.Sprintf("sha256:%x", sum.Sum(nil))), Size: int64(size),
		Open: func(context.Context) (io.ReadCloser, error) {
			var b bytes.Buffer
			b.Grow(int(size))
			if err := writeDemo(&b, files, at); err != nil {
				return nil, err
			}
			return io.NopCloser(&b), nil
		},
	}, int64(size), nil
}

// counted counts what is written to it.
type counted int64

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}

func writeDemo(w io.Writer, files []demoFile, at time.Time) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{Name: f.path, Mode: f.mode, ModTime: at, Size: int64(f.size), Format: tar.FormatPAX}
		switch {
		case f.link != "":
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, f.link, 0
		case f.path[len(f.path)-1] == '/':
			h.Typeflag, h.Size = tar.TypeDir, 0
		case f.text != "":
			h.Size = int64(len(f.text))
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(f.content(h.Size)); err != nil {
			return err
		}
	}
	return t.Close()
}
