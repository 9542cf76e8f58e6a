package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// paceCollector lets the garbage collector run by memory rather than by the
// size of the live heap, unless GOGC or GOMEMLIMIT say otherwise, until the
// returned function is called. What is alive is small, mostly records that wait
// for a moment: at the default pace the collector would hardly ever rest.
//
// The Go heap gets three quarters of the setting; the rest is for librdkafka's
// queues. What thousands of topics need (each remembers its schema) comes on top:
// a limit below the live heap would have the collector run all the time. So the
// limit leaves room for garbage above what the last cycle found alive.
func paceCollector(memory int64) (stop func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	debug.SetGCPercent(400)
	limit := collectorLimit(memory, 0)
	debug.SetMemoryLimit(limit)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
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
func collectorLimit(memory, live int64) int64 { return max(memory/4*3, live+memory/8*3) }
