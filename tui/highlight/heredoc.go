package highlight

import "strings"

// doc is a heredoc that is to come. [State] holds them written one after the
// other, each ended by a line end: "-" where tabs before its end do not count,
// "'" where variables stay as they are, then ":" and its name.
type doc struct {
	name        string
	chomp, mute bool
}

func (d doc) String() string {
	s := ":" + d.name + "\n"
	if d.mute {
		s = "'" + s
	}
	if d.chomp {
		s = "-" + s
	}
	return s
}

// first returns the first of some heredocs and the others.
func first(docs string) (doc, string) {
	head, rest, _ := strings.Cut(docs, "\n")
	flags, name, _ := strings.Cut(head, ":")
	return doc{name, strings.Contains(flags, "-"), strings.Contains(flags, "'")}, rest
}

// heredoc marks <<NAME as a word, and remembers it.
func (p *scan) heredoc() bool {
	if p.Name != "RUN" && p.Name != "COPY" && p.Name != "ADD" {
		return false
	}
	from := p.at
	d, ok := parseDoc(p.quoted())
	if !ok {
		p.at = from
		return false
	}
	p.Docs += d.String()
	p.mark(from, Heredoc)
	return true
}

// quoted passes a word in which quotes may hold white space.
func (p *scan) quoted() string {
	from := p.at
	var quote byte
	for ; p.at < len(p.line); p.at++ {
		c := p.line[p.at]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == ' ' || c == '\t':
			return p.line[from:p.at]
		}
	}
	return p.line[from:]
}

// parseDoc reads a word such as 3<<-"NAME".
func parseDoc(word string) (doc, bool) {
	s, ok := strings.CutPrefix(strings.TrimLeft(word, "0123456789"), "<<")
	if !ok {
		return doc{}, false
	}
	s, chomp := strings.CutPrefix(s, "-")
	if s == "" || strings.Contains(s, "<") {
		return doc{}, false
	}
	name := strings.NewReplacer(`"`, "", `'`, "").Replace(s)
	return doc{name: name, chomp: chomp, mute: name != s}, name != ""
}

// body goes through a line in a heredoc.
func (p *scan) body() {
	d, rest := first(p.Docs)
	end := p.line
	if d.chomp {
		end = strings.TrimLeft(p.line, "\t")
	}
	from := p.at
	switch {
	case end == d.name:
		p.Docs, p.Inside = rest, rest != ""
		from = len(p.line) - len(end)
		p.at = len(p.line)
		p.mark(from, Heredoc)
	case d.mute:
		p.at = len(p.line)
		p.mark(from, Body)
	case !p.quiet:
		p.expanding()
	}
}

// expanding goes through a line of a heredoc in which variables count.
func (p *scan) expanding() {
	for from := 0; ; {
		at := strings.IndexByte(p.line[p.at:], '$')
		if at < 0 {
			p.at = len(p.line)
			p.mark(from, Body)
			return
		}
		p.at += at
		before := len(p.spans)
		p.mark(from, Body)
		if p.variable() {
			from = p.at
			continue
		}
		p.spans = p.spans[:before] // it goes on
		p.at++
	}
}
