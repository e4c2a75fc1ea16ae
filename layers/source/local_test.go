package source

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imgtui/imgtui/model"
)

func TestLocalListsTheImagesOfEachEngineThatAnswers(t *testing.T) {
	f := newFake(t, "1.41")
	img := f.images["acct/app:1"]
	img.inspect["RepoTags"] = []string{"acct/app:1", "acct/app:2"}
	nameless := &fakeImage{id: "sha256:nameless", inspect: map[string]any{"RepoTags": []string{"<none>:<none>"}}}
	f.images[nameless.id] = nameless
	t.Setenv("CONTAINER_HOST", "unix:///nowhere.sock")
	found, tried := Local(t.Context())
	row := func(ref, name, id string) Found {
		return Found{
			Ref: "docker://" + ref, Source: "docker", Name: name, ID: model.Digest(id),
			Size: 15, Created: time.Unix(1_700_000_000, 0),
		}
	}
	want := []Found{
		row(nameless.id, "", nameless.id),
		row("acct/app:1", "acct/app:1", img.id), row("acct/app:2", "acct/app:2", img.id),
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	if len(tried) != 1 || tried[0].Source != "podman" {
		t.Errorf("got %v, want podman alone without an answer", tried)
	}
}
