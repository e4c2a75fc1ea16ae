package model_test

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model"
)

func TestPlatformsAreRead(t *testing.T) {
	for in, want := range map[string]model.Platform{
		"linux/amd64":       {OS: "linux", Architecture: "amd64"},
		"linux/arm/v7":      {OS: "linux", Architecture: "arm", Variant: "v7"},
		"LINUX/X86_64":      {OS: "linux", Architecture: "amd64"},
		"linux/x86-64":      {OS: "linux", Architecture: "amd64"},
		"linux/aarch64/v8":  {OS: "linux", Architecture: "arm64", Variant: "v8"},
		"linux/i686":        {OS: "linux", Architecture: "386"},
		"linux/i386":        {OS: "linux", Architecture: "386"},
		"windows/amd64":     {OS: "windows", Architecture: "amd64"},
		"plan9/whatever/v1": {OS: "plan9", Architecture: "whatever", Variant: "v1"},
	} {
		if got, err := model.ParsePlatform(in); err != nil || got != want {
			t.Errorf("%q read as %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestWhatIsNoPlatformIsRefused(t *testing.T) {
	for _, in := range []string{"", "linux", "/", "linux/", "/amd64", "linux//v8", "linux/arm/", "a/b/c/d"} {
		got, err := model.ParsePlatform(in)
		if err == nil || got != (model.Platform{}) {
			t.Errorf("%q read as %+v, want an error", in, got)
		} else if want := `want os/arch or os/arch/variant`; !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want it to say %q", in, err, want)
		}
	}
}

func TestPlatformsPrintAsTheyAreRead(t *testing.T) {
	for _, want := range []string{"linux/amd64", "linux/arm/v7", "windows/amd64"} {
		p, err := model.ParsePlatform(want)
		if got := p.String(); err != nil || got != want {
			t.Errorf("%q prints as %q, %v", want, got, err)
		}
	}
	if got := (model.Platform{}).String(); got != "" {
		t.Errorf("no platform prints as %q", got)
	}
}

func TestWhichPlatformServesWhich(t *testing.T) {
	for _, c := range []struct {
		image, want string
		ok          bool
	}{
		{"linux/amd64", "linux/amd64", true},
		{"linux/amd64", "linux/arm64", false},
		{"linux/amd64", "windows/amd64", false},
		{"linux/amd64/v3", "linux/amd64", true},
		{"linux/amd64", "linux/amd64/v3", false},
		{"linux/arm/v7", "linux/arm", true},
		{"linux/arm/v6", "linux/arm/v7", false},
		{"linux/arm/v7", "linux/arm/v7", true},
		{"linux/arm64", "linux/arm64/v8", true},
		{"linux/arm64/v8", "linux/arm64", true},
		{"linux/arm64/v8", "linux/arm64/v8", true},
		{"linux/arm64", "linux/arm64/v9", false},
		{"linux/arm", "linux/arm/v8", false},
	} {
		image, err := model.ParsePlatform(c.image)
		want, also := model.ParsePlatform(c.want)
		if got := image.Matches(want); got != c.ok || err != nil || also != nil {
			t.Errorf("an image for %s serves %s: %v, want %v", c.image, c.want, got, c.ok)
		}
	}
}
