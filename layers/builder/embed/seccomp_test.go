//go:build linux && !noembed

package embed

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// judge runs a filter as the kernel would.
func judge(t testing.TB, vm *bpf.VM, audit uint32, nr uint32, args [6]uint64) uint32 {
	t.Helper()
	// The machine reads in the order of the network, and this is how it gets the
	// numbers that the kernel would read in its own.
	data := make([]byte, 64)
	binary.BigEndian.PutUint32(data[callNumber:], nr)
	binary.BigEndian.PutUint32(data[callArch:], audit)
	for i, a := range args {
		binary.BigEndian.PutUint32(data[callArgs+8*i:], uint32(a))
		binary.BigEndian.PutUint32(data[callArgs+8*i+4:], uint32(a>>32))
	}
	v, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(v)
}

func machine(t testing.TB, program filter) *bpf.VM {
	t.Helper()
	var all []bpf.Instruction
	for _, i := range program {
		all = append(all, bpf.RawInstruction{Op: i.Code, Jt: i.Jt, Jf: i.Jf, K: i.K}.Disassemble())
	}
	vm, err := bpf.NewVM(all)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// plainly is what a profile says of a call, in the slow way.
func plainly(p *specs.LinuxSeccomp, a abi, nr uint32, args [6]uint64) uint32 {
	say := func(act specs.LinuxSeccompAction, errno *uint) uint32 { v, _ := verdict(act, errno); return v }
	if nr > a.last() {
		return unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	}
	bare := uint32(0)
	found := false
	for _, s := range p.Syscalls {
		for _, name := range s.Names {
			n, ok := a.names[name]
			if !ok || uint32(n)|a.mark != nr {
				continue
			}
			if len(s.Args) == 0 {
				bare, found = say(s.Action, s.ErrnoRet), true
				continue
			}
			if !slices.ContainsFunc(s.Args, func(x specs.LinuxSeccompArg) bool { return !holds(x, args[x.Index]) }) {
				return say(s.Action, s.ErrnoRet)
			}
		}
	}
	if found {
		return bare
	}
	return say(p.DefaultAction, p.DefaultErrnoRet)
}

func holds(x specs.LinuxSeccompArg, v uint64) bool {
	return map[specs.LinuxSeccompOperator]bool{
		specs.OpEqualTo: v == x.Value, specs.OpNotEqual: v != x.Value, specs.OpMaskedEqual: v&x.Value == x.ValueTwo,
		specs.OpLessThan: v < x.Value, specs.OpLessEqual: v <= x.Value, specs.OpGreaterThan: v > x.Value, specs.OpGreaterEqual: v >= x.Value,
	}[x.Op]
}

// TestTheFilterSaysWhatTheProfileDoes asks for every call of every way to call,
// with arguments near those that the profile has.
func TestTheFilterSaysWhatTheProfileDoes(t *testing.T) {
	t.Parallel()
	few := []string{"CAP_CHOWN", "CAP_NET_RAW"}
	for _, caps := range [][]string{few, append([]string{"CAP_SYS_ADMIN", "CAP_SYS_PTRACE"}, few...)} {
		p, err := seccomp.GetDefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: caps}}})
		if err != nil {
			t.Fatal(err)
		}
		program, err := compile(p)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d instructions", len(program))
		vm := machine(t, program)
		asked := 0
		for _, a := range abis {
			if !slices.Contains(p.Architectures, a.spec) {
				if got := judge(t, vm, uint32(a.audit), 1, [6]uint64{}); a.spec != specs.ArchX32 && got != unix.SECCOMP_RET_KILL_PROCESS {
					t.Errorf("%s: got %x, want the process killed", a.spec, got)
				}
				continue
			}
			for n := range a.last() - a.mark + 3 {
				for _, args := range near(p, a, n) {
					nr := n | a.mark
					asked++
					if got, want := judge(t, vm, uint32(a.audit), nr, args), plainly(p, a, nr, args); got != want {
						t.Fatalf("%s call %d with %x: got %x, want %x", a.spec, n, args, got, want)
					}
				}
			}
		}
		if asked < 1000 {
			t.Errorf("%d calls were asked for", asked)
		}
	}
}

// near are arguments on both sides of what a profile compares those of a call with.
func near(p *specs.LinuxSeccomp, a abi, nr uint32) (all [][6]uint64) {
	values := map[uint64]bool{0: true, ^uint64(0): true}
	for _, s := range p.Syscalls {
		if !slices.ContainsFunc(s.Names, func(name string) bool { n, ok := a.names[name]; return ok && uint32(n) == nr }) {
			continue
		}
		for _, x := range s.Args {
			for _, v := range []uint64{x.Value, x.Value + 1, x.Value - 1, x.Value | 1<<40, x.ValueTwo} {
				values[v] = true
			}
		}
	}
	for v := range values {
		all = append(all, [6]uint64{v, v, v, v, v, v})
	}
	return all
}

func TestOperatorsCompareWholeNumbers(t *testing.T) {
	t.Parallel()
	a := abis[0]
	for _, op := range []specs.LinuxSeccompOperator{specs.OpEqualTo, specs.OpNotEqual, specs.OpMaskedEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpGreaterThan, specs.OpGreaterEqual} {
		for range 50 {
			edge := []uint64{0, 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1 << 63, ^uint64(0), rand.Uint64()}
			value, two := edge[rand.IntN(len(edge))], edge[rand.IntN(len(edge))]
			p := &specs.LinuxSeccomp{
				DefaultAction: specs.ActErrno, Architectures: []specs.Arch{a.spec},
				Syscalls: []specs.LinuxSyscall{{Names: []string{"read"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{{Index: 3, Value: value, ValueTwo: two, Op: op}}}},
			}
			program, err := compile(p)
			if err != nil {
				t.Fatal(err)
			}
			vm := machine(t, program)
			for _, v := range append(edge, value, value+1, value-1, two, value&two) {
				args := [6]uint64{3: v}
				nr := uint32(a.names["read"])
				if got, want := judge(t, vm, uint32(a.audit), nr, args), plainly(p, a, nr, args); got != want {
					t.Fatalf("%s %x (%x) of %x: got %x, want %x", op, value, two, v, got, want)
				}
			}
		}
	}
}

func TestCallsThatAreAnswered(t *testing.T) {
	t.Parallel()
	vm := machine(t, answered(append(slices.Clone(ownerCalls), syncCalls...)))
	for _, a := range abis {
		for name, n := range a.names {
			want := uint32(unix.SECCOMP_RET_ALLOW)
			bare := name
			if len(name) > 2 && name[len(name)-2:] == "32" {
				bare = name[:len(name)-2]
			}
			if slices.Contains(ownerCalls, bare) || slices.Contains(syncCalls, name) {
				want = unix.SECCOMP_RET_ERRNO
			}
			if got := judge(t, vm, uint32(a.audit), uint32(n)|a.mark, [6]uint64{}); got != want {
				t.Errorf("%s %s: got %x, want %x", a.spec, name, got, want)
			}
		}
	}
}
