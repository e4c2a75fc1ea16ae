package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// runs are all command lines of the scripts, by the command they run.
func runs(t *testing.T) map[string][]string {
	t.Helper()
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	all := map[string][]string{}
	for _, s := range scripts {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range runsOf.FindAllStringSubmatch(string(text), -1) {
			name := "imgtui"
			if first, _, _ := strings.Cut(m[1], " "); isCommand(first) {
				name = first
			}
			all[name] = append(all[name], " "+m[1]+" ")
		}
	}
	return all
}

var runsOf = regexp.MustCompile(`(?m)^(?:code \d|exec) imgtui ?(.*)$`)

// TestEveryCommandAndFlagIsRun is the conformance test of the table: a row, and
// a flag of a row, is in a script.
func TestEveryCommandAndFlagIsRun(t *testing.T) {
	t.Parallel()
	all := runs(t)
	for _, c := range commands() {
		if len(all[c.name]) == 0 {
			t.Errorf("no script runs imgtui %s", c.name)
		}
		if c.flags == nil {
			continue
		}
		f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
		c.flags(f, &options{})
		f.VisitAll(func(f *pflag.Flag) {
			used := regexp.MustCompile(` --` + f.Name + `[ =]`)
			if !slices.ContainsFunc(all[c.name], used.MatchString) {
				t.Errorf("no script runs imgtui %s with --%s", c.name, f.Name)
			}
			if short := regexp.MustCompile(` -` + f.Shorthand + `[ =]`); f.Shorthand != "" && !slices.ContainsFunc(all[c.name], short.MatchString) {
				t.Errorf("no script runs imgtui %s with -%s", c.name, f.Shorthand)
			}
		})
	}
}

func TestEveryRowSaysWhatItIs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range commands() {
		if c.name == "" || seen[c.name] || c.run == nil || len(c.does) < 10 || strings.HasSuffix(c.does, ".") {
			t.Errorf("%q: got %+v", c.name, c)
		}
		seen[c.name] = true
		if c.max >= 0 && c.min > c.max {
			t.Errorf("%s: at least %d and at most %d arguments", c.name, c.min, c.max)
		}
		f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
		if c.flags != nil {
			c.flags(f, &options{})
		}
		if json := f.Lookup("json"); c.document != nil && json == nil {
			t.Errorf("%s: has a document and no --json", c.name)
		}
		f.VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: %q", c.name, f.Name, f.Usage)
			}
		})
	}
}

// promised are the keys that others may rely on, by command: what is here is
// never removed or renamed. New keys need not be here.
var promised = map[string]string{
	"inspect": "reference id platform config steps[].index steps[].created steps[].created_by steps[].comment steps[].empty steps[].base " +
		"steps[].layer.diff_id steps[].layer.digest steps[].layer.media_type steps[].layer.unpacked_bytes steps[].layer.download_bytes steps[].layer.tar_bytes steps[].layer.files warnings[]",
	"ls":    entryKeys,
	"tree":  entryKeys,
	"stat":  strings.ReplaceAll(entryKeys, "entries[].", "") + " touched_by[]",
	"diff":  "changes[].path changes[].path_bytes changes[].change changes[].kind changes[].before_bytes changes[].after_bytes added_bytes removed_bytes net_bytes same",
	"waste": "total_bytes live_bytes dead_bytes efficiency paths[].path paths[].path_bytes paths[].bytes paths[].added_step paths[].hidden_step paths[].how",
}

const entryKeys = "entries[].path entries[].path_bytes entries[].kind entries[].size entries[].mode entries[].uid entries[].gid entries[].mtime entries[].link entries[].step entries[].change"

func TestDocumentsKeepTheirKeys(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		got := keys(reflect.TypeOf(c.document), "")
		for want := range strings.FieldsSeq(promised[c.name]) {
			if !slices.Contains(got, want) {
				t.Errorf("%s --json: no key %s; there are %q", c.name, want, got)
			}
		}
		for _, k := range got {
			if k != strings.ToLower(k) {
				t.Errorf("%s --json: %s is no snake_case", c.name, k)
			}
		}
	}
}

// keys are the paths of the keys of a document: "steps[].layer.digest".
func keys(t reflect.Type, at string) (all []string) {
	eachKey(t, func(name string, of reflect.Type) {
		path := strings.TrimPrefix(at+"."+name, ".")
		if of.Kind() == reflect.Slice && of.Elem().Kind() != reflect.Uint8 {
			path, of = path+"[]", of.Elem()
		}
		all = append(append(all, path), keys(of, path)...)
	})
	return all
}

// eachKey calls f for the keys of a struct's JSON, in their order.
func eachKey(t reflect.Type, f func(name string, of reflect.Type)) {
	if t == nil {
		return
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.String() == "time.Time" {
		return
	}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			eachKey(field.Type, f)
		case name != "" && name != "-":
			f(name, field.Type)
		}
	}
}
