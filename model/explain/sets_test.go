package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAssignmentsEndWhereTheNextNameBegins(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][][2]string{
		`A=1`:                            {{"A", "1"}},
		`A=`:                             {{"A", ""}},
		`A=1 B=two words C=3`:            {{"A", "1"}, {"B", "two words"}, {"C", "3"}},
		`PATH=/usr/local/bin:/usr/bin`:   {{"PATH", "/usr/local/bin:/usr/bin"}},
		`OPTS=-Da=b -Dc=d`:               {{"OPTS", "-Da=b -Dc=d"}},
		`org.example.title="An example"`: {{"org.example.title", "An example"}},
		`"io.example.version"="1.33.7"`:  {{"io.example.version", "1.33.7"}},
		`A="x" "y"`:                      {{"A", `"x" "y"`}},
		`RELEASE`:                        nil,
		``:                               nil,
	} {
		if d := cmp.Diff(want, assignments(s)); d != "" {
			t.Errorf("assignments(%q) (-want +got):\n%s", s, d)
		}
	}
}

func TestACommandThatStartsAShellIsKnown(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]bool{
		`["/bin/sh", "-c", "flask run"]`: true, `["bash", "-lc", "x"]`: true, `["/bin/bash", "-c", "x"]`: true,
		`["sh"]`: false, `["bash"]`: false, `["flask", "run"]`: false, `["/bin/sh", "run.sh"]`: false, ``: false, `["ssh", "-c", "x"]`: false,
		`/bin/sh -c flask run`: true, `flask run`: true, `[]`: false,
	} {
		if got := startsShell(rest); got != want {
			t.Errorf("startsShell(%q): got %v, want %v", rest, got, want)
		}
	}
}
