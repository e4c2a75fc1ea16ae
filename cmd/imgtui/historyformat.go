package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/docker/cli/cli/command/formatter/tabwriter"
	"github.com/docker/cli/templates"
	"github.com/docker/go-units"
	"golang.org/x/text/width"

	"github.com/imgtui/imgtui/model/words"
)

// The formats of docker history.
const (
	humanTable   = "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
	exactTable   = "table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
	jsonTemplate = "{{json .}}"
)

// historyFormat writes rows in a format of docker's.
type historyFormat struct {
	*options
	table bool
	text  string
	tmpl  *template.Template
}

func newHistoryFormat(o *options) (*historyFormat, error) {
	f := &historyFormat{options: o, text: o.format}
	switch {
	case (o.format == "" || o.format == "table") && o.quiet:
		f.text = "{{.ID}}"
	case (o.format == "" || o.format == "table") && o.human:
		f.text = humanTable
	case o.format == "" || o.format == "table":
		f.text = exactTable
	case o.format == "json":
		f.text = jsonTemplate
	}
	if rest, ok := strings.CutPrefix(f.text, "table"); ok {
		f.table, f.text = true, rest
	}
	f.text = strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(strings.Trim(f.text, " "))
	var err error
	if f.tmpl, err = templates.Parse(f.text); err != nil {
		return nil, &usageError{fmt.Sprintf("--format: %v", err), "for example --format '{{.ID}}: {{.Size}}', or --format json"}
	}
	return f, nil
}

// write writes the rows: byte for byte as docker, but on a terminal, where
// control characters and the ends of lines are made visible.
func (f *historyFormat) write(w io.Writer, rows []row, terminal bool) error {
	var b bytes.Buffer
	for _, r := range rows {
		if terminal && f.text != jsonTemplate {
			r.createdBy, r.comment = words.Visible(strings.ReplaceAll(r.createdBy, "\t", " ")), words.Visible(r.comment)
		}
		if err := f.tmpl.Execute(&b, historyRow{f.options, r}); err != nil {
			return &usageError{fmt.Sprintf("--format: %v", err), "the fields are .ID .CreatedSince .CreatedAt .CreatedBy .Size .Comment"}
		}
		b.WriteByte('\n')
	}
	if terminal && f.text == jsonTemplate {
		_, err := harmlessJSON{w}.Write(b.Bytes())
		return err
	}
	if !f.table {
		_, err := b.WriteTo(w)
		return err
	}
	t := tabwriter.NewWriter(w, 10, 1, 3, ' ', 0)
	// As in docker, a template that the headers cannot fill leaves a short line.
	_ = f.tmpl.Funcs(templates.HeaderFunctions).Execute(t, historyHeader)
	if _, err := t.Write([]byte("\n")); err != nil {
		return err
	}
	if _, err := b.WriteTo(t); err != nil {
		return err
	}
	return t.Flush()
}

var historyHeader = map[string]string{
	"ID": "IMAGE", "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "CreatedBy": "CREATED BY", "Size": "SIZE", "Comment": "COMMENT",
}

// historyRow is what a template sees of a row. Its methods are docker's fields.
type historyRow struct {
	*options
	r row
}

// ID is the image's ID after the step.
func (h historyRow) ID() string {
	if h.noTrunc {
		return h.r.id
	}
	id := h.r.id[strings.IndexByte(h.r.id, ':')+1:]
	return id[:min(len(id), 12)]
}

// CreatedAt is when the step was made, in local time.
func (h historyRow) CreatedAt() string { return time.Unix(h.r.created, 0).Format(time.RFC3339) }

// millennium is the time up to which docker takes a date for a reproducible
// build's and tells no age.
var millennium = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// CreatedSince is how long ago that was.
func (h historyRow) CreatedSince() string {
	if !h.human {
		return h.CreatedAt()
	}
	if h.r.created <= millennium {
		return "N/A"
	}
	return units.HumanDuration(time.Now().UTC().Sub(time.Unix(h.r.created, 0))) + " ago"
}

// CreatedBy is the instruction, cut to 45 cells.
func (h historyRow) CreatedBy() string {
	by := strings.ReplaceAll(h.r.createdBy, "\t", " ")
	if h.noTrunc {
		return by
	}
	return ellipsis(by, 45)
}

// Size is the size of the layer's files.
func (h historyRow) Size() string {
	if h.human {
		return units.HumanSizeWithPrecision(float64(h.r.size), 3)
	}
	return strconv.FormatInt(h.r.size, 10)
}

// Comment is the step's comment.
func (h historyRow) Comment() string { return h.r.comment }

// MarshalJSON implements json.Marshaler with docker's keys, all of them strings.
func (h historyRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{
		"Comment": h.Comment(), "CreatedAt": h.CreatedAt(), "CreatedBy": h.CreatedBy(),
		"CreatedSince": h.CreatedSince(), "ID": h.ID(), "Size": h.Size(),
	})
}

// ellipsis cuts s to so many cells as docker does: East Asian wide characters
// take two.
func ellipsis(s string, cells int) string {
	used := 0
	for _, r := range s {
		used += cellsOf(r)
	}
	if used <= cells {
		return s
	}
	used = 0
	for i, r := range s {
		if used += cellsOf(r); used > cells-1 {
			return s[:i] + "…"
		}
	}
	return s
}

func cellsOf(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
