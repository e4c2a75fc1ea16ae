// Package home finds the folders in which the program keeps what outlives it,
// and refuses those that belong to somebody else.
package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// name is the program's folder in each of them.
const name = "imgtui"

// Cache returns the folder for what can be had again, with a user's environment:
// imgtui below XDG_CACHE_HOME, else below where the system has caches. It need
// not be there yet.
func Cache(env func(string) string) (string, error) {
	if dir := env("XDG_CACHE_HOME"); filepath.IsAbs(dir) || runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		return below(dir, env("HOME"), ".cache", "XDG_CACHE_HOME")
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, name), err
}

// State returns likewise the folder for what has been done and is to last.
func State(env func(string) string) (string, error) {
	return below(env("XDG_STATE_HOME"), env("HOME"), ".local/state", "XDG_STATE_HOME")
}

// below returns the program's folder below the one that a variable says, else
// below its place in the user's home. Such variables hold absolute paths; others
// do not count.
func below(said, home, place, variable string) (string, error) {
	switch {
	case filepath.IsAbs(said):
		return filepath.Join(said, name), nil
	case home == "":
		return "", errors.New("neither " + variable + " nor HOME is set")
	}
	return filepath.Join(home, place, name), nil
}

// Own refuses a folder of somebody else's.
func Own(dir string) error {
	i, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if user, mine := Owner(i); !mine {
		return fmt.Errorf("%s belongs to user %d", dir, user)
	}
	return nil
}
