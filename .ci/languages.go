//go:build ignore

// Languages copies chroma's rules of the languages that images are likely to
// hold to the folder rules, and writes those that stand in chroma as code.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

const names = `apacheconf awk bash batchfile c c# c++ clojure cmake css csv dart desktop_entry diff django_jinja
dns docker elixir erlang fish gemfile_lock gettext go_template groff groovy haskell hcl html ini iscdhcpd java
javascript json julia kotlin lighttpd_configuration_file lua makefile meson mysql nginx_configuration_file nix
objective-c ocaml pacmanconf perl php pkgconfig postgresql_sql_dialect powershell properties protocol_buffer puppet
python python_2 r react rpm_spec ruby rust scala scheme scss sed sql squidconf swift systemd tcl tcsh termcap terminfo
terraform toml typescript viml vue xml yaml zig`

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/alecthomas/chroma/v2").Output()
	if err != nil {
		return err
	}
	dir := strings.TrimSpace(string(out))
	if err := transfer(filepath.Join(dir, "COPYING"), "rules/COPYING"); err != nil {
		return err
	}
	for name := range strings.FieldsSeq(names) {
		if err := transfer(filepath.Join(dir, "lexers", "embedded", name+".xml"), filepath.Join("rules", name+".xml")); err != nil {
			return err
		}
	}
	if err := write("go", lexers.Go, "(`)([^`]*)(`)", chroma.LiteralString); err != nil {
		return err
	}
	return write("markdown", reflect.ValueOf(lexers.Markdown).Elem().FieldByName("Lexer").Interface().(chroma.Lexer), "", nil)
}

// write writes the rules of a language; the one of a pattern, which has another
// language within, gives a token of one kind.
func write(name string, l chroma.Lexer, pattern string, plain chroma.Emitter) error {
	rules, err := l.(*chroma.RegexLexer).Rules()
	if err != nil {
		return err
	}
	for i, r := range rules["root"] {
		if r.Pattern == pattern {
			rules["root"][i].Type = plain
		}
	}
	b, err := chroma.Marshal(chroma.MustNewLexer(l.Config(), func() chroma.Rules { return rules }))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("rules", name+".xml"), append(b, '\n'), 0o644)
}

func transfer(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}
