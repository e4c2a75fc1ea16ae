package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model/session"
)

func TestTheFlagsOfABuildPassThrough(t *testing.T) {
	t.Parallel()
	o := options{}
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	buildFlags(f, &o)
	engineFlag(f, &o)
	err := f.Parse([]string{
		"--engine", "embedded", "-t", "a:1", "--tag", "a:2", "--secret", "id=s,src=x", "--ssh", "default", "--label", "l=m=n", "--build-context", "c=dir",
		"--cache-from", "type=local,src=x", "--cache-to", "type=local,dest=y", "--no-cache", "--no-cache-filter", "one,two",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&call{options: &o}).buildOptions()
	want := session.BuildOptions{
		Engine: "embedded", Tags: []string{"a:1", "a:2"}, Secrets: []string{"id=s,src=x"}, SSH: []string{"default"},
		Labels: map[string]string{"l": "m=n"}, Named: map[string]string{"c": "dir"}, CacheFrom: []string{"type=local,src=x"}, CacheTo: []string{"type=local,dest=y"},
		NoCache: true, NoCacheFilter: []string{"one", "two"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
}
