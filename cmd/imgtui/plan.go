package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

const planLong = `It asks neither engine nor network. Without --was, --image or --diff-from the
Dockerfile and the context are compared with the last commit. Exit code 0 says
that all is kept, 1 that something runs, is new or is gone, 2 that it cannot be
told.`

func planFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.was, "was", "", "another `Dockerfile` to compare with")
	f.StringVar(&o.image, "image", "", "an `image` to compare with: its history and the files of its layers")
	f.StringVar(&o.rev, "diff-from", "", "a git `revision` to compare with")
	f.BoolVar(&o.markdown, "markdown", false, "a Markdown table")
}

// draftFlags say which Dockerfile is meant and how it is built.
func draftFlags(f *pflag.FlagSet, o *options) {
	f.StringVarP(&o.file, "file", "f", "", "the `Dockerfile`; without it CONTEXT/Dockerfile or CONTEXT/Containerfile")
	f.StringArrayVar(&o.buildArgs, "build-arg", nil, "`NAME=VALUE` of an ARG; NAME alone takes the environment's value")
	f.StringVar(&o.target, "target", "", "the `stage` to build; without it the last")
}

// sketch turns flags into what a session wants to know of a Dockerfile.
func (c *call) sketch(dir string) (session.Sketch, error) {
	k := session.Sketch{Path: c.file, Dir: dir, Target: c.target, Platform: c.platform, WasPath: c.was, WasRev: c.rev, WasImage: c.image != "", Args: map[string]string{}}
	for _, a := range c.buildArgs {
		name, value, given := strings.Cut(a, "=")
		if name == "" {
			return k, &usageError{"--build-arg " + a + ": no name", "for example --build-arg VERSION=1.4"}
		}
		if !given {
			value = c.env(name)
		}
		k.Args[name] = value
	}
	return k, nil
}

// stepPlanJSON is a step of the document of plan.
type stepPlanJSON struct {
	Line        int    `json:"line"`
	Instruction string `json:"instruction"`
	Stage       int    `json:"stage"`
	Fate        string `json:"fate"`
	Reason      string `json:"reason"`
	Because     any    `json:"because"`
	Bytes       *int64 `json:"bytes"`
	About       bool   `json:"bytes_about"`
	Unused      bool   `json:"unused"`
	Text        string `json:"text"`
}

// stageJSON is a stage in the tree of what the result is made of.
type stageJSON struct {
	Stage int    `json:"stage"`
	Name  string `json:"name"`
	Depth int    `json:"depth"`
	Use   string `json:"use"`
	Line  int    `json:"line"`
	Image string `json:"image"`
}

type findingJSON struct {
	Check    string `json:"check"`
	Line     int    `json:"line"`
	Severity string `json:"severity"`
	Text     string `json:"text"`
	URL      string `json:"url"`
	Path     string `json:"path,omitempty"`
}

// planJSON is the document of plan.
type planJSON struct {
	Dockerfile string         `json:"dockerfile"`
	Against    string         `json:"against"`
	Same       bool           `json:"same"`
	Steps      []stepPlanJSON `json:"steps"`
	Stages     []stageJSON    `json:"stages"`
	Unknown    []string       `json:"unknown_bases"`
	Findings   []findingJSON  `json:"findings"`
}

var (
	fateKeys   = [...]string{"unknown", "same", "runs", "maybe", "new", "gone"}
	useKeys    = [...]string{"result", "built_on", "copies", "mounts", "unused"}
	reasonKeys = [...]string{"", "line_changed", "file_changed", "earlier_runs", "base_changed", "settings_only", "input_maybe", "value_changed", "not_known", "other_below"}
)

// plan foretells what a rebuild would do.
func (c *call) plan() error {
	if err := c.oneWas(); err != nil {
		return err
	}
	k, err := c.sketch(cmp.Or(strings.Join(c.args, ""), "."))
	if err != nil {
		return err
	}
	if k.Path == "" {
		k.Path = draftIn(k.Dir)
	}
	o, err := c.foretold(k)
	if err != nil {
		return err
	}
	defer o.Close()
	c.warn(o)
	d := o.Draft
	if err := c.writePlan(d); err != nil {
		return err
	}
	return verdict(d.Plan)
}

// draftIn returns the Dockerfile of a folder, by the names that builders look for.
func draftIn(dir string) string {
	for _, name := range []string{"Dockerfile", "Containerfile"} {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
	}
	return ""
}

func isFile(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.Mode().IsRegular()
}

// oneWas takes the last commit where nothing else is named.
func (c *call) oneWas() error {
	n := 0
	for _, s := range []string{c.was, c.image, c.rev} {
		if s != "" {
			n++
		}
	}
	if n > 1 {
		return &usageError{"--was, --image and --diff-from exclude each other", "name one of them"}
	}
	if n == 0 {
		c.rev = "HEAD"
	}
	return nil
}

// foretold settles a session with a Dockerfile and returns it if all could be told.
func (c *call) foretold(k session.Sketch) (*opened, error) {
	e := c.engine()
	var opens []session.Open
	if c.image != "" {
		opens = append(opens, session.Open{Ref: c.image})
	}
	s, rs := session.Start(opens...)
	s, more := s.Sketch(k)
	o := &opened{session.Settle(c.Context(), s, append(more, rs...), leaving[session.Verify](e.Do)), e}
	err := o.unopened(c.Context(), len(opens))
	if err == nil {
		err = c.untold(o.State, k)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return o, nil
}

// untold returns why nothing can be told.
func (c *call) untold(s session.State, k session.Sketch) error {
	d := s.Draft
	name := cmp.Or(d.Path, k.Path, filepath.Join(k.Dir, "Dockerfile"))
	switch {
	case s.Notice.Kind == session.Wrong && k.WasRev == "HEAD" && !c.Flags().Changed("diff-from"):
		return &usageError{fmt.Sprintf("plan: nothing to compare with: %v", s.Notice.Err), "name it: --was Dockerfile, --image IMAGE or --diff-from REVISION"}
	case s.Notice.Kind == session.Wrong:
		return fmt.Errorf("plan: %w", s.Notice.Err)
	case d.Origin != session.FromFile:
		return &usageError{"no " + name, "name the Dockerfile with -f, or its folder"}
	case d.ContextErr != nil:
		return d.ContextErr
	case d.Fault != nil:
		return &usageError{fmt.Sprintf("%s:%d: %s", name, d.Fault.Line, d.Fault.Text), d.Fault.Hint}
	case d.Told != nil:
		return fmt.Errorf("%s: %w", name, d.Told)
	case len(d.Plan.Steps) == 0:
		return errors.New(name + ": no instruction in it")
	}
	return nil
}

// verdict turns a forecast into an exit code.
func verdict(p plan.Plan) error {
	for _, s := range p.Steps {
		if s.Fate != plan.Same && !s.Unused {
			return errDiffers
		}
	}
	return nil
}

func (c *call) writePlan(d *session.Draft) error {
	switch {
	case c.json:
		return c.write(planDocument(d))
	case c.markdown:
		return c.planMarkdown(d)
	}
	return c.planText(d)
}

func planDocument(d *session.Draft) planJSON {
	j := planJSON{Dockerfile: d.Path, Against: d.Plan.Was, Same: verdict(d.Plan) == nil, Steps: []stepPlanJSON{}, Stages: []stageJSON{}, Unknown: append([]string{}, d.Plan.Unknown...), Findings: []findingJSON{}}
	for _, s := range d.Plan.Steps {
		j.Steps = append(j.Steps, stepPlan(s))
	}
	for _, b := range d.Plan.Stages {
		j.Stages = append(j.Stages, stageJSON{b.Stage, b.Name, b.Depth, useKeys[b.Use], b.Line, b.Image})
	}
	for _, f := range d.Findings {
		j.Findings = append(j.Findings, findingJSON{f.Check, f.Line, f.Severity.String(), f.Text(words.English), f.URL, f.Path})
	}
	return j
}

func stepPlan(s plan.Step) stepPlanJSON {
	j := stepPlanJSON{
		Line: s.Line, Instruction: s.Text, Stage: s.Stage, Fate: fateKeys[s.Fate], Reason: reasonKeys[s.Reason],
		About: s.About, Unused: s.Unused, Text: explain.Why(words.English, s),
	}
	switch {
	case s.Because != "":
		j.Because = s.Because
	case s.BecauseLine > 0:
		j.Because = s.BecauseLine
	}
	if s.Bytes != model.Unknown {
		j.Bytes = &s.Bytes
	}
	return j
}

func (c *call) planText(d *session.Draft) error {
	t := table{align: "lrrll"}
	for _, s := range d.Plan.Steps {
		t.add(explain.Sign(words.English, s), fmt.Sprint(s.Line), foretoldSize(s), words.Visible(instruction(s.Text)), explain.Why(words.English, s))
	}
	if err := t.write(c.out); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.out, planSummary(d)); err != nil {
		return err
	}
	if err := c.stagesText(d.Plan); err != nil {
		return err
	}
	for _, f := range d.Findings {
		if _, err := fmt.Fprintf(c.out, "%s:%d: %s: %s (%s)\n", words.Visible(d.Path), f.Line, f.Severity, f.Text(words.English), f.Check); err != nil {
			return err
		}
	}
	return nil
}

// stagesText lists the tree of the stages and the bases that are not known.
func (c *call) stagesText(p plan.Plan) error {
	t := table{align: "ll"}
	for _, r := range explain.Stages(words.English, p) {
		t.add(r.Tree+r.Name, r.Does)
	}
	if err := t.write(c.out); err != nil {
		return err
	}
	for _, line := range explain.Unknown(words.English, p) {
		if _, err := fmt.Fprintln(c.out, line); err != nil {
			return err
		}
	}
	return nil
}

// longestInstruction is how many cells of an instruction are listed.
const longestInstruction = 60

func instruction(s string) string { return ellipsis(s, longestInstruction) }

func foretoldSize(s plan.Step) string {
	switch {
	case s.Bytes == model.Unknown || s.Fate == plan.Gone:
		return ""
	case s.About && s.Bytes > 0:
		return "~" + words.Bytes(s.Bytes)
	}
	return words.Bytes(s.Bytes)
}

func planSummary(d *session.Draft) string {
	parts := explain.Counts(words.English, d.Plan)
	return strings.Join(append(parts, fmt.Sprintf(words.English.Plan.Against, words.Visible(d.Plan.Was))), " · ")
}

func (c *call) planMarkdown(d *session.Draft) error {
	if _, err := fmt.Fprintf(c.out, "%s\n\n| | line | size | instruction | why |\n|---|---:|---:|---|---|\n", planSummary(d)); err != nil {
		return err
	}
	for _, s := range d.Plan.Steps {
		if _, err := fmt.Fprintf(c.out, "| %s | %d | %s | %s | %s |\n", explain.Sign(words.English, s), s.Line, foretoldSize(s), markdown(instruction(s.Text)), strings.ReplaceAll(explain.Why(words.English, s), "|", "\\|")); err != nil {
			return err
		}
	}
	if err := c.stagesMarkdown(d.Plan); err != nil {
		return err
	}
	for i, f := range d.Findings {
		if i == 0 {
			fmt.Fprintln(c.out)
		}
		if _, err := fmt.Fprintf(c.out, "- line %d, %s: %s (%s)\n", f.Line, f.Severity, f.Text(words.English), f.Check); err != nil {
			return err
		}
	}
	return nil
}

// stagesMarkdown is [call.stagesText] as nested lists.
func (c *call) stagesMarkdown(p plan.Plan) error {
	var b strings.Builder
	for i, r := range explain.Stages(words.English, p) {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s- %s: %s\n", strings.Repeat("  ", p.Stages[i].Depth), markdown(r.Name), markdown(r.Does))
	}
	for i, line := range explain.Unknown(words.English, p) {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- %s\n", line)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}
