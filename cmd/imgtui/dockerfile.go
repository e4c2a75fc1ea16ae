package main

import (
	"fmt"
	"io"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/session"
)

const dockerfileLong = `Where the builder attests the Dockerfile (provenance with mode=max), it is that.
Else it is recovered from the history: the steps of the base image are its FROM. Each step on top of it is an
instruction, or a comment where it tells none. What a history does not hold is
said in comments: the names of copied files, other stages, mounts and secrets.`

// dockerfileJSON is the document of dockerfile.
type dockerfileJSON struct {
	Dockerfile string `json:"dockerfile"`
	How        string `json:"how"`
	Base       string `json:"base"`
}

// dockerfile writes the Dockerfile that an image's history tells of.
func (c *call) dockerfile() error {
	o, err := c.open(steps, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	c.warn(o)
	img := o.Stacks[session.Was].Image
	if img.Recipe.Dockerfile == "" && len(img.Steps) == 0 {
		return fmt.Errorf("dockerfile %s: the image has no history", c.args[0])
	}
	j := dockerfileOf(img)
	if c.json {
		return c.write(j)
	}
	if c.isTerminal() {
		j.Dockerfile = visibleLines(j.Dockerfile)
	}
	_, err = io.WriteString(c.out, j.Dockerfile)
	return err
}

// dockerfileOf returns the Dockerfile that is attested, else the recovered one.
func dockerfileOf(img *model.Image) dockerfileJSON {
	r := img.Recipe
	if r.Dockerfile == "" {
		text := dockerfile.Recover(img)
		return dockerfileJSON{text.Text, "recovered from the history", text.Base}
	}
	j := dockerfileJSON{Dockerfile: r.Dockerfile, How: r.How, Base: img.BaseName}
	if n := len(r.Made); n > 0 {
		j.How += fmt.Sprintf(", with the lines of %d layers", n)
	}
	f, _ := dockerfile.Parse(r.Dockerfile) // the text is shown with its faults
	if stage := f.StageNamed(r.Target); stage >= 0 {
		_, j.Base = f.Base(f.Chain(stage, r.Args)[0], r.Args)
	}
	return j
}
