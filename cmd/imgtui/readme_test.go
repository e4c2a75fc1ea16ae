package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
)

// parts are what README has from the tables of the program. Each stands between
// <!-- NAME --> and <!-- /NAME -->.
var parts = map[string]func() string{
	"sources": sourcesPart, "keys": keysPart, "commands": commandsPart, "json": jsonPart, "exits": exitsPart, "environment": environmentPart, "engines": enginesPart,
}

func TestReadmeIsFresh(t *testing.T) {
	name := filepath.Join(moduleDir, "README.md")
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fresh := string(old)
	for _, part := range sorted(parts) {
		begin, end := "<!-- "+part+" -->\n", "<!-- /"+part+" -->"
		before, rest, ok := strings.Cut(fresh, begin)
		_, after, also := strings.Cut(rest, end)
		if !ok || !also {
			t.Errorf("README has no place for %s", part)
			continue
		}
		fresh = before + begin + "\n" + parts[part]() + "\n" + end + after
	}
	if *update {
		if err := os.WriteFile(name, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(old), fresh); diff != "" {
		t.Errorf("README is stale (-is +should be); go test ./cmd/imgtui -run TestReadmeIsFresh -update writes it:\n%s", diff)
	}
}

// rows is a Markdown table; | in a cell is escaped.
func rows(head []string, all [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			fmt.Fprintf(&b, "| %s ", strings.ReplaceAll(c, "|", `\|`))
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range all {
		line(r)
	}
	return b.String()
}

func inCode(all []string) string {
	for i, s := range all {
		if all[i] = "`" + s + "`"; s == "`" {
			all[i] = "`` ` ``"
		}
	}
	return strings.Join(all, " ")
}

func sourcesPart() string {
	var all [][]string
	for _, s := range source.All {
		all = append(all, []string{inCode(append([]string{s.Scheme}, s.Aliases...)), s.Doc})
	}
	return rows([]string{"scheme", "what"}, all)
}

func enginesPart() string {
	var all [][]string
	for _, d := range builder.Dialers {
		all = append(all, []string{"`" + d.Name + "`", d.Doc})
	}
	return rows([]string{"engine", "what"}, all)
}

var scopes = map[act.Scope]string{
	act.Layers: "layers", act.Files: "files", act.Details: "details", act.Viewer: "file", act.Browsing: "Dockerfile", act.Typing: "typing",
}

func keysPart() string {
	var all [][]string
	for _, a := range act.Every() {
		keys := []string{}
		for _, k := range a.Keys {
			keys = append(keys, act.Label(k))
		}
		where := []string{}
		for _, s := range a.Scopes {
			if s != act.Everywhere {
				where = append(where, scopes[s])
			}
		}
		if a.Global() || len(where) == len(scopes)-1 {
			where = []string{"everywhere"}
		}
		all = append(all, []string{inCode(keys), strings.Join(where, ", "), words.English.Actions[string(a.ID)].Long})
	}
	return rows([]string{"key", "where", "does"}, all)
}

func commandsPart() string {
	var all [][]string
	for _, c := range commands() {
		flags := []string{}
		if c.flags != nil {
			f, shared := pflag.NewFlagSet(c.name, pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
			c.flags(f, &options{})
			imageFlags(shared, &options{})
			f.VisitAll(func(f *pflag.Flag) {
				if s := shared.Lookup(f.Name); s == nil || !strings.HasPrefix(f.Usage, s.Usage) {
					flags = append(flags, "--"+f.Name)
				}
			})
		}
		all = append(all, []string{"`" + strings.ReplaceAll(c.usage(), " [flags]", "") + "`", c.does, inCode(flags)})
	}
	return rows([]string{"command", "does", "flags"}, all)
}

func jsonPart() string {
	var all [][]string
	for _, c := range commands() {
		if c.document != nil {
			all = append(all, []string{"`" + strings.TrimPrefix("imgtui "+c.name, "imgtui imgtui") + "`", described(reflect.TypeOf(c.document))})
		}
	}
	all[0][0] = "`imgtui`"
	return rows([]string{"command", "keys"}, all)
}

// described names the keys of a document, those of what it holds in braces.
func described(t reflect.Type) string {
	var all []string
	eachKey(t, func(name string, of reflect.Type) {
		many := ""
		if of.Kind() == reflect.Slice && of.Elem().Kind() != reflect.Uint8 {
			many, of = "[]", of.Elem()
		}
		s := "`" + name + many + "`"
		if within := described(of); within != "" {
			s += " {" + within + "}"
		}
		all = append(all, s)
	})
	return strings.Join(all, ", ")
}

func exitsPart() string {
	var all [][]string
	for _, e := range exits {
		all = append(all, []string{e.code, e.means})
	}
	return rows([]string{"code", "means"}, all)
}

func environmentPart() string {
	var all [][]string
	for _, e := range environment {
		all = append(all, []string{inCode(strings.Split(e.names, ", ")), e.does})
	}
	return rows([]string{"variable", "is"}, all)
}
