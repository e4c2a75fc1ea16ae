//go:build linux && !noembed

package embed

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Where a filter finds what it judges, in bytes: struct seccomp_data.
const (
	callNumber = 0
	callArch   = 4
	callArgs   = 16 // six of 64 bits
)

// The instructions that filters are made of.
const (
	load      = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	and       = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	equal     = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	atLeast   = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	above     = unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K
	jump      = unix.BPF_JMP | unix.BPF_JA
	answer    = unix.BPF_RET | unix.BPF_K
	mostSteps = 4096 // BPF_MAXINSNS
)

// x32 marks the calls of a third way to call a kernel of 64 bits.
const x32 = 0x40000000

// abi is a way to call the kernel: its calls, and what marks their numbers.
type abi struct {
	spec  specs.Arch
	audit arch.AuditArch
	names map[string]int
	mark  uint32
}

var abis = []abi{
	{specs.ArchX86_64, arch.X86_64.ID, arch.X86_64.SyscallNames, 0},
	{specs.ArchX32, arch.X32.ID, arch.X32.SyscallNames, x32},
	{specs.ArchX86, arch.I386.ID, arch.I386.SyscallNames, 0},
	{specs.ArchAARCH64, arch.AARCH64.ID, arch.AARCH64.SyscallNames, 0},
	{specs.ArchARM, arch.ARM.ID, arch.ARM.SyscallNames, 0},
}

// filter is a program for seccomp.
type filter []unix.SockFilter

func (b *filter) add(code uint16, k uint32, yes, no uint8) {
	*b = append(*b, unix.SockFilter{Code: code, K: k, Jt: yes, Jf: no})
}

// compile turns a profile into what the kernel takes.
func compile(p *specs.LinuxSeccomp) (filter, error) {
	fallback, err := verdict(p.DefaultAction, p.DefaultErrnoRet)
	if err != nil {
		return nil, err
	}
	out := filter{}
	for _, a := range abis {
		if !slices.Contains(p.Architectures, a.spec) {
			continue
		}
		part, err := a.compile(p, fallback)
		if err != nil {
			return nil, err
		}
		out.add(load, callArch, 0, 0)
		out.add(equal, uint32(a.audit), 1, 0)
		out.add(jump, uint32(len(part)), 0, 0)
		out = append(out, part...)
	}
	out.add(answer, unix.SECCOMP_RET_KILL_PROCESS, 0, 0) // a way to call that the profile does not have
	if len(out) > mostSteps {
		return nil, fmt.Errorf("the seccomp profile takes %d instructions, at most %d are possible", len(out), mostSteps)
	}
	return out, nil
}

// compile makes the part for one way to call. It ends in an answer, or goes on
// past its end where the number is not one of its own.
func (a abi) compile(p *specs.LinuxSeccomp, fallback uint32) (filter, error) {
	body := filter{}
	always := map[uint32]uint32{}
	for _, s := range p.Syscalls {
		v, err := verdict(s.Action, s.ErrnoRet)
		if err != nil {
			return nil, err
		}
		for _, name := range s.Names {
			n, ok := a.names[name]
			if !ok {
				continue
			}
			nr := uint32(n) | a.mark
			if len(s.Args) == 0 {
				always[nr] = v
				continue
			}
			if err := body.rule(nr, s.Args, v); err != nil {
				return nil, fmt.Errorf("seccomp rule for %s: %w", name, err)
			}
		}
	}
	body.add(load, callNumber, 0, 0)
	for _, r := range ranges(always) {
		body.add(atLeast, r.first, 0, 2)
		body.add(atLeast, r.last+1, 1, 0)
		body.add(answer, r.verdict, 0, 0)
	}
	// A call newer than the profile is one that the kernel does not have, so that
	// programs do it in the old way.
	body.add(atLeast, a.last()+1, 0, 1)
	body.add(answer, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS), 0, 0)
	body.add(answer, fallback, 0, 0)

	out := filter{}
	out.add(load, callNumber, 0, 0)
	switch {
	case a.mark != 0:
		out.add(atLeast, a.mark, 1, 0)
		out.add(jump, uint32(len(body)), 0, 0)
	case a.spec == specs.ArchX86_64:
		out.add(atLeast, x32, 0, 1)
		out.add(jump, uint32(len(body)), 0, 0)
	}
	return append(out, body...), nil
}

// last is the highest number that the table of calls has.
func (a abi) last() uint32 {
	return uint32(slices.Max(slices.Collect(maps.Values(a.names)))) | a.mark
}

// rule answers a call whose arguments are as they say; all of them are held to.
func (b *filter) rule(nr uint32, args []specs.LinuxSeccompArg, verdict uint32) error {
	var tests filter
	for _, arg := range args {
		test, err := compare(arg)
		if err != nil {
			return err
		}
		tests = append(tests, test...)
	}
	b.add(load, callNumber, 0, 0)
	b.add(equal, nr, 1, 0)
	b.add(jump, uint32(len(tests)+1), 0, 0)
	// Where a test fails, what is left of the rule is passed over.
	for i := range tests {
		if tests[i].Code == jump {
			tests[i].K = uint32(len(tests) - i)
		}
	}
	*b = append(append(*b, tests...), unix.SockFilter{Code: answer, K: verdict})
	return nil
}

// compare goes on past its end where an argument is as it says, and comes to a
// jump, to be aimed, where it is not. Filters see halves of 32 bits.
func compare(arg specs.LinuxSeccompArg) (b filter, err error) {
	if arg.Index > 5 {
		return nil, fmt.Errorf("argument %d", arg.Index)
	}
	high, low := uint32(callArgs+8*arg.Index+4), uint32(callArgs+8*arg.Index)
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		high, low = low, high
	}
	switch arg.Op {
	case specs.OpEqualTo:
		b.same(high, low, arg.Value, ^uint64(0), [3]uint8{3, 1, 0})
	case specs.OpNotEqual:
		b.same(high, low, arg.Value, ^uint64(0), [3]uint8{4, 0, 1})
	case specs.OpMaskedEqual:
		b.same(high, low, arg.ValueTwo, arg.Value, [3]uint8{3, 1, 0})
	case specs.OpGreaterThan:
		b.order(high, low, arg.Value, above, [4]uint8{4, 2, 1, 0})
	case specs.OpGreaterEqual:
		b.order(high, low, arg.Value, atLeast, [4]uint8{4, 2, 1, 0})
	case specs.OpLessThan:
		b.order(high, low, arg.Value, atLeast, [4]uint8{3, 3, 0, 1})
	case specs.OpLessEqual:
		b.order(high, low, arg.Value, above, [4]uint8{3, 3, 0, 1})
	default:
		return nil, fmt.Errorf("operator %s", arg.Op)
	}
	b.add(jump, 0, 0, 0)
	return b, nil
}

// same compares for equality. The jumps are: where the high half differs, and
// where the low one is equal and is not.
func (b *filter) same(high, low uint32, want, mask uint64, jumps [3]uint8) {
	b.add(load, high, 0, 0)
	b.add(and, uint32(mask>>32), 0, 0)
	b.add(equal, uint32(want>>32), 0, jumps[0])
	b.add(load, low, 0, 0)
	b.add(and, uint32(mask), 0, 0)
	b.add(equal, uint32(want), jumps[1], jumps[2])
}

// order compares for size. The jumps are: where the high half is larger and
// where it is smaller, and where the low one passes and does not.
func (b *filter) order(high, low uint32, than uint64, pass uint16, jumps [4]uint8) {
	b.add(load, high, 0, 0)
	b.add(above, uint32(than>>32), jumps[0], 0)
	b.add(equal, uint32(than>>32), 0, jumps[1])
	b.add(load, low, 0, 0)
	b.add(pass, uint32(than), jumps[2], jumps[3])
}

// span is a run of calls with one answer.
type span struct{ first, last, verdict uint32 }

func ranges(always map[uint32]uint32) (all []span) {
	for _, nr := range slices.Sorted(maps.Keys(always)) {
		if n := len(all); n > 0 && all[n-1].last+1 == nr && all[n-1].verdict == always[nr] {
			all[n-1].last = nr
			continue
		}
		all = append(all, span{nr, nr, always[nr]})
	}
	return all
}

// verdict is an action in the kernel's words.
func verdict(a specs.LinuxSeccompAction, errno *uint) (uint32, error) {
	switch a {
	case specs.ActAllow:
		return unix.SECCOMP_RET_ALLOW, nil
	case specs.ActErrno:
		return unix.SECCOMP_RET_ERRNO | uint32(cmp.Or(value(errno), uint(unix.EPERM)))&unix.SECCOMP_RET_DATA, nil
	case specs.ActKill, specs.ActKillThread:
		return unix.SECCOMP_RET_KILL_THREAD, nil
	case specs.ActKillProcess:
		return unix.SECCOMP_RET_KILL_PROCESS, nil
	}
	return 0, fmt.Errorf("seccomp action %s is not known", a)
}

func value(u *uint) uint {
	if u == nil {
		return 0
	}
	return *u
}

// bytes is the filter as it lies in memory.
func (b filter) bytes() []byte {
	var out bytes.Buffer
	_ = binary.Write(&out, binary.NativeEndian, []unix.SockFilter(b)) // of fixed size, to memory
	return out.Bytes()
}

// ownerCalls set owners and users, which takes more than a single ID. To say that
// it was done is enough for package managers, and a lie to whoever relies on it,
// which [Info] tells.
var ownerCalls = []string{
	"chown", "lchown", "fchown", "fchownat", "setuid", "setgid", "setreuid", "setregid",
	"setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid",
}

// answered is a filter for calls that are not made, and said to have been done.
func answered(calls []string) filter {
	out := filter{}
	for _, a := range abis {
		part := filter{}
		part.add(load, callNumber, 0, 0)
		for _, name := range calls {
			for _, n := range []string{name, name + "32"} {
				if nr, ok := a.names[n]; ok {
					part.add(equal, uint32(nr)|a.mark, 0, 1)
					part.add(answer, unix.SECCOMP_RET_ERRNO, 0, 0)
				}
			}
		}
		out.add(load, callArch, 0, 0)
		out.add(equal, uint32(a.audit), 1, 0)
		out.add(jump, uint32(len(part)), 0, 0)
		out = append(out, part...)
	}
	out.add(answer, unix.SECCOMP_RET_ALLOW, 0, 0)
	return out
}
