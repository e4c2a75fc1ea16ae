package model

import "testing"

func TestAnImageIsCalledByItsReferenceOrItsTag(t *testing.T) {
	cases := []struct {
		image Image
		want  string
	}{
		{Image{Reference: "alpine:3.20", Source: "registry", Tags: []string{"alpine:3.20"}}, "alpine:3.20"},
		{Image{Reference: "demo:", Source: "demo", Tags: []string{"acct/my-app:1.4"}}, "acct/my-app:1.4 (demo)"},
		{Image{Reference: "demo://", Source: "demo", Tags: []string{"acct/my-app:1.4"}}, "acct/my-app:1.4 (demo)"},
		{Image{Reference: "-", Source: "oci-archive", Tags: []string{"a:1", "b:2"}}, "a:1 (-)"},
		{Image{Reference: "demo:", Source: "demo"}, "demo:"},
		{Image{Reference: "./app.tar", Source: "docker-archive", Tags: []string{"app:1"}}, "./app.tar"},
	}
	for _, c := range cases {
		if got := c.image.Title(); got != c.want {
			t.Errorf("title of %q from %q with %q = %q, want %q", c.image.Reference, c.image.Source, c.image.Tags, got, c.want)
		}
	}
}
