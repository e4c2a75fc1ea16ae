package source

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/imgtui/imgtui/model"
)

// Found is an image that a local engine holds.
type Found struct {
	Ref     string // what [Open] takes to open this very one
	Source  string // the scheme of the engine
	Name    string // "" for an image without a name
	ID      model.Digest
	Size    int64 // unpacked bytes of all its layers, as the engine counts them
	Created time.Time
}

// Local lists the images of the local engines, the newest first. Of an engine
// that does not answer, the second result says why.
func Local(ctx context.Context) ([]Found, []Tried) {
	engines := []struct {
		scheme string
		find   func() (dockerHost, error)
	}{{"docker", findDocker}, {"podman", findPodman}}
	var all []Found
	var tried []Tried
	for _, e := range engines {
		found, err := listEngine(ctx, e.scheme, e.find)
		if err != nil {
			tried = append(tried, Tried{e.scheme, err})
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Found) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.Name, b.Name))
	})
	return all, tried
}

// listEngine lists the images of one engine, a row for each name.
func listEngine(
	ctx context.Context, scheme string, find func() (dockerHost, error),
) ([]Found, error) {
	e, err := connect(ctx, scheme, find)
	if err != nil {
		return nil, err
	}
	defer e.close()
	var rows []struct {
		ID       string `json:"Id"`
		RepoTags []string
		Created  int64
		Size     int64
	}
	if err := e.ask(ctx, "/images/json", nil, &rows); err != nil {
		return nil, err
	}
	var all []Found
	for _, r := range rows {
		f := Found{
			Ref: scheme + "://" + r.ID, Source: scheme,
			ID: model.Digest(r.ID), Size: r.Size, Created: time.Unix(r.Created, 0),
		}
		names := slices.DeleteFunc(r.RepoTags, func(n string) bool { return n == "<none>:<none>" })
		for _, n := range names {
			f.Ref, f.Name = scheme+"://"+n, n
			all = append(all, f)
		}
		if len(names) == 0 {
			all = append(all, f)
		}
	}
	return all, nil
}
