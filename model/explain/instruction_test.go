package explain

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/words"
)

func TestInstructionIsWhatADockerfileHas(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct{ by, want, verb string }{
		// The classic builder of an engine.
		{`/bin/sh -c apt-get update`, `RUN apt-get update`, "RUN"},
		{`/bin/sh -c #(nop)  CMD ["sh"]`, `CMD ["sh"]`, "CMD"},
		{`/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "flask run"]`, `CMD ["/bin/sh", "-c", "flask run"]`, "CMD"},
		{`/bin/sh -c #(nop) ADD file:` + sum + ` in / `, `ADD file:0123456789ab… in /`, "ADD"},
		{`/bin/sh -c #(nop) COPY dir:` + sum + ` in /opt `, `COPY dir:0123456789ab… in /opt`, "COPY"},
		{`/bin/sh -c #(nop) COPY multi:` + sum + ` in ./ `, `COPY multi:0123456789ab… in ./`, "COPY"},
		{`/bin/sh -c #(nop)  ENV A=1 B=2`, `ENV A=1 B=2`, "ENV"},
		{`/bin/sh -c #(nop)  EXPOSE 80`, `EXPOSE 80`, "EXPOSE"},
		{`/bin/sh -c #(nop)  EXPOSE map[80/tcp:{} 443/tcp:{}]`, `EXPOSE 80/tcp 443/tcp`, "EXPOSE"},
		{`/bin/sh -c #(nop)  VOLUME [/data /logs]`, `VOLUME /data /logs`, "VOLUME"},
		{`/bin/sh -c #(nop)  VOLUME ["/data"]`, `VOLUME ["/data"]`, "VOLUME"},
		{`/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "curl -f http://localhost/ || exit 1"] "5m0s" "3s" "0s" '\x03'}`, `HEALTHCHECK --interval=5m0s --timeout=3s --retries=3 CMD curl -f http://localhost/ || exit 1`, "HEALTHCHECK"},
		{`/bin/sh -c #(nop)  MAINTAINER someone <a@example.org>`, `MAINTAINER someone <a@example.org>`, "MAINTAINER"},
		{`/bin/sh -c #(nop)  ONBUILD RUN make`, `ONBUILD RUN make`, "ONBUILD"},
		{`/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT`, `STOPSIGNAL SIGQUIT`, "STOPSIGNAL"},
		{`|2 A=1 B=2 /bin/sh -c make all`, `RUN make all`, "RUN"},
		{`|1 GREETING=hello wide world /bin/sh -c make`, `RUN make`, "RUN"},
		{`|0 /bin/sh -c make`, `RUN make`, "RUN"},
		{`/bin/bash -o pipefail -c curl x | tar x`, `RUN curl x | tar x`, "RUN"},
		{`/bin/bash -o pipefail -c #(nop)  USER app`, `USER app`, "USER"},
		// BuildKit.
		{`RUN /bin/sh -c apk add --no-cache     ca-certificates     busybox # buildkit`, `RUN apk add --no-cache ca-certificates busybox`, "RUN"},
		{`RUN |1 TARGETARCH=amd64 /bin/sh -c echo $TARGETARCH # buildkit`, `RUN echo $TARGETARCH`, "RUN"},
		{`RUN |1 A=b c /bin/bash -eo pipefail -c make # buildkit`, `RUN make`, "RUN"},
		{`RUN |1 A=b /app/setup --now # buildkit`, `RUN /app/setup --now`, "RUN"},
		{`RUN echo hi # buildkit`, `RUN echo hi`, "RUN"},
		{`RUN powershell -Command Write-Host hi # buildkit`, `RUN Write-Host hi`, "RUN"},
		{`RUN cmd /S /C dir # buildkit`, `RUN dir`, "RUN"},
		{`COPY . /opt/source-code # buildkit`, `COPY . /opt/source-code`, "COPY"},
		{`ADD alpine-minirootfs-3.18.12-aarch64.tar.gz / # buildkit`, `ADD alpine-minirootfs-3.18.12-aarch64.tar.gz /`, "ADD"},
		{`WORKDIR /app`, `WORKDIR /app`, "WORKDIR"},
		{`ENTRYPOINT ["flask" "run"]`, `ENTRYPOINT ["flask", "run"]`, "ENTRYPOINT"},
		{`EXPOSE [8080/tcp]`, `EXPOSE 8080/tcp`, "EXPOSE"},
		{`EXPOSE map[5000/tcp:{}]`, `EXPOSE 5000/tcp`, "EXPOSE"},
		{`SHELL [/bin/bash -o pipefail -c]`, `SHELL [/bin/bash -o pipefail -c]`, "SHELL"},
		{`SHELL ["/bin/bash" "-c"]`, `SHELL ["/bin/bash", "-c"]`, "SHELL"},
		{`HEALTHCHECK &{["CMD" "curl" "-f" "http://localhost"] "30s" "3s" "5s" "1s" '\n'}`, `HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --start-interval=1s --retries=10 CMD ["curl", "-f", "http://localhost"]`, "HEALTHCHECK"},
		{`HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" '\x00'}`, `HEALTHCHECK NONE`, "HEALTHCHECK"},
		{`HEALTHCHECK &{something else}`, `HEALTHCHECK &{something else}`, "HEALTHCHECK"},
		{"RUN /bin/sh -c set -e\nmake\nmake install # buildkit", `RUN set -e make make install`, "RUN"},
		// kaniko, buildah and podman.
		{`RUN cp /root/saved.txt /tmp/saved.again1.txt`, `RUN cp /root/saved.txt /tmp/saved.again1.txt`, "RUN"},
		{`COPY --from=build /out /usr/bin`, `COPY --from=build /out /usr/bin`, "COPY"},
		{`/bin/sh -c #(nop) COPY file:` + sum + ` in /app.py `, `COPY file:0123456789ab… in /app.py`, "COPY"},
		{`/bin/sh -c #(nop) LABEL "io.buildah.version"="1.33.7"`, `LABEL "io.buildah.version"="1.33.7"`, "LABEL"},
		{`/bin/sh -c --mount=type=cache,target=/root/.cache pip install flask`, `RUN --mount=type=cache,target=/root/.cache pip install flask`, "RUN"},
		// Tools that tell no instruction.
		{`bazel build ...`, `bazel build ...`, ""},
		{`jib-maven-plugin:3.4.0`, `jib-maven-plugin:3.4.0`, ""},
		{`ko build ko://example.org/cmd/app`, `ko build ko://example.org/cmd/app`, ""},
		{`# debian.sh --arch 'amd64' out/ 'bookworm' '@1717977600'`, `# debian.sh --arch 'amd64' out/ 'bookworm' '@1717977600'`, ""},
		{`apko`, `apko`, ""},
		{`Apply image 10.0.17763.1`, `Apply image 10.0.17763.1`, ""},
		{``, ``, ""},
		{`(missing)`, `(missing)`, ""},
		{`bash`, `bash`, ""},
		// Hostile ones, and marks with nothing behind them.
		{"RUN /bin/sh -c echo \x1b[31mred\u202e # buildkit", `RUN echo \x1b[31mred\u202e`, "RUN"},
		{"\xff\xfe", `\xff\xfe`, ""},
		{`/bin/sh -c`, `/bin/sh -c`, ""},
		{`/bin/sh -c #(nop)`, ``, ""},
		{`|1 A=1`, `|1 A=1`, ""},
		{`|9 A=1 /bin/sh -c make`, `|9 A=1 /bin/sh -c make`, ""},
		{`|999999999999999999999 /bin/sh -c x`, `|999999999999999999999 /bin/sh -c x`, ""},
		{`RUN`, `RUN`, "RUN"},
		{`RUNNER go`, `RUNNER go`, ""},
		{`CMD ["a\"" "b"]`, `CMD ["a\"" "b"]`, "CMD"},
	} {
		if got := Instruction(c.by); got != c.want {
			t.Errorf("Instruction(%q)\n got %q\nwant %q", c.by, got, c.want)
		}
		if got := Verb(c.by); got != c.verb {
			t.Errorf("Verb(%q): got %q, want %q", c.by, got, c.verb)
		}
	}
}

func TestBuildArgsAreWhatTheRunWasGiven(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][]string{
		`RUN |2 A=1 B=two words /bin/sh -c make # buildkit`: {"A=1", "B=two words"},
		`|1 VERSION=3 /bin/sh -c make`:                      {"VERSION=3"},
		`RUN /bin/sh -c make`:                               nil,
		`|x`:                                                nil,
	} {
		if got := BuildArgs(by); !cmp.Equal(got, want) {
			t.Errorf("BuildArgs(%q): got %q, want %q", by, got, want)
		}
	}
}

func TestARunHasALineForEachCommand(t *testing.T) {
	t.Parallel()
	for by, want := range map[string][]string{
		`RUN /bin/sh -c apt-get update &&     apt-get install -y curl && rm -rf /x # buildkit`: {"RUN apt-get update", "  && apt-get install -y curl", "  && rm -rf /x"},
		`RUN /bin/sh -c sh -c "a  && b" && c # buildkit`:                                       {`RUN sh -c "a  && b"`, "  && c"},
		`RUN /bin/sh -c (cd x && make) && echo 'it && that' # buildkit`:                        {"RUN (cd x && make)", "  && echo 'it && that'"},
		"RUN /bin/sh -c set -e\n\tmake # buildkit":                                             {"RUN set -e", "  make"},
		"/bin/sh -c make a \\\n  b":                                                            {"RUN make a b"},
		"RUN /bin/sh -c cat <<EOF > x\na && b\nEOF # buildkit":                                 {"RUN cat <<EOF > x", "a && b", "EOF"},
		"COPY a b":      {"COPY a b"},
		"":              nil,
		"\x1b[2J\n\x07": {`\x1b[2J`, `\x07`},
	} {
		if got := commandLines(by); !cmp.Equal(got, want) {
			t.Errorf("commandLines(%q)\n got %q\nwant %q", by, got, want)
		}
	}
}

func FuzzInstructionIsSafeAndBounded(f *testing.F) {
	for _, s := range []string{`|2 A=1 B=2 /bin/sh -c make`, `HEALTHCHECK &{["CMD" "x"] "1s" "1s" "1s" '\x03'}`, "RUN /bin/sh -c \x1b[0m && 'x", `CMD ["a" "b"]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, by string) {
		lines := append(commandLines(by), Instruction(by), strings.Join(BuildArgs(by), ""))
		for _, l := range lines[:len(lines)-1] {
			if !utf8.ValidString(l) || words.Visible(l) != l {
				t.Errorf("%q: %q is not fit to be shown", by, l)
			}
			if len(l) > 12*longest {
				t.Errorf("%d bytes became %d", len(by), len(l))
			}
		}
	})
}
