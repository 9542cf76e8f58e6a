package connect

import (
	"fmt"
	"strconv"
	"strings"

	"tributary/debezium/fleet"
)

// Advice says what the fleet needs of its Connect workers.
type Advice struct {
	// Connectors is the number that are to run.
	Connectors int
	// LiveMB is the heap they hold while nothing is queued, PeakMB when all
	// their queues and producers are full at once, all workers together.
	LiveMB, PeakMB int
	// Workers and HeapMB are the advice: how many workers with what -Xmx.
	Workers, HeapMB int
	// Note compares it with what the inventory says there is.
	Note string
}

// Measured with Debezium 3.6.1 on Kafka 4.3: 200 connectors of small tables
// hold 2.0 GB after a full collection, 10 MB each, on top of what the worker
// itself takes; each has 12 threads. With the settings of [Config] and four
// tables a store, 200 hold 0.7 GB (make fleet prints it): the difference is room
// for stores with many tables.
const (
	liveMB          = 10
	workerMB        = 200
	threadsEach     = 12
	connectorsEach  = 60
	defaultQueueMB  = 8
	defaultBufferMB = 32
)

// Advise works out the sizes for the enabled stores of an inventory. A heap is
// half empty while nothing is queued, and holds every queue full.
func Advise(inv *fleet.Inventory, actual map[string]Connector) Advice {
	defaults := DefaultsOf(inv)
	var a Advice
	for _, store := range inv.Stores {
		if store.Disabled {
			continue
		}
		config := Config(store, defaults)
		a.Connectors++
		a.LiveMB += liveMB
		a.PeakMB += liveMB + megabytes(config["max.queue.size.in.bytes"], defaultQueueMB) +
			megabytes(config["producer.override.buffer.memory"], defaultBufferMB)
	}
	if a.Connectors == 0 {
		return a
	}
	a.Workers = (a.Connectors + connectorsEach - 1) / connectorsEach
	live := a.LiveMB/a.Workers + workerMB
	peak := a.PeakMB/a.Workers + workerMB
	a.HeapMB = roundUp(max(live*2, peak*5/4), 512)
	a.Note = a.compare(inv.Connect)
	return a
}

// compare says whether what there is suffices.
func (a Advice) compare(have fleet.Connect) string {
	if have.HeapMB == 0 {
		return "write connect: {heap: 4g, workers: 2} into the inventory to have this compared with what you run"
	}
	workers := max(have.Workers, 1)
	room := workers * (have.HeapMB - workerMB)
	switch {
	case room < a.LiveMB*5/4:
		return fmt.Sprintf("%d × %d MB is too little even for an idle fleet: add %d of %d MB",
			workers, have.HeapMB, max(a.Workers-workers, 1), max(a.HeapMB, have.HeapMB))
	case room < a.PeakMB:
		return fmt.Sprintf("%d × %d MB carries the fleet in quiet times, but not with all queues full (after an outage): add a worker", workers, have.HeapMB)
	case a.Connectors > workers*connectorsEach*2:
		return fmt.Sprintf("%d workers have memory enough, but more than %d connectors each, which one failing worker moves to the others at once: add a worker", workers, 2*connectorsEach)
	}
	return fmt.Sprintf("%d × %d MB is enough", workers, have.HeapMB)
}

// String is the advice in two lines, empty without connectors.
func (a Advice) String() string {
	if a.Connectors == 0 {
		return ""
	}
	return fmt.Sprintf("sizing: %d connectors hold about %s of heap, %s with every queue full, and %d threads; advice: %d × KAFKA_HEAP_OPTS=\"-Xmx%dm\", one more to spare\n        %s\n",
		a.Connectors, gigabytes(a.LiveMB), gigabytes(a.PeakMB), a.Connectors*threadsEach, a.Workers, a.HeapMB, a.Note)
}

func gigabytes(mb int) string {
	if mb < 1024 {
		return strconv.Itoa(mb) + " MB"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(mb)/1024, 'f', 1, 64), ".0") + " GB"
}

func megabytes(bytes string, otherwise int) int {
	n, err := strconv.Atoi(bytes)
	if err != nil || n <= 0 {
		return otherwise
	}
	return (n + 1<<20 - 1) >> 20
}

func roundUp(n, step int) int { return (n + step - 1) / step * step }
