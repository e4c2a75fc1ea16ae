package sessiontest

import (
	"errors"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// Source is a Dockerfile of the [Workshop], an instruction for each of its steps;
// Edited is Source with the fifth line changed.
const (
	Source = "FROM ubuntu:24.04\nCMD [\"bash\"]\nRUN apt-get update\nRUN apt-get install -y python3\nRUN pip install flask\nENV FLASK_APP=/opt/app.py\nRUN rm -rf /var/lib/apt/lists\nENTRYPOINT [\"flask\", \"run\"]\n"
	Edited = "FROM ubuntu:24.04\nCMD [\"bash\"]\nRUN apt-get update\nRUN apt-get install -y python3\nRUN pip install flask==3.1\nENV FLASK_APP=/opt/app.py\nRUN rm -rf /var/lib/apt/lists\nENTRYPOINT [\"flask\", \"run\"]\n"
)

// Building is the Workshop with its Dockerfile in src, and a builder that knows
// it: an edit of the fifth line makes another flask.
func Building() *World {
	w := Workshop()
	w.Disk = map[string]string{"src/Dockerfile": Source}
	now := Workshop()
	now.relay(3, "usr/lib/python3/flask/", "usr/lib/python3/flask/app.py 61000 77", "usr/lib/python3/flask/cli.py 33000", "usr/lib/python3/flask/sansio.py 20000", "etc/motd=0600 12 6")
	now.Image.Reference = "built"
	w.Builder = &Builder{
		Makes: now,
		Host:  session.Host{Name: "embedded", Version: "v0.34.2"},
		Hosts: []session.Host{
			{Name: "docker", Address: "unix:///run/docker.sock", Version: "v0.13", Lacks: []session.Lack{{What: "a base that is open here", Why: "the graph driver takes none"}}},
			{Name: "embedded", Version: "v0.34.2"},
			{Name: "tcp://builder:1234", Err: errRefused},
		},
		Logs: map[int]string{5: "Collecting flask==3.1\n  Downloading flask-3.1.0-py3-none-any.whl (102 kB)\nInstalling collected packages: werkzeug, jinja2, flask\n"},
	}
	w.Builder.Knows(Source)
	return w.Foretelling()
}

var errRefused = errors.New("connect: connection refused")

// relay makes a layer another one, and the roots above it anew.
func (w *World) relay(layer int, files ...string) {
	w.Layers[layer] = made(layer, files)
	for i := layer; i < len(w.Layers); i++ {
		w.Roots[i] = tree.Fold(below(w.Roots[:i]), w.Layers[i])
	}
}
