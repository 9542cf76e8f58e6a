package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// paceCollector lets the garbage collector run by memory rather than by the
// size of the live heap, unless GOGC or GOMEMLIMIT say otherwise, until the
// returned function is called. Every message is copied to the Go heap, 8 kB of
// garbage for a few hundred bytes that live: at the default pace the collector
// would take a third of the time.
//
// What thousands of topics need (each remembers its schema) comes on top of the
// setting: a limit below the live heap would have the collector run all the
// time. So the limit leaves room for garbage above what the last cycle found
// alive.
func paceCollector(memory int64) (stop func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(memory)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		limit := memory
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			metrics.Read(live)
			if now := collectorLimit(memory, int64(live[0].Value.Uint64())); now != limit {
				limit = now
				debug.SetMemoryLimit(limit) // stops the world for a moment
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}

// collectorLimit is the memory up to which garbage may pile up.
func collectorLimit(memory, live int64) int64 { return max(memory, live+memory/2) }
