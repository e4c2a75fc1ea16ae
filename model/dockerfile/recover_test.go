package dockerfile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

const sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// histories are made as each builder makes them.
var histories = map[string]model.Image{
	"classic": {
		BaseName: "debian:12", Config: model.Config{Env: []string{"OPTS=-a b=c", "D=e"}},
		Steps: based(1, rows("",
			`/bin/sh -c #(nop) ADD file:`+sum+` in / `,
			`/bin/sh -c #(nop)  MAINTAINER someone <a@example.org>`,
			`/bin/sh -c apt-get update     && apt-get install -y curl 	&& rm -rf /var/lib/apt/lists/*`,
			`|2 A=1 B=two words /bin/sh -c make $A`,
			`/bin/sh -c #(nop)  ARG A=1`,
			`/bin/sh -c #(nop)  ARG B`,
			`/bin/sh -c #(nop)  ENV OPTS=-a b=c D=e`,
			`/bin/sh -c #(nop)  ENV Q=say "hi" for $5 C:\x`,
			`/bin/sh -c #(nop) COPY dir:`+sum+` in /opt `,
			`/bin/sh -c #(nop) ADD multi:`+sum+` in /a b/ `,
			`/bin/sh -c #(nop)  EXPOSE 443/tcp 80`,
			`/bin/sh -c #(nop)  EXPOSE map[80/tcp:{}]`,
			`/bin/sh -c #(nop)  VOLUME [/data /logs]`,
			`/bin/sh -c #(nop)  VOLUME ["/data"]`,
			`/bin/sh -c #(nop) WORKDIR /a b`,
			`/bin/sh -c #(nop)  USER app:$x`,
			`/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT`,
			`/bin/sh -c #(nop)  LABEL org.x/y=1 title=my own app`,
			`/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "curl -f \"http://localhost/\" || exit 1"] "5m0s" "3s" "0s" '\x03'}`,
			`/bin/sh -c #(nop)  ONBUILD RUN make`,
			`/bin/sh -c #(nop)  SHELL [/bin/bash -o pipefail -c]`,
			`/bin/bash -o pipefail -c curl x | tar x`,
			`/bin/bash -o pipefail -c #(nop)  CMD ["/bin/bash" "-o" "pipefail" "-c" "run | cat"]`,
			`/bin/sh -c echo another shell`,
			`/bin/busybox --install -s /bin`,
			`/bin/sh -c #(nop)  ENTRYPOINT ["a\"b" "c"]`,
			`/bin/sh -c #(nop)  CMD ["sh"]`,
		)),
	},
	"buildkit": {
		Config: model.Config{Env: []string{"E=a=b c=d", "T=  trailing "}, OnBuild: []string{"RUN make", "RUN <<E\nmake\nE", "FROM x"}},
		Steps: rows("buildkit.dockerfile.v0",
			`ADD alpine-minirootfs.tar.gz / # buildkit`,
			`ARG TARGETARCH=amd64 NONE`,
			`RUN |2 TARGETARCH=amd64 NONE=a b /bin/sh -c apk add --no-cache     ca-certificates     busybox # buildkit`,
			"RUN /bin/sh -c set -e\nmake \"a  b\"\n\nmake install\n # buildkit",
			"RUN /bin/sh -c cat <<EOF > /x && cat <<E2 > /y\na\nEOF\nb\nE2 # buildkit",
			`RUN /bin/sh -c cat <<< word # buildkit`,
			`RUN /bin/sh -c echo \`+"\n"+`# buildkit`,
			"RUN /dev/pipes/EOF # buildkit",
			`RUN /app/setup --now # buildkit`,
			`COPY --chown=1:2 --chmod=644 a b /dst/ # buildkit`,
			`COPY <<inline /etc/x # buildkit`,
			`WORKDIR /app`,
			`ENV E=a=b c=d F= G=h`,
			`ENV T=  trailing `,
			"RUN /bin/sh -c   indented\n  twice\n # buildkit",
			`USER `,
			`LABEL a.b=c d e=f "g"`,
			`SHELL [/bin/bash -c]`,
			`RUN /bin/bash -c a   #   b # buildkit`,
			`EXPOSE [8080/tcp 53/udp]`,
			`EXPOSE map[5000/tcp:{}]`,
			`HEALTHCHECK {Test:[CMD-SHELL curl -f x] Interval:30s Timeout:3s StartPeriod:0s StartInterval:0s Retries:3}`,
			`HEALTHCHECK {Test:[CMD curl x] Interval:0s Timeout:0s StartPeriod:0s StartInterval:1s Retries:0}`,
			`HEALTHCHECK &{["CMD" "curl" "http://x y"] "30s" "3s" "5s" "1s" '\n'}`,
			`HEALTHCHECK {[NONE] 0s 0s 0s 0s 0}`,
			`USER 1000`,
			`STOPSIGNAL 9`,
			`CMD []`,
			`ENTRYPOINT ["/bin/bash" "-c" "[ -f x ] && run"]`,
			`CMD ["/bin/bash" "-c" "flask run"]`,
		),
	},
	"kaniko": {
		Steps: based(2, rows("",
			`/bin/sh -c #(nop) ADD file:`+sum+` in / `,
			`/bin/sh -c #(nop)  CMD ["sh"]`,
			`ADD README.md /somefile.txt`,
			`RUN mkdir -p /root/example`,
			`COPY --from=build /out /usr/bin`,
			`ENV PATH=$PATH:/x A="b c"`,
			`ENV OLD value`,
			`WORKDIR $HOME/x`,
			`CMD ["a", "b"]`,
			`EXPOSE 80`,
			`VOLUME /a /b`,
			`HEALTHCHECK --interval=5s CMD curl x`,
			`RUN ["a", "b c"]`,
		)),
	},
	"buildah": {
		Steps: append(rows("", `/bin/sh -c #(nop) ADD file:`+sum+` in / `, `/bin/sh -c #(nop) CMD ["sh"]`),
			append(rows("FROM docker.io/library/busybox:latest", `/bin/sh -c #(nop) COPY file:`+sum+` in /app.py `),
				rows("", `/bin/sh -c #(nop) LABEL "io.buildah.version"="1.33.7"`, `/bin/sh -c --mount=type=cache,target=/root/.cache pip install flask`,
					`/bin/sh -c #(nop) CMD ["flask", "run"]`, `/bin/sh -c #(nop) EXPOSE 80`)...)...),
	},
	"foreign": {
		Steps: append(rows("", `bazel build ...`, `jib-maven-plugin:3.4.0`, `ko build ko://example.org/cmd/app`, `# debian.sh --arch 'amd64' out/ 'bookworm' '@1717977600'`,
			`apko`, `Apply image 10.0.17763.1`, ``, `bash`, `/bin/sh`, `/bin/sh -c`, `/bin/sh -c #(nop) `, `RUN`, `FROM x`, `COPY a`, "\xff\xfe\x1b[2J", "RUN /bin/sh -c printf \x1b[0m\u202e x # buildkit", `|9 A=1 /bin/sh -c make`,
			"ENV A=a\nb", "RUN "+strings.Repeat("long ", 10_000)),
			rows("store paths: ['/nix/store/x']", "")...),
	},
	"windows": {
		Platform: model.Platform{OS: "windows"}, Config: model.Config{Shell: []string{"powershell", "-Command", "$ErrorActionPreference = 'Stop';"}}, BaseName: "mcr.microsoft.com/windows/nanoserver@sha256:" + sum,
		Steps: based(1, rows("",
			`Apply image 10.0.17763.1`,
			`cmd /S /C mkdir C:\x\`,
			`cmd /S /C #(nop) COPY file:`+sum+` in C:\x\ `,
			`cmd /S /C #(nop)  ENV A=C:\a b\`,
			`cmd /S /C #(nop)  SHELL [powershell -Command $ErrorActionPreference = 'Stop';]`,
			`powershell -Command $ErrorActionPreference = 'Stop'; New-Item C:\temp`,
		)),
	},
}

// rows makes steps, each with a layer where its instruction makes one.
func rows(comment string, by ...string) []model.Step {
	var all []model.Step
	for _, b := range by {
		all = append(all, model.Step{CreatedBy: b, Comment: comment, Layer: &model.Layer{}})
	}
	return all
}

// based marks the first steps as those of the base.
func based(n int, steps []model.Step) []model.Step {
	for i := range n {
		steps[i].Base = true
	}
	return steps
}

func TestRecoveredIsAsWritten(t *testing.T) {
	t.Parallel()
	for name, img := range histories {
		got := Recover(&img)
		file := filepath.Join("testdata", name+".recovered")
		if *update {
			if err := os.WriteFile(file, []byte(got.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.Text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRecoveredParsesAndIsSafe(t *testing.T) {
	t.Parallel()
	for name, img := range histories {
		recovered(t, name, &img)
	}
}

// recovered holds a recovered text against what is promised of any.
func recovered(t *testing.T, name string, img *model.Image) {
	t.Helper()
	got := Recover(img)
	f, err := Parse(got.Text)
	if err != nil {
		t.Errorf("%s: %v in\n%s", name, err, got.Text)
	}
	if len(f.Stages) != 1 || f.Stages[0].First != 0 {
		t.Errorf("%s: %d stages in\n%s", name, len(f.Stages), got.Text)
	}
	_, base := baseOf(img)
	told := len(f.Instructions) - 1 + strings.Count("\n"+got.Text, "\n# no instruction: ")
	if want := len(img.Steps) - base; told < want {
		t.Errorf("%s: %d instructions and comments for %d steps in\n%s", name, told, want, got.Text)
	}
	if !isPrintable(got.Text) {
		t.Errorf("%s: %q is not safe to be printed", name, got.Text)
	}
}

func FuzzRecoveredParsesAndIsSafe(f *testing.F) {
	for _, img := range histories {
		for i, s := range img.Steps {
			f.Add(s.CreatedBy, img.Steps[max(i, 1)-1].CreatedBy, s.Comment, i%2 == 0, img.Platform.OS)
		}
	}
	f.Fuzz(func(t *testing.T, by, first, comment string, base bool, system string) {
		img := &model.Image{Platform: model.Platform{OS: system}, Config: model.Config{Env: []string{by}, Labels: map[string]string{by: first}}}
		img.Steps = append(rows(comment, first, by), rows("buildkit.dockerfile.v0", by, first)...)
		img.Steps[0].Base = base
		img.BaseName = comment
		recovered(t, by, img)
	})
}
