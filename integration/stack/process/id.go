package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// An ID names one process for good. Pids are used again; a pid together with
// the moment its process started, counted from a known boot, is not.
type ID struct {
	Pid   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot, proc_pid_stat(5) field 22
	Boot  string `json:"boot"`  // /proc/sys/kernel/random/boot_id
}

// Identify returns the ID of the process that has the pid now.
func Identify(pid int) (ID, error) {
	stat, err := readStat(pid)
	if err != nil {
		return ID{}, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, fmt.Errorf("reading the boot's id: %w", err)
	}
	return ID{Pid: pid, Start: stat.start, Boot: strings.TrimSpace(string(boot))}, nil
}

// Running tells whether the process is alive. A zombie is not.
func (id ID) Running() bool {
	if id.Pid <= 0 {
		return false
	}
	now, err := Identify(id.Pid)
	if err != nil || now != id {
		return false
	}
	stat, err := readStat(id.Pid)
	return err == nil && stat.state != 'Z' && stat.state != 'X'
}

// Usage is what a process uses now.
type Usage struct {
	Memory  int64         // resident bytes
	Peak    int64         // the most it ever had resident, bytes
	CPU     time.Duration // user and system time since it started
	Threads int
}

// Usage reads the process's figures from /proc.
func (id ID) Usage() (Usage, error) {
	stat, err := readStat(id.Pid)
	if err != nil {
		return Usage{}, err
	}
	peak, err := readPeak(id.Pid)
	if err != nil {
		return Usage{}, err
	}
	return Usage{
		Memory:  stat.pages * int64(os.Getpagesize()),
		Peak:    peak,
		CPU:     time.Duration(stat.ticks) * (time.Second / ticksPerSecond),
		Threads: stat.threads,
	}, nil
}

// ticksPerSecond is USER_HZ, which is 100 on every architecture Linux reports
// times for.
const ticksPerSecond = 100

type stat struct {
	state   byte
	ticks   uint64
	threads int
	start   uint64
	pages   int64
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("reading the state of process %d: %w", pid, err)
	}
	s, err := parseStat(text)
	if err != nil {
		return stat{}, fmt.Errorf("reading the state of process %d: %w", pid, err)
	}
	return s, nil
}

// parseStat reads /proc/<pid>/stat. The program's name, second, stands in
// parentheses and may hold spaces and parentheses itself, so fields are counted
// from the last one closed: the state is field 3.
func parseStat(text []byte) (stat, error) {
	end := bytes.LastIndexByte(text, ')')
	fields := strings.Fields(string(text[end+1:]))
	const first = 3
	if end < 0 || len(fields) <= 24-first || len(fields[0]) != 1 {
		return stat{}, fmt.Errorf("unknown form %q", text)
	}
	numbers := make([]uint64, len(fields))
	for _, field := range []int{14, 15, 20, 22, 24} {
		n, err := strconv.ParseUint(fields[field-first], 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("field %d: %w", field, err)
		}
		numbers[field-first] = n
	}
	return stat{
		state:   fields[0][0],
		ticks:   numbers[14-first] + numbers[15-first],
		threads: int(numbers[20-first]),
		start:   numbers[22-first],
		pages:   int64(numbers[24-first]),
	}, nil
}

func readPeak(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, nil // a zombie has no memory
}
