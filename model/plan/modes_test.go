package plan

import (
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	mode "github.com/tonistiigi/dchapes-mode"
)

// oracleMode is what BuildKit's own library makes of symbolic modes.
func oracleMode(text string, bits uint32, dir bool) (uint32, error) {
	m := fs.FileMode(bits & 0o777)
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			m |= flag
		}
	}
	if dir {
		m |= fs.ModeDir
	}
	set, err := mode.ParseWithUmask(text, 0)
	if err != nil {
		return 0, err
	}
	m = set.Apply(m)
	got := uint32(m.Perm())
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&flag != 0 {
			got |= bit
		}
	}
	return got, nil
}

func TestSymbolicModesAreThoseOfBuildKit(t *testing.T) {
	texts := []string{"u+x", "+x", "a=r", "=r", "=", "u=", "go=u-w", "u=rwX,go=rX", "+X", "-X", "a-X", "+t", "-t", "=t", "o+t", "u+t", "+s", "u+s", "o+s", "g=s", "u=g", "go=u", "o=u-w", "u+rwx-x", "a+rX,g-w",
		"u=o=g", "uu+r", "g+u", "g=u+s", "u=rg", "u=gr", "+ug", "-o", "u-g", "=u", "=X", "u=X", "ug=rw,o=", ",", "u", "u+,", "u+x,", "x", "+q", "u*x", "", "a", "=rw,+X", "u+x+", "g=-w"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var text strings.Builder
		for range 1 + random.IntN(8) {
			text.WriteString(string("ugoa+-=+-=rwxXst,"[random.IntN(17)]))
		}
		texts = append(texts, text.String())
	}
	for _, text := range texts {
		for _, bits := range []uint32{0, 0o644, 0o755, 0o4711, 0o2070, 0o1777, 0o7777, 0o604} {
			for _, dir := range []bool{false, true} {
				want, wantErr := oracleSafe(text, bits, dir)
				got, err := change(text, bits, dir)
				if (err == nil) != (wantErr == nil) || err == nil && got != want {
					t.Errorf("%q of %04o, directory %v: got %04o and %v, want %04o and %v", text, bits, dir, got, err, want, wantErr)
				}
			}
		}
	}
}

// oracleSafe takes a panic of the library's for an error.
func oracleSafe(text string, bits uint32, dir bool) (got uint32, err error) {
	defer func() {
		if recover() != nil {
			err = mode.ErrSyntax
		}
	}()
	return oracleMode(text, bits, dir)
}
