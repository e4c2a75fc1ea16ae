package source

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// demoStep is a row of the sample's history; without files it makes no layer.
type demoStep struct {
	by, comment string
	files       []demoFile
}

// demoFile is a path of a layer of the sample.
type demoFile struct {
	path string
	mode int64
	size int
	text string
	link string
}

// content is the text, or bytes that are the same every time.
func (f demoFile) content(size int64) []byte {
	if f.text != "" || size == 0 {
		return []byte(f.text)
	}
	word := fmt.Appendf(nil, "%s is made for the demo. ", f.path)
	return bytes.Repeat(word, int(size)/len(word)+1)[:size]
}

const buildkit = "buildkit.dockerfile.v0"

func demoSteps() []demoStep {
	return []demoStep{
		{"/bin/sh -c #(nop) ADD file:5aaace706aa00ff97d243daa36fdcbeb8ae0d86a1cd4b4e5b6f0b1f6ac4c5e5a in / ", "", demoBase()},
		{`/bin/sh -c #(nop)  CMD ["/bin/bash"]`, "", nil},
		{"RUN /bin/sh -c apt-get update # buildkit", buildkit, demoLists()},
		{"RUN /bin/sh -c apt-get install -y python3 python3-pip # buildkit", buildkit, demoPython()},
		{"RUN /bin/sh -c pip install flask # buildkit", buildkit, demoFlask()},
		{"ENV FLASK_APP=/opt/source-code/app.py", buildkit, nil},
		{"WORKDIR /opt/source-code", buildkit, []demoFile{dir("opt/"), dir("opt/source-code/")}},
		{"COPY . /opt/source-code # buildkit", buildkit, demoSource()},
		{"RUN /bin/sh -c chmod 0755 /usr/lib/python3/dist-packages/model.bin # buildkit", buildkit,
			[]demoFile{{path: "usr/lib/python3/dist-packages/model.bin", mode: 0o755, size: 6_200_000}}},
		{"RUN /bin/sh -c rm -rf /var/lib/apt/lists/* /opt/source-code/.git # buildkit", buildkit, demoRemoved()},
		{"EXPOSE map[5000/tcp:{}]", buildkit, nil},
		{`ENTRYPOINT ["flask" "run"]`, buildkit, nil},
		{`CMD ["--host=0.0.0.0"]`, buildkit, nil},
	}
}

func dir(path string) demoFile              { return demoFile{path: path, mode: 0o755} }
func plainFile(path string, n int) demoFile { return demoFile{path: path, mode: 0o644, size: n} }
func program(path string, n int) demoFile   { return demoFile{path: path, mode: 0o755, size: n} }
func written(path, text string) demoFile    { return demoFile{path: path, mode: 0o644, text: text} }

// many makes files of sizes around n from a seed.
func many(seed uint64, n int, names string, paths ...string) []demoFile {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var fs []demoFile
	for _, p := range paths {
		for name := range strings.FieldsSeq(names) {
			fs = append(fs, plainFile(p+name, n/2+rnd.IntN(n)))
		}
	}
	return fs
}

func demoBase() []demoFile {
	fs := []demoFile{
		{path: "bin", mode: 0o777, link: "usr/bin"}, {path: "lib", mode: 0o777, link: "usr/lib"},
		dir("etc/"), dir("etc/apt/"), dir("home/"), dir("opt/"), {path: "root/", mode: 0o700}, {path: "tmp/", mode: 0o1777},
		dir("usr/"), dir("usr/bin/"), dir("usr/lib/"), dir("usr/lib/x86_64-linux-gnu/"), dir("usr/share/"), dir("usr/share/doc/"),
		dir("var/"), dir("var/lib/"), dir("var/lib/dpkg/"), dir("var/log/"),
		written("etc/os-release", "PRETTY_NAME=\"Ubuntu 24.04 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n"),
		written("etc/passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"),
		written("etc/apt/sources.list", "# The sources are in sources.list.d\n"),
		written("root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\nexport PS1='\\h:\\w\\$ '\numask 022\n"),
		{path: "usr/bin/su", mode: 0o4755, size: 55_680},
	}
	for i, name := range strings.Fields("bash cat chmod chown cp date dpkg find grep gzip ln ls mkdir mv perl ps rm sed sh sleep sort tar touch tr uname") {
		fs = append(fs, program("usr/bin/"+name, 38_000+i*9_000))
	}
	fs = append(fs, many(1, 420_000, "libc.so.6 libcrypt.so.1 libgcc_s.so.1 liblzma.so.5 libm.so.6 libpcre2.so.0 libstdc++.so.6 libsystemd.so.0 libzstd.so.1", "usr/lib/x86_64-linux-gnu/")...)
	return append(fs, plainFile("var/lib/dpkg/status", 96_000), plainFile("usr/share/doc/copyright", 21_000))
}

func demoLists() []demoFile {
	fs := []demoFile{dir("var/lib/apt/"), dir("var/lib/apt/lists/"), plainFile("var/lib/apt/lists/lock", 0)}
	return append(fs, many(2, 1_900_000, "noble_InRelease noble_main_Packages.lz4 noble_universe_Packages.lz4 noble-updates_main_Packages.lz4 noble-security_main_Packages.lz4",
		"var/lib/apt/lists/archive_dists_")...)
}

func demoPython() []demoFile {
	fs := []demoFile{
		program("usr/bin/python3.12", 8_020_000), {path: "usr/bin/python3", mode: 0o777, link: "python3.12"}, program("usr/bin/pip", 958),
		dir("usr/lib/python3/"), dir("usr/lib/python3/dist-packages/"), plainFile("usr/lib/python3/dist-packages/model.bin", 6_200_000),
		dir("usr/lib/python3.12/"),
		written("usr/lib/python3.12/this.py", "s = \"\"\"Gur Mra bs Clguba, ol Gvz Crgref\"\"\"\n\nd = {}\nfor c in (65, 97):\n    for i in range(26):\n        d[chr(i+c)] = chr((i+13) % 26 + c)\n\nprint(\"\".join([d.get(c, c) for c in s]))\n"),
		plainFile("var/lib/dpkg/status", 131_000), plainFile("var/log/dpkg.log", 44_000),
		written("etc/passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\npython:x:999:999::/nonexistent:/usr/sbin/nologin\n"),
	}
	modules := "abc.py argparse.py ast.py base64.py bisect.py calendar.py codecs.py copy.py csv.py datetime.py decimal.py difflib.py enum.py functools.py glob.py gzip.py hashlib.py heapq.py inspect.py io.py ipaddress.py locale.py os.py pathlib.py pickle.py random.py re.py shutil.py socket.py ssl.py stat.py string.py struct.py subprocess.py tarfile.py tempfile.py threading.py typing.py uuid.py zipfile.py"
	return append(fs, many(3, 36_000, modules, "usr/lib/python3.12/")...)
}

func demoFlask() []demoFile {
	const site = "usr/local/lib/python3.12/dist-packages/"
	fs := []demoFile{dir("usr/local/"), dir("usr/local/bin/"), dir("usr/local/lib/"), dir("usr/local/lib/python3.12/"), dir(site),
		{path: "usr/local/bin/flask", mode: 0o755, text: "#!/usr/bin/python3\nimport sys\nfrom flask.cli import main\n\nif __name__ == '__main__':\n    sys.exit(main())\n"}}
	for i, pkg := range []string{"blinker/", "click/", "flask/", "itsdangerous/", "jinja2/", "markupsafe/", "werkzeug/"} {
		fs = append(fs, dir(site+pkg))
		fs = append(fs, many(uint64(10+i), 38_000, "__init__.py app.py cli.py config.py ctx.py helpers.py json.py sessions.py testing.py typing.py wrappers.py", site+pkg)...)
		fs = append(fs, dir(site+pkg+"__pycache__/"))
		fs = append(fs, many(uint64(20+i), 52_000, "app.cpython-312.pyc cli.cpython-312.pyc ctx.cpython-312.pyc helpers.cpython-312.pyc", site+pkg+"__pycache__/")...)
	}
	fs = append(fs, dir("root/.cache/"), dir("root/.cache/pip/"))
	return append(fs, many(30, 900_000, "flask-3.1.0-py3-none-any.whl werkzeug-3.1.3-py3-none-any.whl jinja2-3.1.5-py3-none-any.whl", "root/.cache/pip/")...)
}

func demoSource() []demoFile {
	const at = "opt/source-code/"
	return []demoFile{
		dir(at),
		written(at+"app.py", demoApp), written(at+"requirements.txt", "flask==3.1.0\n"), written(at+"Dockerfile", demoDockerfile),
		dir(at + "templates/"), written(at+"templates/hello.html", "<!doctype html>\n<title>Hello</title>\n<h1>Hello, {{ name }}!</h1>\n"),
		dir(at + ".git/"), written(at+".git/HEAD", "ref: refs/heads/main\n"), dir(at + ".git/objects/"), plainFile(at+".git/objects/pack.idx", 412_000), plainFile(at+".git/objects/pack.pack", 2_300_000),
	}
}

func demoRemoved() []demoFile {
	fs := []demoFile{dir("opt/source-code/"), written("opt/source-code/.wh..git", ""), dir("var/lib/apt/lists/")}
	for _, f := range demoLists() {
		if i := strings.LastIndexByte(f.path, '/'); i < len(f.path)-1 {
			fs = append(fs, plainFile(f.path[:i+1]+".wh."+f.path[i+1:], 0))
		}
	}
	return fs
}

const demoApp = `import os
from flask import Flask, render_template

app = Flask(__name__)


@app.route("/")
@app.route("/<name>")
def hello(name="world"):
    """Greet whoever asks."""
    return render_template("hello.html", name=name)


@app.route("/healthz")
def healthz():
    return {"ok": True, "host": os.uname().nodename}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)  # flask run does this for us
`

const demoDockerfile = `FROM ubuntu:24.04
RUN apt-get update
RUN apt-get install -y python3 python3-pip
RUN pip install flask
ENV FLASK_APP=/opt/source-code/app.py
WORKDIR /opt/source-code
COPY . /opt/source-code
RUN chmod 0755 /usr/lib/python3/dist-packages/model.bin
RUN rm -rf /var/lib/apt/lists/* /opt/source-code/.git
EXPOSE 5000
ENTRYPOINT ["flask", "run"]
CMD ["--host=0.0.0.0"]
`
