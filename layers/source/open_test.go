package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestASchemePicksItsRow(t *testing.T) {
	for _, c := range []struct{ ref, scheme, rest string }{
		{"docker://a:1", "docker", "a:1"},
		{"docker:a:1", "docker", "a:1"},
		{"remote://a/b", "registry", "a/b"},
		{"registry:a/b@sha256:x", "registry", "a/b@sha256:x"},
		{"podman://a", "podman", "a"},
		{"alpine:3", "", ""},
		{"foo:bar", "", ""},
		{"localhost:5000/docker", "", ""},
		{"./docker:x", "", ""},
		{"Docker:x", "", ""},
		{"docker", "", ""},
		{"", "", ""},
	} {
		s, rest, ok := cutScheme(c.ref)
		if s.Scheme != c.scheme || rest != c.rest || ok != (c.scheme != "") {
			t.Errorf("%q: got %q, %q; want %q, %q", c.ref, s.Scheme, rest, c.scheme, c.rest)
		}
	}
}

func TestEverySourceIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All {
		if s.Doc == "" || s.Claims == nil || s.Open == nil {
			t.Errorf("%s: a field is empty", s.Scheme)
		}
		for _, name := range append([]string{s.Scheme}, s.Aliases...) {
			if seen[name] || name == "" || strings.ContainsAny(name, ":/ ") {
				t.Errorf("%s: scheme %q is taken or no scheme", s.Scheme, name)
			}
			seen[name] = true
			if !slices.Contains(Schemes(), name) {
				t.Errorf("Schemes lacks %s", name)
			}
		}
	}
}

func TestSourcesAreAskedPathsFirstAndTheRegistryLast(t *testing.T) {
	var places []Place
	for _, s := range All {
		places = append(places, s.Place)
	}
	if !slices.IsSorted(places) {
		t.Errorf("got %v, want files, then engines, then the registry", places)
	}
}

func TestWhatIsFoundNowhereSaysWhereItWasLookedFor(t *testing.T) {
	f := serveRegistry(t)
	ref := f.host + "/acct/gone:1"
	_, err := Open(t.Context(), ref, Options{})
	var missing *NotFoundError
	if !errors.As(err, &missing) || err.Error() != "open "+ref+": found nowhere" {
		t.Fatalf("got %v", err)
	}
	want := strings.Join([]string{
		"it was looked for in these places:",
		"  path: no such file or directory",
		"  docker: DOCKER_HOST: dial unix /nowhere.sock: connect: no such file or directory",
		"  podman: CONTAINER_HOST: dial unix /nowhere.sock: connect: no such file or directory",
		"  registry: " + f.host + ": 404: no such image: Unknown name",
	}, "\n")
	if diff := cmp.Diff(want, missing.Hint()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoNameIsSaid(t *testing.T) {
	serveRegistry(t)
	for ref, want := range map[string][2]string{
		"Ubuntu": {"open Ubuntu: found nowhere", "it was looked for in these places:\n  path: no such file or directory\n" +
			"  registry: no image name: a repository is named in lower case: ubuntu"},
		"./gone.tar":  {"open ./gone.tar: no such file or directory", ""},
		"/gone/image": {"open /gone/image: no such file or directory", ""},
	} {
		_, err := Open(t.Context(), ref, Options{})
		var missing *NotFoundError
		if got := [2]string{fmt.Sprint(err), Hint(err)}; !errors.As(err, &missing) || got != want {
			t.Errorf("%s: got %q, want %q", ref, got, want)
		}
	}
}

func TestPullSaysWhoIsAsked(t *testing.T) {
	f := serveRegistry(t)
	f.push(t, "1", "amd64", "of the registry")
	e := newFake(t, "1.41")
	ref := f.host + "/acct/app:1"
	e.images[ref] = e.images["acct/app:1"]
	for pull, want := range map[string]string{
		"": "docker", PullMissing: "docker", PullNever: "docker", PullAlways: "registry",
	} {
		if img := mustOpen(t, ref, Options{Pull: pull}); img.Source != want {
			t.Errorf("pull %q: got it from %s, want %s", pull, img.Source, want)
		}
	}
	delete(e.images, ref)
	if img := mustOpen(t, ref, Options{}); img.Source != "registry" {
		t.Errorf("an image that the engine lacks: got it from %s, want the registry", img.Source)
	}
	f.requests()
	_, err := Open(t.Context(), ref, Options{Pull: PullNever})
	if !strings.Contains(Hint(err), "  registry: not asked: pull is never") || len(f.requests()) != 0 {
		t.Errorf("got %v\n%s", err, Hint(err))
	}
	if _, err := Open(t.Context(), ref, Options{Pull: "sometimes"}); err == nil {
		t.Error("pull sometimes is taken")
	}
}

func TestAnEngineThatHasTheImageButFailsIsNotPassedOver(t *testing.T) {
	f := newFake(t, "1.41")
	f.images["acct/app:1"].inspect["Id"] = f.images["acct/app:1"].id + "-not"
	f.images[f.images["acct/app:1"].id+"-not"] = nil
	_, err := Open(t.Context(), "acct/app:1", Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "open acct/app:1: history: ") {
		t.Errorf("got %v", err)
	}
}

func TestAnExistingPathIsWhatItIs(t *testing.T) {
	serveRegistry(t)
	path := t.TempDir() + "/notes.txt"
	if err := os.WriteFile(path, []byte("no image\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{}); err == nil {
		t.Error("a text was opened")
	}
}

func TestACancelIsNoAnswerOfAPlace(t *testing.T) {
	f := serveRegistry(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.gate = func(_ http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done()
		return true
	}
	for _, ref := range []string{f.host + "/acct/app:1", "registry://" + f.host + "/acct/app:1"} {
		if _, err := Open(ctx, ref, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context canceled", ref, err)
		}
	}
}

func TestAnImageCalledAsASchemeIsHintedAt(t *testing.T) {
	newFake(t, "1.41")
	_, err := Open(t.Context(), "docker:dind", Options{})
	if !strings.Contains(Hint(err), "registry://docker:dind") {
		t.Errorf("got %v with hint %q", err, Hint(err))
	}
}

func TestWhatAServerSaysIsOneHarmlessLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\n\tb ":                "a b",
		"\x1b[31mred\x07":        "[31mred",
		"bidi \u202e end":        "bidi end",
		"bad \xff byte":          "bad \ufffd byte",
		"c1 \u009b2J":            "c1 2J",
		strings.Repeat("x", 400): strings.Repeat("x", saidLimit) + "…",
	} {
		if got := said(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestAHintIsFoundThroughWrapping(t *testing.T) {
	err := fmt.Errorf("outer: %w", &hinted{errors.New("inner"), "do that"})
	if Hint(err) != "do that" || Hint(errors.New("x")) != "" || Hint(nil) != "" {
		t.Errorf("got %q", Hint(err))
	}
}
