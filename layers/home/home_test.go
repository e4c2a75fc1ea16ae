package home

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFoldersAreWhereTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("caches have a place of their own here")
	}
	for _, c := range []struct {
		find func(func(string) string) (string, error)
		env  map[string]string
		want string
		err  string
	}{
		{Cache, map[string]string{"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/imgtui", ""},
		{Cache, map[string]string{"HOME": "/h"}, "/h/.cache/imgtui", ""},
		{Cache, map[string]string{"XDG_CACHE_HOME": "c", "HOME": "/h"}, "/h/.cache/imgtui", ""},
		{Cache, nil, "", "neither XDG_CACHE_HOME nor HOME is set"},
		{State, map[string]string{"XDG_STATE_HOME": "/s", "HOME": "/h"}, "/s/imgtui", ""},
		{State, map[string]string{"HOME": "/h"}, "/h/.local/state/imgtui", ""},
		{State, nil, "", "neither XDG_STATE_HOME nor HOME is set"},
	} {
		got, err := c.find(func(name string) string { return c.env[name] })
		if got != c.want || (c.err == "") != (err == nil) || err != nil && err.Error() != c.err {
			t.Errorf("%v: got %q, %v; want %q, %q", c.env, got, err, c.want, c.err)
		}
	}
}

func TestAFolderOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Own(dir); err != nil {
		t.Errorf("one's own: %v", err)
	}
	if err := Own(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("none: got %v", err)
	}
	if err := os.Chown(dir, 12345, -1); err != nil {
		t.Skipf("only root gives folders away: %v", err)
	}
	if err := Own(dir); err == nil || !strings.HasSuffix(err.Error(), " belongs to user 12345") {
		t.Errorf("another's: got %v", err)
	}
}
