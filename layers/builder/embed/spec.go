//go:build linux && !noembed

package embed

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// translate turns an OCI runtime spec into orders for a step, and the namespaces
// that it is started in.
func (e *own) translate(s *specs.Spec) (c step.Config, namespaces uintptr, err error) {
	for _, n := range s.Linux.Namespaces {
		if n.Path != "" {
			return c, 0, fmt.Errorf("enter the namespace %s: the own executor makes them all itself", n.Path)
		}
		namespaces |= namespaceFlags[n.Type]
	}
	c = step.Config{
		Root: s.Root.Path, Readonly: s.Root.Readonly,
		Masked: s.Linux.MaskedPaths, Fixed: s.Linux.ReadonlyPaths,
		OwnNetwork: namespaces&unix.CLONE_NEWNET != 0,
		Alone:      namespaces&unix.CLONE_NEWPID != 0,
		Faked:      e.mode.single,
	}
	if namespaces&unix.CLONE_NEWUTS != 0 {
		c.Hostname = s.Hostname
	}
	for _, m := range s.Mounts {
		c.Mounts = append(c.Mounts, e.mount(m, namespaces))
	}
	if !c.Alone { // BuildKit leaves them open where /proc is not the step's own
		c.Masked, c.Fixed = append(c.Masked, ofTheHost...), append(c.Fixed, notToWrite...)
	}
	// A process that stays beside its program is entered by its first thread, which
	// makes no namespaces late.
	if c.Alone {
		c.Late = namespaces & late
	}
	c.Program, err = e.program(s, c.Alone, c.OwnNetwork)
	return c, namespaces &^ c.Late, err
}

// What a /proc of the host's shows that is none of a step's.
var (
	ofTheHost = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
	}
	notToWrite = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

var namespaceFlags = map[specs.LinuxNamespaceType]uintptr{
	specs.PIDNamespace: unix.CLONE_NEWPID, specs.NetworkNamespace: unix.CLONE_NEWNET,
	specs.IPCNamespace: unix.CLONE_NEWIPC, specs.UTSNamespace: unix.CLONE_NEWUTS,
	specs.MountNamespace: unix.CLONE_NEWNS, specs.CgroupNamespace: unix.CLONE_NEWCGROUP,
}

// mountFlags are the options that are flags; the others are the filesystem's.
var mountFlags = map[string]uintptr{
	"ro": unix.MS_RDONLY, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC,
	"strictatime": unix.MS_STRICTATIME, "noatime": unix.MS_NOATIME, "relatime": unix.MS_RELATIME, "nodiratime": unix.MS_NODIRATIME,
	"bind": 0, "rbind": 0, "rw": 0, "suid": 0, "dev": 0, "exec": 0,
	"private": 0, "rprivate": 0, "slave": 0, "rslave": 0, "shared": 0, "rshared": 0, // all is private anyway
}

// mount translates a mount. None but the terminals lets devices be opened: see
// [step.Config].
func (e *own) mount(m specs.Mount, namespaces uintptr) step.Mount {
	out := step.Mount{
		Kind: m.Type, Source: m.Source, Dest: m.Destination,
		Bind: m.Type == "bind" || m.Type == "" || slices.Contains(m.Options, "bind") || slices.Contains(m.Options, "rbind"),
		Deep: slices.Contains(m.Options, "rbind"),
	}
	if m.Type != "devpts" {
		out.Flags = unix.MS_NODEV
	}
	var data []string
	for _, o := range m.Options {
		flag, ok := mountFlags[o]
		if !ok {
			data = append(data, o)
		}
		out.Flags |= flag
	}
	switch m.Type {
	case "cgroup":
		out = cgroups(out, namespaces)
	case "mqueue":
		out.Optional = true
	case "devpts":
		if e.mode.single { // the group of terminals is not there to be set
			data = slices.DeleteFunc(data, func(o string) bool { return strings.HasPrefix(o, "gid=") })
		}
	}
	if !out.Bind && m.Type != "cgroup" {
		out.Data = strings.Join(data, ",")
	}
	return out
}

// cgroups shows a step its own cgroup where there is a namespace of them, and
// nothing of the host's where there is not.
func cgroups(m step.Mount, namespaces uintptr) step.Mount {
	if namespaces&unix.CLONE_NEWCGROUP != 0 {
		m.Kind, m.Source, m.Optional = "cgroup2", "cgroup", true
		return m
	}
	m.Kind, m.Source, m.Data = "tmpfs", "tmpfs", "size=0k,mode=755"
	return m
}

// program translates what runs.
func (e *own) program(s *specs.Spec, alone, ownNetwork bool) (step.Program, error) {
	p := s.Process
	out := step.Program{
		Args: p.Args, Env: p.Env, Dir: p.Cwd, UID: p.User.UID, GID: p.User.GID, Groups: p.User.AdditionalGids,
		NoNewRights: p.NoNewPrivileges, Limits: map[int]unix.Rlimit{}, Terminal: p.Terminal,
	}
	for _, name := range p.Capabilities.Bounding {
		// On the host's network, packets of others could be read and forged.
		if n, ok := capabilities[name]; ok && (ownNetwork || name != "CAP_NET_RAW") {
			out.Caps = append(out.Caps, n)
		}
	}
	for _, l := range p.Rlimits {
		n, ok := limits[l.Type]
		if !ok {
			return out, fmt.Errorf("limit %s is not known", l.Type)
		}
		out.Limits[n] = unix.Rlimit{Cur: l.Soft, Max: l.Hard}
	}
	if step.Landlock() >= 6 {
		if !ownNetwork {
			out.Scopes |= unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
		}
		if !alone {
			out.Scopes |= unix.LANDLOCK_SCOPE_SIGNAL
		}
	}
	if e.mode.single {
		e.fake(&out)
	}
	if s.Linux.Seccomp == nil {
		return out, nil
	}
	filter, err := e.filters.of(s.Linux.Seccomp)
	out.Filter = filter
	return out, err
}

// fake makes do with a single ID. The engine's own filter is the step's too.
func (e *own) fake(p *step.Program) {
	p.UID, p.GID, p.Groups = 0, 0, nil
	p.Env = append([]string{"APT_CONFIG=" + step.AptConfig}, p.Env...)
}

var limits = map[string]int{
	"RLIMIT_CPU": unix.RLIMIT_CPU, "RLIMIT_FSIZE": unix.RLIMIT_FSIZE, "RLIMIT_DATA": unix.RLIMIT_DATA, "RLIMIT_STACK": unix.RLIMIT_STACK,
	"RLIMIT_CORE": unix.RLIMIT_CORE, "RLIMIT_RSS": unix.RLIMIT_RSS, "RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_NOFILE": unix.RLIMIT_NOFILE,
	"RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK, "RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_LOCKS": unix.RLIMIT_LOCKS, "RLIMIT_SIGPENDING": unix.RLIMIT_SIGPENDING,
	"RLIMIT_MSGQUEUE": unix.RLIMIT_MSGQUEUE, "RLIMIT_NICE": unix.RLIMIT_NICE, "RLIMIT_RTPRIO": unix.RLIMIT_RTPRIO, "RLIMIT_RTTIME": unix.RLIMIT_RTTIME,
}

var capabilities = map[string]int{
	"CAP_CHOWN": unix.CAP_CHOWN, "CAP_DAC_OVERRIDE": unix.CAP_DAC_OVERRIDE, "CAP_FOWNER": unix.CAP_FOWNER, "CAP_FSETID": unix.CAP_FSETID,
	"CAP_KILL": unix.CAP_KILL, "CAP_SETGID": unix.CAP_SETGID, "CAP_SETUID": unix.CAP_SETUID, "CAP_SETPCAP": unix.CAP_SETPCAP,
	"CAP_NET_BIND_SERVICE": unix.CAP_NET_BIND_SERVICE, "CAP_NET_RAW": unix.CAP_NET_RAW, "CAP_SYS_CHROOT": unix.CAP_SYS_CHROOT,
	"CAP_MKNOD": unix.CAP_MKNOD, "CAP_AUDIT_WRITE": unix.CAP_AUDIT_WRITE, "CAP_SETFCAP": unix.CAP_SETFCAP,
}

// filters are the profiles that were compiled: nearly all steps have the same.
type filters struct {
	mu  sync.Mutex
	all map[string][]byte
}

func (f *filters) of(p *specs.LinuxSeccomp) ([]byte, error) {
	key, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if done, ok := f.all[string(key)]; ok {
		return done, nil
	}
	program, err := compile(p)
	if err != nil {
		return nil, err
	}
	if f.all == nil {
		f.all = map[string][]byte{}
	}
	f.all[string(key)] = program.bytes()
	return f.all[string(key)], nil
}
