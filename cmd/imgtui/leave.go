package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

const pushLong = `The image may be of any source: an archive, an engine, another registry. Blobs
that the registry has are not sent; those of another repository of the same
registry are only named. Without REFERENCE it is pushed by the name that it has.
The credentials are those of the docker command and its helpers.`

// push pushes an image to a registry.
func (c *call) push() error {
	ctx := c.Context()
	p, err := c.withImage(ctx, func(i *source.Image) (source.Put, error) {
		to, err := c.pushTo(i)
		if err != nil {
			return source.Put{}, err
		}
		return layers.Put(ctx, i, session.ToPush, to, layers.Putting{Source: source.Options{Insecure: c.insecure}, Tell: c.tellAll()})
	})
	if err != nil {
		return c.ended(ctx, err)
	}
	if c.json {
		return c.write(putDocument(p))
	}
	_, err = fmt.Fprintf(c.out, "%s@%s %s sent\n", words.Visible(p.To), p.Digest, words.Bytes(p.Bytes))
	return err
}

// pushTo is the name to push by.
func (c *call) pushTo(i *source.Image) (string, error) {
	if len(c.args) > 1 {
		return c.args[1], nil
	}
	_, name, ok := strings.Cut(i.Reference, "://")
	if !ok {
		name = i.Reference
	}
	if i.Source != "docker" && i.Source != "podman" && i.Source != "registry" {
		if name = ""; len(i.Tags) == 1 {
			name = i.Tags[0]
		}
	}
	if name == "" || strings.HasPrefix(name, "sha256:") {
		return "", &usageError{"push: " + i.Reference + " has no name to go by", "name it: imgtui push IMAGE registry/repository:tag"}
	}
	return name, nil
}

// ended leaves an interrupt as it is.
func (c *call) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

const saveLong = `The image may be of any source. The file is written aside and takes its place
when it is whole.`

func saveFlags(f *pflag.FlagSet, o *options) {
	f.StringVarP(&o.dest, "output", "o", "", "the `file` to write")
	f.StringVar(&o.format, "format", "docker", "the `form` of the archive: docker, as docker save writes it, or oci")
	f.StringArrayVarP(&o.build.tags, "tag", "t", nil, "the `name` of the image in the archive; without it the one that it has")
}

// save writes an image to an archive.
func (c *call) save() error {
	way, ok := map[string]session.Way{"docker": session.ToArchive, "oci": session.ToOCI}[c.format]
	switch {
	case !ok:
		return &usageError{"--format " + c.format + ": no such form", "it is docker or oci"}
	case c.dest == "":
		return &usageError{"save: no file to write", "name it with -o"}
	case len(c.build.tags) > 1:
		return &usageError{"save: one name is written", "give -t once"}
	}
	ctx := c.Context()
	p, err := c.withImage(ctx, func(i *source.Image) (source.Put, error) {
		tag := ""
		if len(c.build.tags) > 0 {
			tag = c.build.tags[0]
		} else if len(i.Tags) > 0 {
			tag = i.Tags[0]
		}
		return layers.Put(ctx, i, way, c.dest, layers.Putting{Tag: tag})
	})
	if err != nil {
		return c.ended(ctx, err)
	}
	if c.json {
		return c.write(putDocument(p))
	}
	_, err = fmt.Fprintf(c.out, "%s %s %s\n", words.Visible(p.To), p.Digest, words.Bytes(p.Bytes))
	return err
}

// withImage opens the one image of a command, without reading its layers.
func (c *call) withImage(ctx context.Context, use func(*source.Image) (source.Put, error)) (source.Put, error) {
	i, err := source.Open(ctx, c.args[0], source.Options{
		Platform: c.platform, Select: c.choose, Pull: c.pull, Insecure: c.insecure, Stdin: c.in,
	})
	if err != nil {
		return source.Put{}, err
	}
	defer i.Close()
	return use(i)
}
