package builder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

func TestSecretsAreReadAsBuildxReadsThem(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", []byte("of a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"TOKEN": "of the environment", "both": "by id"}[name]
		return v, ok
	}
	for option, want := range map[string]string{
		"id=a,src=file": "of a file", "id=a,source=file": "of a file", "id=a,type=file,src=file": "of a file", "id=file": "of a file",
		"id=a,env=TOKEN": "of the environment", "id=a,type=env,src=TOKEN": "of the environment", "id=both": "by id",
	} {
		got, err := Order{Build: secretly(option), Env: env}.secrets()
		if err != nil || len(got) != 1 {
			t.Errorf("%s: got %q, %v", option, got, err)
			continue
		}
		for _, v := range got {
			if string(v) != want {
				t.Errorf("%s: got %q, want %q", option, v, want)
			}
		}
	}
	for option, want := range map[string]string{
		"src=file": "no id", "id=a,src=gone": "no such file", "id=a,env=GONE": "no GONE", "id=a,kind=x": `"kind" is not known`, "id=a,type=x": "file or env",
		"id": "NAME=VALUE", `id="`: "--secret",
	} {
		if _, err := (Order{Build: secretly(option), Env: env}).secrets(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", option, err, want)
		}
	}
	long := filepath.Join(t.TempDir(), "long")
	if err := os.WriteFile(long, make([]byte, secretLimit+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Order{Build: secretly("id=a,src=" + long)}).secrets(); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a long secret: got %v", err)
	}
}

func secretly(option string) session.Build {
	return session.Build{BuildOptions: session.BuildOptions{Secrets: []string{option}}}
}

func TestCachesAndAgentsAreReadAsBuildxReadsThem(t *testing.T) {
	got, err := cacheEntries("--cache-to", []string{"user/app:cache", "type=local,dest=/x,mode=max"})
	if err != nil || len(got) != 2 || got[0].Type != "registry" || got[0].Attrs["ref"] != "user/app:cache" || got[1].Attrs["mode"] != "max" || got[1].Attrs["type"] != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	agents, err := sshAgents([]string{"default", "git=/key1,/key2", "raw=/sock,raw=true"})
	if err != nil || len(agents) != 3 || agents[0].ID != "default" || len(agents[0].Paths) != 0 || len(agents[1].Paths) != 2 || !agents[2].Raw {
		t.Errorf("got %+v, %v", agents, err)
	}
	if _, err := sshAgents([]string{"a=/x,raw=perhaps"}); err == nil {
		t.Error("raw=perhaps was taken")
	}
}

func TestSecretsAreTakenOut(t *testing.T) {
	r := newRedactor(map[string][]byte{"a": []byte("hunter2\n"), "b": []byte("hunter2-and-more"), "key": []byte("-----BEGIN\nline of a key\n-----END\n"), "short": []byte("ab")})
	for said, want := range map[string]string{
		"the word is hunter2.": "the word is *****.", "hunter2-and-more": "*****", "it says line of a key here": "it says ***** here", "ab stays": "ab stays",
	} {
		if got := r.text(said); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
	if got := (redactor{}).text("all"); got != "all" {
		t.Errorf("got %q", got)
	}
}

func TestAttributesAreThoseOfFrontends(t *testing.T) {
	o := Order{Build: session.Build{
		Sketch:       session.Sketch{Args: map[string]string{"V": "1"}, Target: "app", Platform: model.Platform{OS: "linux", Architecture: "arm64"}},
		BuildOptions: session.BuildOptions{NoCacheFilter: []string{"a", "b"}, Pull: true, Labels: map[string]string{"l": "x"}},
	}}
	want := map[string]string{
		"filename": "Dockerfile", "build-arg:V": "1", "target": "app", "platform": "linux/arm64", "no-cache": "a,b", "image-resolve-mode": "pull", "label:l": "x",
	}
	if diff := cmp.Diff(want, o.attributes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o.NoCache = true
	o.Platforms = []model.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}
	if a := o.attributes(); a["no-cache"] != "" || a["platform"] != "linux/amd64,linux/arm64" {
		t.Errorf("got %q", a)
	}
	if sharedKey("/a") == sharedKey("/b") || sharedKey("/a") != sharedKey("/a/") {
		t.Error("a shared key stands for a folder")
	}
	for name, want := range map[string]string{"alpine": "alpine", "alpine:latest": "alpine", "docker.io/library/debian:12": "debian:12", "acct/app:1": "acct/app:1", "host:5000/a": "host:5000/a"} {
		if got := familiar(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// TestAutoPrefersWhoBuildHostNames, and a name picks its row.
func TestAutoPrefersWhoBuildHostNames(t *testing.T) {
	env := func(name string) string { return map[string]string{"BUILDKIT_HOST": "unix:///here"}[name] }
	for _, c := range []struct {
		w    Where
		want string
	}{
		{Where{}, "docker embedded"}, {Where{Engine: Auto}, "docker embedded"}, {Where{Env: env}, "address"}, {Where{Engine: "docker", Env: env}, "docker"},
		{Where{Engine: "embedded"}, "embedded"}, {Where{Engine: "tcp://x:1"}, "address"}, {Where{Engine: "address"}, ""}, {Where{Engine: "podman"}, ""},
	} {
		var got []string
		all, err := c.w.wanted()
		for _, d := range all {
			got = append(got, d.Name)
		}
		if strings.Join(got, " ") != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%+v: got %q, %v, want %s", c.w, got, err, c.want)
		}
	}
}

// TestNobodyThereIsOneLine with all that was tried in the hint.
func TestNobodyThereIsOneLine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///no/docker.sock")
	for engine, want := range map[string]string{
		"docker": "docker: ", "unix:///no/buildkitd.sock": "unix:///no/buildkitd.sock: ", "tcp://127.0.0.1:1": "tcp://127.0.0.1:1: ",
		"nothing": "there is no such engine", "gopher://x": "gopher is not known", "docker-container://": "lacks container name",
	} {
		_, err := Dial(t.Context(), Where{Engine: engine})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 200 {
			t.Errorf("%s: got %v, want %s", engine, err, want)
		}
	}
	dir := t.TempDir()
	env := func(name string) string { return map[string]string{"BUILDKIT_TLS_DIR": dir}[name] }
	if _, err := Dial(t.Context(), Where{Engine: "tcp://127.0.0.1:1", Env: env}); err == nil || !strings.Contains(err.Error(), "neither ca.pem nor cert.pem") {
		t.Errorf("an empty folder of certificates: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dial(ctx, Where{Engine: "unix:///no/buildkitd.sock"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancel", err)
	}
	hosts := Survey(t.Context(), Where{Engine: "unix:///no/buildkitd.sock"})
	if len(hosts) != len(Dialers) || hosts[0].Err == nil || hosts[0].Address == "" || hosts[1].Err == nil {
		t.Errorf("got %+v", hosts)
	}
}

// TestEveryDialerSaysWhatItIs is the conformance test of the table.
func TestEveryDialerSaysWhatItIs(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Dialers {
		if d.Name == "" || seen[d.Name] || len(d.Doc) < 10 || d.Address == nil || d.Dial == nil {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
	}
}
