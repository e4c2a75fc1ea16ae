package source

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// dockerHost is where an engine listens.
type dockerHost struct {
	address string      // unix:///…, tcp://…, ssh://…
	tls     *tls.Config // nil without
	why     string      // what named it: DOCKER_HOST, context "x", or "" for the default
}

// findDocker asks the environment and the configuration of the docker command
// for its engine, in that command's own order.
func findDocker() (dockerHost, error) {
	if h := os.Getenv("DOCKER_HOST"); h != "" {
		config, err := envTLS()
		return dockerHost{address: h, tls: config, why: "DOCKER_HOST"}, err
	}
	name, err := contextName()
	if err != nil {
		return dockerHost{}, err
	}
	if name != "" && name != "default" {
		return contextHost(name)
	}
	return dockerHost{address: defaultSocket()}, nil
}

// defaultSocket is the first socket that exists of those which engines and
// desktop programs make, or else the one they should have made.
func defaultSocket() string {
	if runtime.GOOS == "windows" {
		return "npipe:////./pipe/docker_engine"
	}
	const usual = "/var/run/docker.sock"
	home, _ := os.UserHomeDir()
	for _, path := range []string{
		usual,
		runtimePath("docker.sock"),
		filepath.Join(home, ".docker/run/docker.sock"),
	} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return "unix://" + path
		}
	}
	return "unix://" + usual
}

// runtimePath is a file in the folder that a login session has for sockets.
func runtimePath(name string) string {
	dir := cmp.Or(os.Getenv("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", os.Getuid()))
	return filepath.Join(dir, name)
}

// envTLS reads the certificates that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH name.
func envTLS() (*tls.Config, error) {
	verify, dir := os.Getenv("DOCKER_TLS_VERIFY") != "", os.Getenv("DOCKER_CERT_PATH")
	if !verify && dir == "" {
		return nil, nil
	}
	return readTLS(cmp.Or(dir, dockerDir()), !verify)
}

// readTLS reads ca.pem, cert.pem and key.pem of a folder, each of which may be absent.
func readTLS(dir string, skipVerify bool) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: skipVerify}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	switch {
	case err == nil:
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(ca) {
			return nil, fmt.Errorf("%s: no certificate in it", filepath.Join(dir, "ca.pem"))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return config, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "cert.pem"), err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// dockerDir is the folder of the docker command's configuration.
func dockerDir() string {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, ".docker")
}

// contextName is the context in force, "" for none.
func contextName() (string, error) {
	if name := os.Getenv("DOCKER_CONTEXT"); name != "" {
		return name, nil
	}
	path := filepath.Join(dockerDir(), "config.json")
	var config struct{ CurrentContext string }
	err := readJSONFile(path, &config)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return config.CurrentContext, err
}

// contextHost reads the engine's address of a context, and its certificates.
func contextHost(name string) (dockerHost, error) {
	id := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	err := readJSONFile(filepath.Join(dockerDir(), "contexts", "meta", id, "meta.json"), &meta)
	if errors.Is(err, fs.ErrNotExist) {
		return dockerHost{}, fmt.Errorf("context %q: no such context", name)
	}
	if err != nil {
		return dockerHost{}, fmt.Errorf("context %q: %w", name, err)
	}
	end := meta.Endpoints["docker"]
	host := dockerHost{address: cmp.Or(end.Host, defaultSocket()), why: fmt.Sprintf("context %q", name)}
	if !strings.HasPrefix(host.address, "tcp:") && !strings.HasPrefix(host.address, "https:") {
		return host, nil
	}
	dir := filepath.Join(dockerDir(), "contexts", "tls", id, "docker")
	if _, err := os.Stat(dir); err != nil && !end.SkipTLSVerify {
		return host, nil
	}
	host.tls, err = readTLS(dir, end.SkipTLSVerify)
	return host, err
}

// readJSONFile reads a small file of settings.
func readJSONFile(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
