//go:build linux && !noembed

package embed

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/moby/buildkit/solver/pb"
)

// limiter puts steps under limits of memory and CPU where a build asks for them.
// Other steps have no cgroup of their own: what was never made cannot be left.
type limiter struct {
	prefix string // of the names of cgroups of this state folder
	why    error  // why there can be no limits
}

// The places where cgroups are mounted.
const cgroupFolder = "/sys/fs/cgroup"

func newLimiter(state string, rootless bool) limiter {
	l := limiter{prefix: "imgtui-" + shortSum(state) + "-"}
	switch {
	case rootless:
		l.why = errors.New("cgroups are root's here")
	case l.hierarchies() == nil:
		l.why = errors.New("no cgroups are mounted on " + cgroupFolder)
	default:
		l.sweep()
	}
	return l
}

// unified tells whether there is one hierarchy for all.
func unified() bool {
	_, err := os.Stat(cgroupFolder + "/cgroup.controllers")
	return err == nil
}

func (l limiter) hierarchies() (dirs []string) {
	if unified() {
		return []string{cgroupFolder}
	}
	for _, c := range []string{"memory", "cpu", "cpuset"} {
		if _, err := os.Stat(filepath.Join(cgroupFolder, c, "cgroup.procs")); err == nil {
			dirs = append(dirs, filepath.Join(cgroupFolder, c))
		}
	}
	return dirs
}

// sweep removes the cgroups of an engine that was killed.
func (l limiter) sweep() {
	for _, h := range l.hierarchies() {
		left, _ := filepath.Glob(filepath.Join(h, l.prefix+"*"))
		for _, dir := range left {
			_ = os.Remove(dir)
		}
	}
}

// setting is a value in a file of a cgroup.
type setting struct{ controller, file, value string }

// group makes a cgroup with the limits asked for: none where none are.
func (l limiter) group(id string, r *pb.LinuxResources, undo *cleanups) (dirs []string, err error) {
	want := settings(r)
	if len(want) == 0 {
		return nil, nil
	}
	if l.why != nil {
		return nil, fmt.Errorf("limit a step: %w", l.why)
	}
	made := map[string]bool{}
	for _, s := range want {
		parent := cgroupFolder
		if !unified() {
			parent = filepath.Join(cgroupFolder, s.controller)
		}
		dir := filepath.Join(parent, l.prefix+id)
		if !made[dir] {
			if unified() {
				// Systemd has done so where it runs; elsewhere nobody has.
				_ = os.WriteFile(parent+"/cgroup.subtree_control", []byte("+cpu +memory +cpuset"), 0)
			}
			if err := os.Mkdir(dir, 0o755); err != nil {
				return nil, fmt.Errorf("limit a step: %w", err)
			}
			undo.add(func() { _ = os.Remove(dir) })
			if s.controller == "cpuset" && !unified() {
				if err := inherit(parent, dir); err != nil {
					return nil, err
				}
			}
			made[dir] = true
			dirs = append(dirs, dir)
		}
		if err := os.WriteFile(filepath.Join(dir, s.file), []byte(s.value), 0); err != nil {
			return nil, fmt.Errorf("limit a step: %w", err)
		}
	}
	return dirs, nil
}

// inherit sets what an old cpuset needs before it takes a process.
func inherit(parent, dir string) error {
	for _, f := range []string{"cpuset.cpus", "cpuset.mems"} {
		b, err := os.ReadFile(filepath.Join(parent, f))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f), b, 0)
		}
		if err != nil {
			return fmt.Errorf("limit a step: %w", err)
		}
	}
	return nil
}

// settings are the limits in the words of the kernel's cgroups, of either age.
func settings(r *pb.LinuxResources) (all []setting) {
	if r == nil {
		return nil
	}
	one := unified()
	add := func(set bool, controller, now, old, nowValue, oldValue string) {
		if !set {
			return
		}
		if one {
			all = append(all, setting{controller, now, nowValue})
			return
		}
		all = append(all, setting{controller, old, oldValue})
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	add(r.Memory > 0, "memory", "memory.max", "memory.limit_in_bytes", n(r.Memory), n(r.Memory))
	swap := n(max(r.MemorySwap-r.Memory, 0))
	if r.MemorySwap < 0 {
		swap = "max"
	}
	add(r.MemorySwap != 0, "memory", "memory.swap.max", "memory.memsw.limit_in_bytes", swap, n(r.MemorySwap))
	period := int64(r.CpuPeriod)
	if period == 0 {
		period = 100_000 // microseconds, as the kernel has it
	}
	add(r.CpuPeriod > 0 && !one, "cpu", "", "cpu.cfs_period_us", "", n(period))
	add(r.CpuQuota > 0, "cpu", "cpu.max", "cpu.cfs_quota_us", n(r.CpuQuota)+" "+n(period), n(r.CpuQuota))
	shares := int64(r.CpuShares)
	add(shares > 0, "cpu", "cpu.weight", "cpu.shares", n(max(1, min(10_000, 1+(shares-2)*9999/262142))), n(shares))
	add(r.CpusetCpus != "", "cpuset", "cpuset.cpus", "cpuset.cpus", r.CpusetCpus, r.CpusetCpus)
	add(r.CpusetMems != "", "cpuset", "cpuset.mems", "cpuset.mems", r.CpusetMems, r.CpusetMems)
	return all
}
