package sourcetest

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/imgtui/imgtui/model"
)

// Image is what an image is made from.
type Image struct {
	Tags     []string
	Platform model.Platform // linux/amd64 where it says nothing
	Steps    []Step
	Config   map[string]any // what the config says otherwise; a nil value leaves a key out
}

// Step is a row of the history.
type Step struct {
	By    string
	Layer []byte // a tar; nil is a step without a layer
	Codec string // how the layer is stored: "gzip", "zstd" or "" for plain
}

// App is a small image with what layers can hold: 3 layers and 2 steps without.
func App(tags ...string) Image {
	return Image{Tags: tags, Steps: []Step{
		{By: "ADD rootfs.tar / # buildkit", Layer: Tar(
			Dir("bin/"), File("bin/sh", Noise(1, 3000)), Hardlink("bin/bash", "bin/sh"), Symlink("bin/ash", "sh"),
			Dir("etc/"), File("etc/motd", "welcome\n"), File("etc/passwd", "root:x:0:0::/root:/bin/sh\n"), File("empty", ""))},
		{By: `CMD ["sh"]`},
		{By: "COPY app /app # buildkit", Layer: Tar(Dir("app/"), File("app/main.py", "print('hello')\n"), File("etc/motd", "hello from the app\n"))},
		{By: "ENV A=1"},
		{By: "RUN /bin/sh -c rm /etc/passwd # buildkit", Layer: Tar(Dir("etc/"), File("etc/.wh.passwd", ""))},
	}}
}

// Stored returns the image with every layer stored so.
func (i Image) Stored(codec string) Image {
	steps := append([]Step(nil), i.Steps...)
	for n := range steps {
		steps[n].Codec = codec
	}
	i.Steps = steps
	return i
}

// For returns the image as one of another platform: its first layer says so too.
func (i Image) For(platform string) Image {
	p, err := model.ParsePlatform(platform)
	check(err)
	i.Platform = p
	i.Steps = append([]Step(nil), i.Steps...)
	i.Steps[0].Layer = Tar(File("platform", platform))
	return i
}

// Says returns the image with a config that says something otherwise.
func (i Image) Says(key string, value any) Image {
	c := map[string]any{key: value}
	for k, v := range i.Config {
		if k != key {
			c[k] = v
		}
	}
	i.Config = c
	return i
}

// layers returns the steps that have one.
func (i Image) layers() []Step {
	var all []Step
	for _, s := range i.Steps {
		if s.Layer != nil {
			all = append(all, s)
		}
	}
	return all
}

// DiffIDs returns the digests of the layers' tars, lowest first.
func (i Image) DiffIDs() []model.Digest {
	all := []model.Digest{}
	for _, s := range i.layers() {
		all = append(all, Digest(s.Layer))
	}
	return all
}

// ID is the digest of the config.
func (i Image) ID() model.Digest { return Digest(i.JSON()) }

// platform is what the image is for.
func (i Image) platform() model.Platform {
	if i.Platform == (model.Platform{}) {
		return model.Platform{OS: "linux", Architecture: "amd64"}
	}
	return i.Platform
}

// JSON is the image's config.
func (i Image) JSON() []byte {
	var history []map[string]any
	for n, s := range i.Steps {
		row := map[string]any{"created": Noon.Add(time.Duration(n) * time.Minute).Format(time.RFC3339), "created_by": s.By}
		if s.Layer == nil {
			row["empty_layer"] = true
		}
		history = append(history, row)
	}
	p := i.platform()
	c := map[string]any{
		"os": p.OS, "architecture": p.Architecture, "created": Noon.Format(time.RFC3339),
		"config":  map[string]any{"Cmd": []string{"sh"}, "Env": []string{"A=1"}},
		"history": history, "rootfs": map[string]any{"type": "layers", "diff_ids": i.DiffIDs()},
	}
	if p.Variant != "" {
		c["variant"] = p.Variant
	}
	maps.Copy(c, i.Config)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return encode(c)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	check(err)
	return b
}
