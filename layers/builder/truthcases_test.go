package builder_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scenario is a Dockerfile with its context, before any edit.
type scenario struct {
	text    string
	files   map[string]string
	links   map[string]string
	args    map[string]string
	onbuild []string // triggers of the base
	modern  bool     // it needs the frontend of a BuildKit of today
}

// edit is one change to a scenario.
type edit struct {
	file string // the scenario
	name string
	do   func(w *workspace)
	then []func(w *workspace) // more edits, each built, one after the other
}

var scenarios = map[string]scenario{
	"plain": {
		text: `FROM {{base}}
# the tools
RUN echo tools > /tools
WORKDIR /app
COPY requirements.txt ./
RUN cat requirements.txt > /installed
COPY src ./src
ENV MODE=fast \
    LEVEL=1
LABEL one=1
LABEL two=2
RUN echo $MODE > /mode
CMD ["cat", "/mode"]
`,
		files: map[string]string{
			"requirements.txt": "flask\n", "src/app.py": "print()\n", "src/lib/util.py": "pass\n", "README": "read me\n",
		},
	},
	"stages": {
		text: `FROM {{base}} AS build
COPY main.c /src/
RUN cat /src/main.c > /out; echo ok > /log
FROM {{base}} AS docs
RUN echo docs {{nonce}} > /docs
FROM {{base}} AS unused
RUN echo nobody > /nobody
FROM {{base}}
COPY --from=build /out /usr/out
COPY --from=docs /docs /usr/docs
RUN cat /usr/out /usr/docs > /all
`,
		files: map[string]string{"main.c": "int main; // {{nonce}}\n"},
	},
	"args": {
		text: `ARG FLAVOUR=plain
FROM {{base}} AS plain
RUN echo plain > /flavour
FROM {{base}} AS spicy
RUN echo spicy > /flavour
FROM ${FLAVOUR}
ARG VERSION=1
RUN echo version $VERSION > /version
ARG UNUSED
RUN echo nothing > /nothing
COPY a-$VERSION.txt /a.txt
`,
		files: map[string]string{"a-1.txt": "one\n", "a-2.txt": "two\n"},
	},
	"globs": {
		text: `FROM scratch
COPY nonce /
COPY *.txt /texts/
COPY src/*.go src/sub? /go/
COPY data/ /data/
ADD box.tar /box/
COPY link /followed.txt
`,
		links: map[string]string{"link": "aim"},
		files: map[string]string{
			"nonce": "{{nonce}}", "a.txt": "a\n{{nonce}}", "b.txt": "b\n", "src/x.go": "package x // {{nonce}}\n", "src/y.go": "package y\n",
			"src/sub1/z": "z\n", "src/readme.md": "no\n", "data/one": "1{{nonce}}\n", "data/deep/two": "2\n", "box.tar": "packed {{nonce}}\n", "aim": "target {{nonce}}\n",
		},
	},
	"ignore": {
		text: `FROM scratch
COPY nonce /
COPY . /all/
COPY src /src/
`,
		files: map[string]string{
			"nonce": "{{nonce}}", ".dockerignore": "*.log\nnode_modules\n", "src/main.js": "main {{nonce}}\n", "src/debug.log": "log\n",
			"node_modules/dep/index.js": "dep\n", "keep.txt": "keep\n",
		},
	},
	"modern": {
		modern: true,
		text: `# syntax=docker/dockerfile:1
FROM {{base}} AS made
RUN <<EOF
echo first {{nonce}} > /first
echo second > /second
EOF
COPY <<one.txt <<two.txt /docs/
one {{nonce}}
one.txt
two
two.txt
FROM {{base}}
RUN echo before > /before
COPY --link app /app/
COPY --link --from=made /docs /docs
COPY --parents deep/*/file.txt /tree/
COPY --exclude=*.md notes /notes/
COPY --chmod=640 --chown=1:1 app/run.sh /run.sh
RUN echo after > /after
`,
		files: map[string]string{
			"app/run.sh": "echo run {{nonce}}\n", "app/data": "data\n", "deep/a/file.txt": "a {{nonce}}\n", "deep/b/file.txt": "b\n", "deep/b/other.txt": "other\n",
			"notes/a.txt": "a {{nonce}}\n", "notes/readme.md": "read me\n",
		},
	},
	"mounts": {
		text: `FROM {{base}} AS tools
RUN echo tool {{nonce}} > /tool
FROM {{base}}
RUN --mount=type=bind,source=conf,target=/conf cat /conf/main > /conf.out
RUN --mount=type=cache,target=/cache echo cached > /cache/x
RUN --mount=type=secret,id=token cat /run/secrets/token > /token
RUN --mount=type=bind,from=tools,source=/tool,target=/tool cat /tool > /tool.out
RUN --mount=type=tmpfs,target=/scratch echo tmp > /scratch/x
RUN echo end > /end
`,
		files: map[string]string{"conf/main": "conf\n", "other": "other\n"},
	},
	"onbuild": {
		onbuild: []string{"COPY app.txt /app.txt", "RUN cat /app.txt > /built"},
		text: `FROM {{base}}
RUN echo own > /own
`,
		files: map[string]string{"app.txt": "app\n", "other.txt": "other\n"},
	},
	"web": {
		text: `FROM {{base}}
RUN echo first > /first
ADD {{server}}/page.txt /page.txt
RUN cat /page.txt > /read
`,
	},
	"user": {
		text: `FROM {{base}}
RUN echo root > /tmp/root
USER user
RUN echo user > /tmp/user
SHELL ["/bin/sh", "-ec"]
RUN echo shell > /tmp/shell
WORKDIR /tmp
RUN ls > /tmp/here
EXPOSE 80
VOLUME /data
STOPSIGNAL SIGINT
HEALTHCHECK CMD true
ENTRYPOINT ["cat"]
`,
	},
}

var edits = []edit{
	{file: "plain", name: "nothing", do: func(w *workspace) {}},
	{file: "plain", name: "comment added", do: func(w *workspace) { w.replace("# the tools", "# the tools\n# of the trade") }},
	{file: "plain", name: "comment within a RUN", do: func(w *workspace) {
		w.replace("RUN echo tools > /tools", "RUN echo tools \\\n# why\n > /tools")
	}},
	{file: "plain", name: "white space between words", do: func(w *workspace) { w.replace("COPY requirements.txt ./", "COPY   requirements.txt    ./") }},
	{file: "plain", name: "blank lines", do: func(w *workspace) { w.replace("WORKDIR", "\n\n\nWORKDIR") }},
	{file: "plain", name: "white space within a command", do: func(w *workspace) { w.replace("RUN echo tools", "RUN echo  tools") }},
	{file: "plain", name: "first RUN changed", do: func(w *workspace) { w.replace("echo tools", "echo tools and more") }},
	{file: "plain", name: "last RUN changed", do: func(w *workspace) { w.replace("echo $MODE", "echo mode $MODE") }},
	{file: "plain", name: "RUN added", do: func(w *workspace) { w.replace("WORKDIR", "RUN echo added > /added\nWORKDIR") }},
	{file: "plain", name: "RUN removed", do: func(w *workspace) { w.replace("RUN cat requirements.txt > /installed\n", "") }},
	{file: "plain", name: "lower case", do: func(w *workspace) { w.replace("RUN echo tools", "run echo tools") }},
	{file: "plain", name: "file touched", do: func(w *workspace) {
		then := time.Now().Add(-time.Hour)
		w.must(os.Chtimes(filepath.Join(w.dir, "src/app.py"), then, then))
	}},
	{file: "plain", name: "file changed", do: func(w *workspace) { w.write("src/app.py", "print(1)\n") }},
	{file: "plain", name: "deep file changed", do: func(w *workspace) { w.write("src/lib/util.py", "return\n") }},
	{file: "plain", name: "early file changed", do: func(w *workspace) { w.write("requirements.txt", "django\n") }},
	{file: "plain", name: "file that nothing copies changed", do: func(w *workspace) { w.write("README", "read more\n") }},
	{file: "plain", name: "file renamed", do: func(w *workspace) { w.rename("src/app.py", "src/main.py") }},
	{file: "plain", name: "file made executable", do: func(w *workspace) { w.chmod("src/app.py", 0o755) }},
	{file: "plain", name: "directory's mode changed", do: func(w *workspace) { w.chmod("src/lib", 0o700) }},
	{file: "plain", name: "file deleted", do: func(w *workspace) { w.remove("src/lib/util.py") }},
	{file: "plain", name: "file added", do: func(w *workspace) { w.write("src/new.py", "new\n") }},
	{file: "plain", name: "directory renamed", do: func(w *workspace) { w.rename("src", "source"); w.replace("COPY src ./src", "COPY source ./src") }},
	{file: "plain", name: "same file from elsewhere", do: func(w *workspace) {
		w.write("deps/requirements.txt", "flask\n")
		w.replace("COPY requirements.txt ./", "COPY deps/requirements.txt ./")
	}},
	{file: "plain", name: "labels swapped", do: func(w *workspace) { w.replace("LABEL one=1\nLABEL two=2", "LABEL two=2\nLABEL one=1") }},
	{file: "plain", name: "label changed", do: func(w *workspace) { w.replace("LABEL two=2", "LABEL two=zwei") }},
	{file: "plain", name: "ENV changed", do: func(w *workspace) { w.replace("MODE=fast", "MODE=slow") }},
	{file: "plain", name: "ENV in another order", do: func(w *workspace) { w.replace("MODE=fast \\\n    LEVEL=1", "LEVEL=1 \\\n    MODE=fast") }},
	{file: "plain", name: "ENV after its RUN", do: func(w *workspace) {
		w.replace("RUN echo $MODE > /mode\n", "")
		w.replace("ENV MODE", "RUN echo $MODE > /mode\nENV MODE")
	}},
	{file: "plain", name: "CMD changed", do: func(w *workspace) { w.replace(`CMD ["cat", "/mode"]`, `CMD ["ls"]`) }},
	{file: "plain", name: "WORKDIR changed", do: func(w *workspace) { w.replace("WORKDIR /app", "WORKDIR /srv") }},
	{file: "plain", name: "base changed", do: func(w *workspace) { w.rootfs["more"] = "more\n" }},
	{file: "plain", name: "base with another label only", do: func(w *workspace) { w.base.Labels = map[string]string{"pushed": "again"} }},
	{file: "plain", name: "base with another environment", do: func(w *workspace) { w.base.Env = append(w.base.Env, "NEW=1") }},
	{file: "plain", name: "two RUNs joined", do: func(w *workspace) {
		w.replace("COPY requirements.txt ./\nRUN cat requirements.txt > /installed\n", "COPY requirements.txt ./\nRUN cat requirements.txt > /installed && true\n")
	}},

	{file: "stages", name: "nothing", do: func(w *workspace) {}},
	{file: "stages", name: "source changed", do: func(w *workspace) { w.write("main.c", "int other;\n") }},
	{file: "stages", name: "stage changed, its file equal", do: func(w *workspace) { w.replace("echo ok > /log", "echo fine > /log") }},
	{file: "stages", name: "stage changed, its file too", do: func(w *workspace) { w.replace("RUN echo docs", "RUN echo documents") }},
	{file: "stages", name: "unused stage changed", do: func(w *workspace) { w.replace("echo nobody", "echo somebody") }},
	{file: "stages", name: "stage renamed", do: func(w *workspace) {
		w.replace("AS docs", "AS manual")
		w.replace("--from=docs", "--from=manual")
	}},
	{file: "stages", name: "copied path renamed", do: func(w *workspace) {
		w.replace("cat /src/main.c > /out;", "cat /src/main.c > /out2;")
		w.replace("/out /usr/out", "/out2 /usr/out")
	}},
	{file: "stages", name: "copy goes elsewhere", do: func(w *workspace) {
		w.replace("/docs /usr/docs", "/docs /usr/doc")
		w.replace("/usr/docs >", "/usr/doc >")
	}},
	{file: "stages", name: "target", do: func(w *workspace) { w.target = "docs" }},
	{file: "stages", name: "by number", do: func(w *workspace) { w.replace("--from=build", "--from=0") }},

	{file: "args", name: "build arg given", do: func(w *workspace) { w.args["VERSION"] = "2" }},
	{file: "args", name: "build arg as its default", do: func(w *workspace) { w.args["VERSION"] = "1" }},
	{file: "args", name: "default changed", do: func(w *workspace) { w.replace("ARG VERSION=1", "ARG VERSION=2") }},
	{file: "args", name: "base chosen by ARG", do: func(w *workspace) { w.args["FLAVOUR"] = "spicy" }},
	{file: "args", name: "argument that no command reads", do: func(w *workspace) { w.args["UNUSED"] = "x" }},
	{file: "args", name: "argument that is not declared", do: func(w *workspace) { w.args["NOWHERE"] = "x" }},

	{file: "globs", name: "nothing", do: func(w *workspace) {}},
	{file: "globs", name: "file that matches added", do: func(w *workspace) { w.write("c.txt", "c\n") }},
	{file: "globs", name: "file that does not match added", do: func(w *workspace) { w.write("src/notes.md", "no\n") }},
	{file: "globs", name: "match renamed", do: func(w *workspace) { w.rename("b.txt", "bb.txt") }},
	{file: "globs", name: "match deleted", do: func(w *workspace) { w.remove("src/y.go") }},
	{file: "globs", name: "file in a matching directory changed", do: func(w *workspace) { w.write("src/sub1/z", "zz\n") }},
	{file: "globs", name: "pattern changed, same files", do: func(w *workspace) { w.replace("COPY *.txt", "COPY ?.txt") }},
	{file: "globs", name: "pattern changed, fewer files", do: func(w *workspace) { w.replace("COPY *.txt", "COPY a*.txt") }},
	{file: "globs", name: "deep file changed", do: func(w *workspace) { w.write("data/deep/two", "zwei\n") }},
	{file: "globs", name: "archive changed", do: func(w *workspace) { w.write("box.tar", "repacked\n") }},
	{file: "globs", name: "link's target changed", do: func(w *workspace) { w.write("aim", "moved\n") }},
	{file: "globs", name: "empty directory added", do: func(w *workspace) { w.must(os.Mkdir(filepath.Join(w.dir, "data/empty"), 0o755)) }},
	{file: "globs", name: "file becomes a link", do: func(w *workspace) { w.remove("data/one"); w.link("deep/two", "data/one") }},

	{file: "ignore", name: "ignored file changed", do: func(w *workspace) { w.write("src/debug.log", "more\n") }},
	{file: "ignore", name: "ignored directory changed", do: func(w *workspace) { w.write("node_modules/dep/index.js", "dep 2\n") }},
	{file: "ignore", name: "rule added", do: func(w *workspace) { w.write(".dockerignore", "*.log\nnode_modules\nkeep.txt\n") }},
	{file: "ignore", name: "rules reworded", do: func(w *workspace) {
		w.write(".dockerignore", "**/*.log\nnode_modules\n")
	}},
	{file: "ignore", name: "exception added", do: func(w *workspace) { w.write(".dockerignore", "*.log\nnode_modules\n!src/debug.log\n") }},
	{file: "ignore", name: "rules removed", do: func(w *workspace) { w.remove(".dockerignore") }},
	{file: "ignore", name: "sent file changed", do: func(w *workspace) { w.write("keep.txt", "kept\n") }},
	{file: "ignore", name: "source changed", do: func(w *workspace) { w.write("src/main.js", "main 2\n") }},

	{file: "modern", name: "nothing", do: func(w *workspace) {}},
	{file: "modern", name: "heredoc of RUN changed", do: func(w *workspace) { w.replace("echo second", "echo 2nd") }},
	{file: "modern", name: "heredoc of COPY changed", do: func(w *workspace) { w.replace("\ntwo\n", "\nzwei\n") }},
	{file: "modern", name: "line before COPY --link changed", do: func(w *workspace) { w.replace("echo before", "echo earlier") }},
	{file: "modern", name: "linked file changed", do: func(w *workspace) { w.write("app/data", "more\n") }},
	{file: "modern", name: "linked script changed", do: func(w *workspace) { w.write("app/run.sh", "echo stop\n") }},
	{file: "modern", name: "file beneath --parents changed", do: func(w *workspace) { w.write("deep/b/file.txt", "bb\n") }},
	{file: "modern", name: "file beside --parents changed", do: func(w *workspace) { w.write("deep/b/other.txt", "another\n") }},
	{file: "modern", name: "directory for --parents added", do: func(w *workspace) { w.write("deep/c/file.txt", "c\n") }},
	{file: "modern", name: "excluded file changed", do: func(w *workspace) { w.write("notes/readme.md", "read more\n") }},
	{file: "modern", name: "file beside the excluded changed", do: func(w *workspace) { w.write("notes/a.txt", "aa\n") }},
	{file: "modern", name: "exclusion changed", do: func(w *workspace) { w.replace("--exclude=*.md", "--exclude=*.txt") }},
	{file: "modern", name: "mode of the copy changed", do: func(w *workspace) { w.replace("--chmod=640", "--chmod=600") }},
	{file: "modern", name: "owner of the copy changed", do: func(w *workspace) { w.replace("--chown=1:1", "--chown=2:2") }},

	{file: "mounts", name: "nothing", do: func(w *workspace) {}},
	{file: "mounts", name: "bound file changed", do: func(w *workspace) { w.write("conf/main", "changed\n") }},
	{file: "mounts", name: "file that is not bound changed", do: func(w *workspace) { w.write("other", "another\n") }},
	{file: "mounts", name: "file added to what is bound", do: func(w *workspace) { w.write("conf/more", "more\n") }},
	{file: "mounts", name: "cache mount named", do: func(w *workspace) { w.replace("type=cache,target", "type=cache,id=mine,target") }},
	{file: "mounts", name: "cache mount moved", do: func(w *workspace) {
		w.replace("type=cache,target=/cache echo cached > /cache/x", "type=cache,target=/store echo cached > /store/x")
	}},
	{file: "mounts", name: "secret changed", do: func(w *workspace) { w.secrets["token"] = "close" }},
	{file: "mounts", name: "secret of another name", do: func(w *workspace) {
		w.secrets["key"] = "key"
		w.replace("id=token cat /run/secrets/token", "id=key cat /run/secrets/key")
	}},
	{file: "mounts", name: "tool changed, equal", do: func(w *workspace) { w.replace("> /tool\n", "> /tool; true\n") }},
	{file: "mounts", name: "tool changed", do: func(w *workspace) { w.replace("RUN echo tool", "RUN echo saw") }},
	{file: "mounts", name: "mount added", do: func(w *workspace) { w.replace("RUN echo end", "RUN --mount=type=cache,target=/x echo end") }},

	{file: "onbuild", name: "nothing", do: func(w *workspace) {}},
	{file: "onbuild", name: "trigger's file changed", do: func(w *workspace) { w.write("app.txt", "another app\n") }},
	{file: "onbuild", name: "other file changed", do: func(w *workspace) { w.write("other.txt", "another\n") }},
	{file: "onbuild", name: "trigger changed", do: func(w *workspace) { w.base.OnBuild[1] = "RUN cat /app.txt > /rebuilt" }},
	{file: "onbuild", name: "own line changed", do: func(w *workspace) { w.replace("echo own", "echo mine") }},

	{file: "web", name: "nothing", do: func(w *workspace) {}},
	{file: "web", name: "page changed", do: func(w *workspace) { w.served["/page.txt"] = "second\n" }},
	{file: "web", name: "line before changed", do: func(w *workspace) { w.replace("echo first", "echo 1st") }},
	{file: "web", name: "another page", do: func(w *workspace) {
		w.served["/other.txt"] = "other\n"
		w.text = strings.Replace(w.text, "/page.txt /page.txt", "/other.txt /page.txt", 1)
	}},

	{file: "user", name: "nothing", do: func(w *workspace) {}},
	{file: "user", name: "user changed", do: func(w *workspace) { w.replace("USER user", "USER 1000") }},
	{file: "user", name: "shell changed", do: func(w *workspace) { w.replace(`"-ec"`, `"-c"`) }},
	{file: "user", name: "settings changed", do: func(w *workspace) {
		w.replace("EXPOSE 80", "EXPOSE 8080")
		w.replace("STOPSIGNAL SIGINT", "STOPSIGNAL SIGTERM")
		w.replace(`ENTRYPOINT ["cat"]`, `ENTRYPOINT ["ls"]`)
	}},
	{file: "user", name: "workdir that is there", do: func(w *workspace) { w.replace("WORKDIR /tmp", "WORKDIR /etc") }},

	{file: "stages", name: "equal file, then the last line", do: func(w *workspace) { w.replace("echo ok > /log", "echo fine > /log") }, then: []func(*workspace){
		func(w *workspace) { w.replace("> /all", "> /everything") },
		func(w *workspace) { w.replace("> /everything", "> /all") },
		func(w *workspace) { w.replace("echo fine > /log", "echo ok > /log") },
	}},
	{file: "modern", name: "equal file, then the last line", do: func(w *workspace) { w.replace("echo second", "echo 2nd") }, then: []func(*workspace){
		func(w *workspace) { w.replace("RUN echo after", "RUN echo afterwards") },
		func(w *workspace) { w.write("notes/a.txt", "aa\n") },
		func(w *workspace) { w.replace("--chmod=640", "--chmod=600") },
	}},
	{file: "mounts", name: "equal tool, then the last line", do: func(w *workspace) { w.replace("> /tool\n", "> /tool; true\n") }, then: []func(*workspace){
		func(w *workspace) { w.replace("echo end", "echo the end") },
		func(w *workspace) { w.replace("> /tool; true\n", "> /tool\n") },
	}},
	{file: "plain", name: "to and fro", do: func(w *workspace) { w.write("src/app.py", "print(1)\n") }, then: []func(*workspace){
		func(w *workspace) { w.write("src/app.py", "print(2)\n") },
		func(w *workspace) { w.write("src/app.py", "print()\n") },
		func(w *workspace) { w.replace("echo tools", "echo more tools") },
		func(w *workspace) { w.replace("echo more tools", "echo tools") },
	}},
}
