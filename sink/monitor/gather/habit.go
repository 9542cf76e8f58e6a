package gather

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium"
	"tributary/debezium/fleet"
	"tributary/sink/ledger"
)

// The habit of a topic is what the same hour brought on earlier days. Kafka
// itself remembers it, as far as its retention goes: the offsets at an hour's
// begin and end are looked up by time, so nothing has to be stored here.

// sameWeekday and otherDays are how many days back the samples are, the former
// preferred: Saturdays are not like Tuesdays.
var (
	sameWeekday = []int{7, 14, 21, 28}
	otherDays   = []int{1, 2, 3, 4, 5, 6}
)

// fewest is how many samples make a habit.
const fewest = 3

// hourly is what one hour brought.
type hourly struct {
	begin, end int64 // offsets
}

// Habits compares the last full hour of every row topic with its habit. It
// costs some twenty requests and is worth calling once an hour.
func (l *Log) Habits(ctx context.Context, c Cluster, inv *fleet.Inventory, now time.Time) (map[string]Habit, error) {
	hour := now.Truncate(time.Hour)
	samples := map[int]map[ledger.Partition]hourly{}
	for _, days := range slices.Concat([]int{0}, sameWeekday, otherDays) {
		end := hour.AddDate(0, 0, -days)
		volumes, err := l.hour(ctx, c, end)
		if err != nil {
			return nil, fmt.Errorf("reading the volume of %d days ago: %w", days, err)
		}
		samples[days] = volumes
	}
	habits := map[string]Habit{}
	for topic, partitions := range byTopic(c) {
		t, _ := debezium.ParseTopic(inv.Environment, topic)
		store, ok := inv.Store(t.Store)
		if !ok || !openThrough(store.Hours, hour) {
			continue
		}
		got, _ := volume(samples[0], c, partitions)
		expected, ok := usual(samples, c, partitions, store.Hours, hour)
		if ok {
			habits[topic] = Habit{Expected: expected, Got: got}
		}
	}
	return habits, nil
}

// hour returns the offsets at the begin and the end of the hour before end.
func (l *Log) hour(ctx context.Context, c Cluster, end time.Time) (map[ledger.Partition]hourly, error) {
	var partitions []ledger.Partition
	for p := range c.Partitions {
		partitions = append(partitions, p)
	}
	from, err := l.list(ctx, partitions, kafka.NewOffsetSpecForTimestamp(end.Add(-time.Hour).UnixMilli()))
	if err != nil {
		return nil, err
	}
	to, err := l.list(ctx, partitions, kafka.NewOffsetSpecForTimestamp(end.UnixMilli()))
	if err != nil {
		return nil, err
	}
	volumes := make(map[ledger.Partition]hourly, len(partitions))
	for _, p := range partitions {
		volumes[p] = hourly{begin: orEnd(from[p], c.Partitions[p]), end: orEnd(to[p], c.Partitions[p])}
	}
	return volumes, nil
}

// orEnd is the offset found by time, or the end of the log if no record is as
// new as that.
func orEnd(info kafka.ListOffsetsResultInfo, o Offsets) int64 {
	if info.Offset < 0 {
		return o.End
	}
	return int64(info.Offset)
}

func byTopic(c Cluster) map[string][]ledger.Partition {
	topics := map[string][]ledger.Partition{}
	for p := range c.Partitions {
		topics[p.Topic] = append(topics[p.Topic], p)
	}
	return topics
}

// volume sums an hour over a topic's partitions. It is not known if the hour
// lies, or may lie, before what Kafka still has.
func volume(hours map[ledger.Partition]hourly, c Cluster, partitions []ledger.Partition) (events float64, known bool) {
	known = true
	for _, p := range partitions {
		h := hours[p]
		events += float64(max(0, h.end-h.begin))
		known = known && h.begin > c.Partitions[p].Start
	}
	return events, known
}

// usual is the median of the samples: a day of inventory or of a new snapshot
// among them does not move it.
func usual(samples map[int]map[ledger.Partition]hourly, c Cluster, partitions []ledger.Partition, hours fleet.Hours, hour time.Time) (float64, bool) {
	for _, days := range [][]int{sameWeekday, otherDays} {
		var volumes []float64
		for _, d := range days {
			if !openThrough(hours, hour.AddDate(0, 0, -d)) {
				continue
			}
			if v, known := volume(samples[d], c, partitions); known {
				volumes = append(volumes, v)
			}
		}
		if len(volumes) >= fewest {
			slices.Sort(volumes)
			return volumes[len(volumes)/2], true
		}
	}
	return 0, false
}

// openThrough says whether a store is open all the hour before end.
func openThrough(hours fleet.Hours, end time.Time) bool {
	for minutes := 0; minutes <= 60; minutes += 15 {
		if !hours.Open(end.Add(-time.Duration(minutes)*time.Minute - time.Second)) {
			return false
		}
	}
	return true
}
