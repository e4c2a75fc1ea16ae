package source

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bareEnv takes away all that names an engine, and gives an empty home.
func bareEnv(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	for _, name := range []string{
		"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY",
		"CONTAINER_HOST", "REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(home, "run"))
	return home
}

// write makes a file and the folders above it.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeContext makes a context as the docker command keeps it.
func writeContext(t *testing.T, dir, name, address string) (id string) {
	t.Helper()
	id = fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	write(t, filepath.Join(dir, "contexts/meta", id, "meta.json"),
		fmt.Sprintf(`{"Name":%q,"Metadata":{},"Endpoints":{"docker":{"Host":%q,"SkipTLSVerify":false}}}`,
			name, address))
	return id
}

func TestTheEngineIsFoundInTheOrderOfTheDockerCommand(t *testing.T) {
	for _, c := range []struct {
		name         string
		env          map[string]string
		config       string
		address, why string
	}{
		{"current context", nil, `{"currentContext":"remote"}`, "ssh://there", `context "remote"`},
		{"DOCKER_CONTEXT over current", map[string]string{"DOCKER_CONTEXT": "other"},
			`{"currentContext":"remote"}`, "unix:///other.sock", `context "other"`},
		{"DOCKER_HOST over all", map[string]string{"DOCKER_CONTEXT": "other", "DOCKER_HOST": "tcp://h:1"},
			`{"currentContext":"remote"}`, "tcp://h:1", "DOCKER_HOST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(bareEnv(t), ".docker")
			writeContext(t, dir, "remote", "ssh://there")
			writeContext(t, dir, "other", "unix:///other.sock")
			write(t, filepath.Join(dir, "config.json"), c.config)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			got, err := findDocker()
			if err != nil || got.address != c.address || got.why != c.why {
				t.Errorf("got %q by %q, %v; want %q by %q", got.address, got.why, err, c.address, c.why)
			}
		})
	}
}

func TestWithoutSettingsTheEngineIsAtASocket(t *testing.T) {
	for _, config := range []string{"", "{}", `{"currentContext":"default"}`} {
		home := bareEnv(t)
		if config != "" {
			write(t, filepath.Join(home, ".docker/config.json"), config)
		}
		got, err := findDocker()
		if err != nil || !strings.HasPrefix(got.address, "unix:///") || got.why != "" {
			t.Errorf("config %q: got %q by %q, %v; want a socket", config, got.address, got.why, err)
		}
	}
}

func TestAContextThatIsNotThereIsNamed(t *testing.T) {
	bareEnv(t)
	t.Setenv("DOCKER_CONTEXT", "gone")
	_, err := findDocker()
	if want := `context "gone": no such context`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestABrokenConfigurationIsNamed(t *testing.T) {
	home := bareEnv(t)
	path := filepath.Join(home, ".docker/config.json")
	write(t, path, "{")
	_, err := findDocker()
	if err == nil || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("got %v, want an error that names %s", err, path)
	}
}

func TestSSHArgumentsLeaveNothingToTheShell(t *testing.T) {
	options := []string{"-o", "ConnectTimeout=10", "-o", "BatchMode=yes", "-T"}
	end := []string{"system", "dial-stdio"}
	for _, c := range []struct {
		address string
		want    []string
	}{
		{"ssh://box", []string{"--", "box", "docker"}},
		{"ssh://me@box:2222", []string{"-l", "me", "-p", "2222", "--", "box", "docker"}},
		{"ssh://box/run/it's.sock", []string{"--", "box", "docker", "--host", `'unix:///run/it'\''s.sock'`}},
	} {
		got, err := sshArgs(c.address)
		if diff := cmp.Diff(slices.Concat(options, c.want, end), got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", c.address, err, diff)
		}
	}
	for _, address := range []string{"ssh://", "ssh://-oProxyCommand=x", "ssh://a:b@box"} {
		if got, err := sshArgs(address); err == nil {
			t.Errorf("%s: got %q, want an error", address, got)
		}
	}
}

func TestPodmanIsFoundByItsSocket(t *testing.T) {
	home := bareEnv(t)
	write(t, filepath.Join(home, "run/podman/podman.sock"), "")
	got, err := findPodman()
	if want := "unix://" + filepath.Join(home, "run/podman/podman.sock"); err != nil || got.address != want {
		t.Errorf("got %q, %v; want %q", got.address, err, want)
	}
	t.Setenv("CONTAINER_HOST", "unix:///elsewhere.sock")
	got, err = findPodman()
	if want := "unix:///elsewhere.sock"; err != nil || got.address != want {
		t.Errorf("got %q, %v; want %q", got.address, err, want)
	}
	t.Setenv("CONTAINER_HOST", "ssh://box")
	if _, err := findPodman(); Hint(err) == "" {
		t.Errorf("got %v, want an error with a hint", err)
	}
}
