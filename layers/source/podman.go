package source

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// findPodman is the socket that serves podman's Docker-compatible API.
func findPodman() (dockerHost, error) {
	if h := os.Getenv("CONTAINER_HOST"); strings.HasPrefix(h, "ssh:") {
		return dockerHost{}, &hinted{
			err:  errors.New("CONTAINER_HOST: ssh is not supported"),
			hint: "forward the socket with ssh -L and set CONTAINER_HOST to unix://…",
		}
	} else if h != "" {
		return dockerHost{address: h, why: "CONTAINER_HOST"}, nil
	}
	if runtime.GOOS == "windows" {
		return dockerHost{}, errors.New("no socket is known on windows: set CONTAINER_HOST")
	}
	const rootful = "/run/podman/podman.sock"
	rootless := runtimePath("podman/podman.sock")
	if _, err := os.Stat(rootless); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(rootful); err == nil {
			return dockerHost{address: "unix://" + rootful}, nil
		}
	}
	return dockerHost{address: "unix://" + rootless}, nil
}
