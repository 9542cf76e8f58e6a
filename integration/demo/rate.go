package main

import (
	"slices"
	"strings"
)

func sold(r reading) int64    { return r.sold }
func written(r reading) int64 { return r.written }

// smoothed is how many readings a rate is taken over.
const smoothed = 5

// rate is how fast a count grew lately, a second.
func rate(history []reading, count func(reading) int64) int64 {
	if len(history) < 2 {
		return 0
	}
	return between(history[max(len(history)-1-smoothed, 0)], history[len(history)-1], count)
}

// between is how fast a count grew from one reading to another. A count that
// shrank was not read.
func between(before, now reading, count func(reading) int64) int64 {
	grown, passed := count(now)-count(before), now.at.Sub(before.at).Seconds()
	if grown < 0 || passed <= 0 {
		return 0
	}
	return int64(float64(grown)/passed + 0.5)
}

// spark draws the growth from reading to reading.
func spark(history []reading, count func(reading) int64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	var steps []int64
	for i := 1; i < len(history); i++ {
		steps = append(steps, between(history[i-1], history[i], count))
	}
	if len(steps) == 0 {
		return ""
	}
	top := max(slices.Max(steps), 1)
	var text strings.Builder
	for _, step := range steps {
		text.WriteRune(bars[step*int64(len(bars)-1)/top])
	}
	return text.String()
}
