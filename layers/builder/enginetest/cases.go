package enginetest

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Case is a Dockerfile that every engine is to build to the same image.
type Case struct {
	Name    string
	Text    string // {{box}} and {{onbuild}} are bases, {{nonce}} a word of this run alone
	Context map[string]string
	Args    map[string]string
	Secrets map[string]string
	OnBuild []string // of the base named onbuild
	Fails   string   // what the error says, where it is to fail
	Owners  bool     // needs more than one user
	Devices bool     // needs a root that is one outside too
	SSH     bool     // needs an agent
	Modern  bool     // needs a frontend of Dockerfile 1.4 or later
}

// Job fills a case in, and tells what it stands on.
func (c Case) Job(t testing.TB) (Job, v1.Image) {
	t.Helper()
	nonce := rand(t)
	config := v1.Config{Env: []string{"PATH=/bin", "FROM_BASE=yes"}}
	name := "box"
	if strings.Contains(c.Text, "{{onbuild}}") {
		name, config.OnBuild = "onbuild", c.OnBuild
	}
	base := Busybox(t, config, File("nonce", 0o644, nonce))
	// Engines that keep images by name have this one for this run alone.
	tag := "imgtui-" + name + "-" + nonce + ":1"
	text := strings.NewReplacer("{{nonce}}", nonce, "{{"+name+"}}", tag).Replace(c.Text)
	return Job{Text: text, Context: c.Context, Args: c.Args, Secrets: c.Secrets, Bases: map[string]v1.Image{tag: base}}, base
}

// Cases are the Dockerfiles that engines are held against each other with.
var Cases = []Case{
	{Name: "run", Text: "FROM {{box}}\nRUN echo hello >/hello && mkdir -p /a/b && echo x >/a/b/c\n"},
	{Name: "users", Owners: true, Text: `FROM {{box}}
RUN id >/tmp/first
USER app
RUN id >/tmp/second && touch /tmp/mine
USER 1001:2000
RUN id >/tmp/third
USER other
RUN id -un >/tmp/fourth && ! touch /not-mine
USER 4321
RUN id -u >/tmp/fifth
`},
	{Name: "owners", Owners: true, Text: "FROM {{box}}\nRUN touch /f /g && chown 123:456 /f && chown app:extra /g && mkdir /d && chown -R other /d\n"},
	{Name: "environment", Text: `FROM {{box}}
ENV A=1 B="two words" C=$FROM_BASE
ENV D=${A}-${B} E=${NONE:-fallback} F=${A:+set}
ENV PATH=/extra:$PATH
RUN env | grep -E '^(A|B|C|D|E|F|PATH|FROM_BASE)=' | sort >/env
`},
	{Name: "workdir", Text: `FROM {{box}}
WORKDIR /one
RUN pwd >where
WORKDIR two/three
RUN pwd >where
WORKDIR ../four
RUN pwd >where && ls -d /one/* >all
WORKDIR /
`},
	{Name: "workdir of a user", Owners: true, Text: "FROM {{box}}\nUSER app\nWORKDIR /srv/app\nRUN pwd >/tmp/at && ls -ld /srv/app | cut -c1-10 >/tmp/mode\n"},
	{Name: "shells", Text: `FROM {{box}}
RUN ["/bin/sh", "-c", "echo $0 exec form >/exec"]
RUN ["touch", "/with space", "/b"]
RUN echo one \
  && echo two >/two # not a comment
SHELL ["/bin/busybox", "ash", "-eu", "-c"]
RUN echo "$-" | grep -q u && false || echo strict >/strict
`},
	{Name: "heredocs", Modern: true, Text: `FROM {{box}}
RUN <<EOF
echo first >/first
echo $((1+1)) >>/first
EOF
RUN <<EOF cat >/second
text $FROM_BASE
EOF
RUN <<-"EOF" /bin/sh
	echo 'quoted $FROM_BASE' >/third
EOF
COPY <<EOF <<"RAW" /copied/
expanded $FROM_BASE
EOF
raw $FROM_BASE
RAW
RUN <<EOF
#!/bin/busybox ash
echo shebang >/fourth
EOF
`},
	{Name: "cache mount", Text: `# syntax=docker/dockerfile:1
FROM {{box}}
RUN --mount=type=cache,id={{nonce}},target=/cache echo one >>/cache/f
RUN --mount=type=cache,id={{nonce}},target=/cache echo two >>/cache/f && cp /cache/f /out
RUN test ! -e /cache/f
`},
	{Name: "cache mount of a user", Owners: true, Text: `# syntax=docker/dockerfile:1
FROM {{box}}
USER app
RUN --mount=type=cache,id={{nonce}},target=/cache,uid=1000,gid=1000,mode=0700 echo one >/cache/f && ls -ldn /cache | cut -c1-10 >/tmp/mode && cp /cache/f /tmp/out
`},
	{Name: "tmpfs mount", Text: "# syntax=docker/dockerfile:1\nFROM {{box}}\nRUN --mount=type=tmpfs,target=/t echo x >/t/gone && grep -c ' /t tmpfs ' /proc/mounts >/count\n"},
	{Name: "bind mount", Context: map[string]string{"dir/a": "from the context\n", "dir/b": "b\n"}, Text: `# syntax=docker/dockerfile:1
FROM {{box}} AS other
RUN echo from a stage >/file
FROM {{box}}
RUN --mount=type=bind,source=dir,target=/in cat /in/* >/one && ! touch /in/new
RUN --mount=type=bind,source=dir,target=/in,rw touch /in/new && ls /in >/two
RUN --mount=type=bind,from=other,source=/file,target=/one-file cat /one-file >/three
RUN --mount=from=other,target=/root-of-other cat /root-of-other/file >/four
`},
	{Name: "secret mount", Secrets: map[string]string{"key": "swordfish"}, Text: `# syntax=docker/dockerfile:1
FROM {{box}}
RUN --mount=type=secret,id=key wc -c </run/secrets/key >/size && ls -l /run/secrets/key | cut -c1-10 >/mode
RUN --mount=type=secret,id=key,target=/etc/key,mode=0444 cmp /etc/key /run/secrets/key; test -e /etc/key && echo there >/there
RUN --mount=type=secret,id=none test ! -e /run/secrets/none
RUN test ! -e /run/secrets/key && ! test -s /etc/key
`},
	{Name: "secret in the environment", Modern: true, Secrets: map[string]string{"key": "swordfish"}, Text: "FROM {{box}}\nRUN --mount=type=secret,id=key,env=KEY echo ${#KEY} >/length\nRUN test -z \"$KEY\"\n"},
	{Name: "secret that is required", Text: "# syntax=docker/dockerfile:1\nFROM {{box}}\nRUN --mount=type=secret,id=none,required true\n", Fails: "none"},
	{Name: "ssh mount", SSH: true, Text: "# syntax=docker/dockerfile:1\nFROM {{box}}\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo there >/there\nRUN test -z \"$SSH_AUTH_SOCK\"\n"},
	{Name: "no network", Text: `# syntax=docker/dockerfile:1
FROM {{box}}
RUN --network=none ip route | wc -l >/routes && ifconfig lo | grep -c UP >/lo
`},
	{Name: "stages", Text: `FROM {{box}} AS a
RUN echo a >/a
FROM {{box}} AS b
RUN echo b >/b
FROM a AS c
COPY --from=b /b /b
RUN cat /a /b >/c
FROM {{box}}
COPY --from=c /c /out/
COPY --from=0 /a /out/
COPY --from=1 /b /out/renamed
`},
	{Name: "copy", Context: map[string]string{
		"a.txt": "a\n", "b.txt": "b\n", "skip.log": "no\n", "dir/x": "x\n", "dir/sub/y": "y\n", "dir/empty/": "", "link": "-> a.txt", "dir/back": "-> ../b.txt",
		".dockerignore": "*.log\n",
	}, Text: `FROM {{box}}
COPY *.txt /texts/
COPY dir /dir
COPY dir/ /merged/
COPY a.txt dir/x /both/
COPY link /link
COPY a.txt /renamed
COPY . /all/
`},
	{Name: "copy with owner and mode", Owners: true, Modern: true, Context: map[string]string{"f": "f\n", "d/g": "g\n"}, Text: `FROM {{box}}
COPY --chown=app:extra f /by-name
COPY --chown=12:34 --chmod=640 f /by-number
COPY --chown=app d /dir
COPY --chmod=u=rwx,go=rx f /by-letters
ADD --chown=other f /added
`},
	{Name: "copy with link", Modern: true, Context: map[string]string{"f": "f\n", "d/g": "g\n"}, Text: `FROM {{box}}
RUN mkdir /here && echo old >/here/f
COPY --link f /here/
COPY --link d /there
COPY --link --chmod=600 f /deep/er/f
`},
	{Name: "copy through links", Context: map[string]string{"f": "f\n"}, Text: `FROM {{box}}
RUN mkdir /real && ln -s /real /inside && ln -s ../../../../../../etc /outside
COPY f /inside/f
COPY f /outside/copied
RUN cat /real/f /etc/copied >/both
`},
	{Name: "add an archive", Context: map[string]string{"t.tar": archiveOfTwo, "plain": "plain\n"}, Text: "FROM {{box}}\nADD t.tar /unpacked/\nCOPY t.tar /kept/\nADD plain /added/\n"},
	{Name: "onbuild", OnBuild: []string{"COPY f /from-onbuild", "RUN cat /from-onbuild >/copied", "ENV ON=build"}, Context: map[string]string{"f": "f\n"}, Text: "FROM {{onbuild}}\nRUN echo $ON >/after\n"},
	{Name: "arg scopes", Args: map[string]string{"GIVEN": "by hand", "TOP": "over"}, Text: `ARG TOP=default
ARG BASE={{box}}
FROM ${BASE} AS first
ARG TOP
ARG GIVEN=not
ARG LOCAL=first
RUN echo "$TOP $GIVEN $LOCAL" >/first
FROM {{box}}
COPY --from=first /first /first
RUN echo "[$TOP] [$GIVEN] [$LOCAL]" >/second
ARG LOCAL
ENV KEPT=${LOCAL:-nothing}
RUN echo "[$LOCAL] $KEPT" >/third
`},
	{Name: "config", Text: `FROM {{box}}
LABEL a=1 b="two words" com.example.c="x=y"
EXPOSE 80 443/tcp 53/udp
VOLUME ["/data", "/more"]
STOPSIGNAL SIGUSR1
HEALTHCHECK --interval=5s --timeout=3s --retries=2 --start-period=1s CMD wget -q localhost || exit 1
WORKDIR /srv
USER app:extra
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo hi", "there"]
`},
	{Name: "config that is undone", Text: "FROM {{box}}\nHEALTHCHECK CMD true\nHEALTHCHECK NONE\nCMD one\nCMD two words\nENTRYPOINT []\nMAINTAINER somebody\n"},
	{Name: "much output", Text: "FROM {{box}}\nRUN seq 1 300000 && echo end >/end && seq 1 1000 >&2\n"},
	{Name: "background processes", Text: "FROM {{box}}\nRUN (sleep 300; echo late >/late) & echo now >/now\nRUN nohup sleep 300 >/dev/null 2>&1 & true\nRUN ps | grep -c '[s]leep' >/count; true\n"},
	{Name: "signals", Text: `FROM {{box}}
RUN trap 'echo term >/term' TERM; kill -TERM $$; echo after >>/term
RUN sh -c 'kill -9 $$'; echo $? >/killed
RUN sleep 100 & kill -USR1 $!; wait $!; echo $? >/interrupted
RUN echo $$ >/pid
`},
	{Name: "standard input", Text: "FROM {{box}}\nRUN cat >/input && wc -c </input >/size\n"},
	{Name: "exit code", Text: "FROM {{box}}\nRUN exit 7\n", Fails: "exit code: 7"},
	{Name: "exit code of what is not there", Text: "FROM {{box}}\nRUN not-a-program\n", Fails: "exit code: 127"},
	{Name: "exit code of a signal", Text: "FROM {{box}}\nRUN sh -c 'kill -9 $$'; exit $?\n", Fails: "exit code: 137"},
	{Name: "devices", Text: `FROM {{box}}
RUN echo x >/dev/null && head -c 8 /dev/urandom | wc -c >/random && head -c 3 /dev/zero | wc -c >/zero
RUN for d in null zero full random urandom tty; do test -c /dev/$d && echo $d; done >/nodes
RUN test -d /dev/shm && echo x >/dev/shm/x && test -w /dev/pts/ptmx && echo terminals >/pts; echo <&0 >/dev/stdout
`},
	{Name: "hostname", Text: "FROM {{box}}\nRUN hostname >/name && grep -c localhost /etc/hosts >/hosts && test -s /etc/resolv.conf\n"},
	{Name: "modes", Text: "FROM {{box}}\nRUN umask >/umask && touch /f && mkdir /d && chmod 4755 /f && chmod 2770 /d && mkdir /t && chmod 1777 /t && umask 077 && touch /private\n"},
	{Name: "kinds of files", Text: "FROM {{box}}\nRUN echo x >/a && ln /a /hard && ln -s a /soft && ln -s /nowhere /dangling && mkfifo /pipe && mkdir /empty && touch '/odd name' /-dash /ünïcode\n"},
	{Name: "device nodes", Devices: true, Text: "FROM {{box}}\nRUN mknod /c c 1 3 && mknod /b b 7 0\n"},
	{Name: "removed and replaced", Text: `FROM {{box}}
RUN mkdir -p /d/e && echo 1 >/d/e/f && echo 2 >/d/g && echo 3 >/h && ln -s d /l
RUN rm /d/e/f /etc/group && mv /d/g /moved
RUN rm -r /d && echo now a file >/d
RUN rm /h && mkdir /h && echo x >/h/in && rm /l && mkdir /l
RUN rm -rf /tmp && mkdir -m 700 /tmp
`},
	{Name: "what a step cannot change", Text: "FROM {{box}}\nRUN for f in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/sys/kernel/core_pattern; do echo x >$f; done 2>/dev/null; hostname >/name; head -c1 /proc/kcore 2>/dev/null | wc -c >/kcore\n"},
	{Name: "limits of a step", Text: "FROM {{box}}\nRUN ulimit -n | grep -q . && ulimit -c >/core; true\nRUN rm -f /core\n"},
}

// archiveOfTwo is a tar of a folder and a file in it.
var archiveOfTwo = func() string {
	var b strings.Builder
	b.WriteString(ustar("folder/", '5', 0o755, ""))
	b.WriteString(ustar("folder/file", '0', 0o640, "from the archive\n"))
	b.WriteString(strings.Repeat("\x00", 1024))
	return b.String()
}()
