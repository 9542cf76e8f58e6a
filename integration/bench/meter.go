package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tributary/integration/stack/process"
)

// parts are the processes of a run by the names they have in the results.
type parts map[string]process.ID

// parts returns the processes that take part in every run, and more.
func (b *bench) parts(more parts) (parts, error) {
	self, err := process.Identify(os.Getpid())
	if err != nil {
		return nil, err
	}
	all := parts{"kafka": b.stack.Kafka.ID(), "mysqld": b.central.ID(), "bench": self}
	for name, id := range more {
		all[name] = id
	}
	return all, nil
}

// reading is the CPU time used up to a moment.
type reading struct {
	at      time.Time
	cpu     map[string]time.Duration
	memory  map[string]process.Usage
	machine time.Duration // of all processes, and what the host took away
}

func (p parts) read() (reading, error) {
	r := reading{at: time.Now(), cpu: make(map[string]time.Duration), memory: make(map[string]process.Usage)}
	for name, id := range p {
		usage, err := id.Usage()
		if err != nil {
			return r, fmt.Errorf("reading %s: %w", name, err)
		}
		r.cpu[name], r.memory[name] = usage.CPU, usage
	}
	var err error
	r.machine, err = machineTime()
	return r, err
}

// machineTime is the time all CPUs together were not idle, from /proc/stat
// (proc_stat(5)), stolen time included.
func machineTime() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("reading the machine's CPU time: %w", err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var ticks int64
	for i, field := range strings.Fields(string(line))[1:9] {
		const idle, wait = 3, 4
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the machine's CPU time: %w", err)
		}
		if i != idle && i != wait {
			ticks += n
		}
	}
	return time.Duration(ticks) * (time.Second / 100), nil
}

// usage is what was used between two readings.
type usage struct {
	Seconds float64 `json:"seconds"`
	// CPU is each process's share of one CPU's time.
	CPU map[string]float64 `json:"cpu"`
	// Foreign is the share of the machine that others took.
	Foreign float64 `json:"foreign"`
	// PeakMB is the most each process ever had resident.
	PeakMB map[string]int64 `json:"peak_mb"`
}

func between(from, to reading) usage {
	elapsed := to.at.Sub(from.at)
	u := usage{Seconds: elapsed.Seconds(), CPU: make(map[string]float64), PeakMB: make(map[string]int64)}
	foreign := to.machine - from.machine
	for name := range to.cpu {
		used := to.cpu[name] - from.cpu[name]
		foreign -= used
		u.CPU[name] = used.Seconds() / elapsed.Seconds()
		u.PeakMB[name] = to.memory[name].Peak >> 20
	}
	u.Foreign = max(0, foreign.Seconds()/elapsed.Seconds()/float64(runtime.NumCPU()))
	return u
}

// progress tells how many events are done.
type progress func(ctx context.Context) (int64, error)

// track waits until so many events are done, and measures from the first that
// was seen to the last.
func (p parts) track(ctx context.Context, goal int64, every time.Duration, done progress) (measured, error) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var first reading
	var firstDone int64
	for {
		n, err := done(ctx)
		if err != nil {
			return measured{}, err
		}
		if n > 0 && firstDone == 0 || n >= goal {
			now, err := p.read()
			if err != nil {
				return measured{}, err
			}
			if n >= goal {
				return newMeasured(n-firstDone, between(first, now)), nil
			}
			first, firstDone = now, n
		}
		select {
		case <-ctx.Done():
			return measured{}, fmt.Errorf("%d of %d events done: %w", n, goal, ctx.Err())
		case <-ticker.C:
		}
	}
}

// measured is what a run did and what it took.
type measured struct {
	Events int64   `json:"events"`
	Rate   float64 `json:"rate"` // events a second
	usage
	// Micros is each process's CPU time for an event, in µs.
	Micros map[string]float64 `json:"micros"`
}

func newMeasured(events int64, u usage) measured {
	m := measured{Events: events, Rate: float64(events) / u.Seconds, usage: u, Micros: make(map[string]float64)}
	for name, share := range u.CPU {
		m.Micros[name] = share * u.Seconds / float64(max(events, 1)) * 1e6
	}
	return m
}
