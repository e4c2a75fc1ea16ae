//go:build ignore

// Compiles tells whether all packages and their tests are right for other systems,
// named GOOS/GOARCH, as far as types tell: a compiler would take a minute for each.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	here, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compiles:", err)
		os.Exit(2)
	}
	faults := 0
	for _, target := range os.Args[1:] {
		all, err := load(here, target)
		if err != nil {
			fmt.Fprintf(os.Stderr, "compiles: %s: %v\n", target, err)
			os.Exit(2)
		}
		if len(all) == 0 {
			fmt.Fprintf(os.Stderr, "compiles: %s: no packages\n", target)
			os.Exit(2)
		}
		for _, p := range all {
			for _, e := range p.Errors {
				fmt.Printf("%s: %v\n", target, e)
				faults++
			}
		}
		fmt.Printf("%s: %d packages\n", target, len(all))
	}
	if faults > 0 {
		os.Exit(1)
	}
}

// load checks the types of the packages of a folder.
func load(dir, target string) ([]*packages.Package, error) {
	system, arch, ok := strings.Cut(target, "/")
	if !ok {
		return nil, fmt.Errorf("want GOOS/GOARCH")
	}
	return packages.Load(&packages.Config{
		Mode:  packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes,
		Dir:   dir,
		Env:   append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0"),
		Tests: true,
		ParseFile: func(set *token.FileSet, path string, src []byte) (*ast.File, error) {
			// What go makes to run tests has no such name.
			return parse(set, path, src, strings.HasPrefix(path, dir+string(filepath.Separator)) || filepath.Ext(path) != ".go")
		},
	}, "./...")
}

// parse reads a file; what functions of others do matters to nobody.
func parse(set *token.FileSet, path string, src []byte, ours bool) (*ast.File, error) {
	f, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
	if f == nil || ours {
		return f, err
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			d.Body = nil
		}
	}
	return f, err
}
