package main

import (
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

const historyLong = `On a pipe every byte is as docker history writes it, whatever a step's text
holds. On a terminal control characters are made visible.`

func historyFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.format, "format", "", "`format`: table, 'table TEMPLATE', json, or a Go template")
	f.BoolVarP(&o.human, "human", "H", true, "sizes and dates to be read by people")
	f.BoolVar(&o.noTrunc, "no-trunc", false, "do not cut IDs and instructions")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "image IDs only")
}

// rowsFlag is --json where rows of the history are written.
func rowsFlag(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.json, "json", false, "a JSON document a row, as --format json")
}

// history lists the steps byte for byte as docker history does.
func (c *call) history() error {
	if c.json && c.format != "" {
		return &usageError{"--json and --format exclude each other", "--json is --format json"}
	}
	if c.json {
		c.format = "json"
	}
	f, err := newHistoryFormat(c.options)
	if err != nil {
		return err
	}
	o, err := c.open(sizes, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	c.warn(o)
	k := o.Stacks[session.Was]
	if err := whole(k, newest); err != nil {
		return err
	}
	rows, err := historyRows(k)
	if err != nil {
		return err
	}
	return f.write(c.out, rows, c.isTerminal())
}

// row is a step as docker history has it, the newest first.
type row struct {
	id        string
	created   int64 // Unix seconds
	createdBy string
	size      int64
	comment   string
}

func historyRows(k session.Stack) ([]row, error) {
	var rows []row
	for i, s := range k.Image.Steps {
		r := row{id: s.ID, created: s.Created.Unix(), createdBy: s.CreatedBy, comment: s.Comment, size: k.Unpacked(i)}
		if r.size == model.Unknown {
			return nil, errors.New("the size of a layer is not known")
		}
		if r.id == "" {
			r.id = "<missing>"
		}
		rows = append(rows, r)
	}
	if n := len(rows); n > 0 && k.Image.ID != "" {
		rows[n-1].id = string(k.Image.ID)
	}
	slices.Reverse(rows)
	return rows, nil
}
