// Package language holds how languages are written, for files to be
// highlighted. The rules are chroma's, read when a file is first looked at:
// chroma/lexers reads all of its own, some 280, at every start of a program.
package language

import (
	"embed"
	"path"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

//go:generate go run ../../.ci/languages.go

//go:embed rules/*.xml
var rules embed.FS

var languages = sync.OnceValue(read)

func read() *chroma.LexerRegistry {
	all := chroma.NewLexerRegistry()
	files, err := rules.ReadDir("rules")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		all.Register(chroma.MustNewXMLLexer(rules, path.Join("rules", f.Name())))
	}
	return all
}

// OfFile returns the language of a file of that name; nil where none is known.
func OfFile(name string) chroma.Lexer { return languages().Match(name) }

// Named returns a language; nil where it is not known.
func Named(name string) chroma.Lexer { return languages().Get(name) }
