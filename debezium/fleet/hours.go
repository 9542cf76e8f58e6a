package fleet

import (
	"fmt"
	"strings"
	"time"
)

// Hours are a store's opening hours: for each day of the week the minutes
// since midnight between which the store sells, in the store's own time zone.
// The zero Hours are open all the time.
type Hours struct {
	// Spans are the open times of each day, Sunday first as in
	// [time.Weekday].
	Spans [7][]Span
	// Zone is the time zone the spans are meant in; nil means UTC.
	Zone *time.Location

	text string
}

// Span is an open time from From up to but without To, in minutes since
// midnight. To may be 1440.
type Span struct{ From, To int }

var weekdays = map[string]time.Weekday{
	"su": time.Sunday, "mo": time.Monday, "tu": time.Tuesday, "we": time.Wednesday,
	"th": time.Thursday, "fr": time.Friday, "sa": time.Saturday,
}

// ParseHours reads hours such as "Mo-Sa 08:00-20:00, Su 10:00-16:00". A time
// without days holds for every day; a span may go past midnight, "Fr
// 18:00-02:00".
func ParseHours(text string, zone *time.Location) (Hours, error) {
	h := Hours{Zone: zone, text: text}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		days := "mo-su"
		if len(words) == 2 {
			days, words = strings.ToLower(words[0]), words[1:]
		}
		if len(words) != 1 {
			return Hours{}, fmt.Errorf("opening hours %q are not of the form \"Mo-Sa 08:00-20:00, Su 10:00-16:00\"", text)
		}
		if err := h.add(days, words[0]); err != nil {
			return Hours{}, fmt.Errorf("opening hours %q: %w", text, err)
		}
	}
	return h, nil
}

func (h *Hours) add(days, times string) error {
	first, last, ranged := strings.Cut(days, "-")
	if !ranged {
		last = first
	}
	from, ok1 := weekdays[first]
	to, ok2 := weekdays[last]
	if !ok1 || !ok2 {
		return fmt.Errorf("%q is no day or range of days; days are Mo Tu We Th Fr Sa Su", days)
	}
	open, shut, _ := strings.Cut(times, "-")
	begin, err := parseMinutes(open)
	if err != nil {
		return err
	}
	end, err := parseMinutes(shut)
	if err != nil {
		return err
	}
	for day := from; ; day = (day + 1) % 7 {
		if begin < end {
			h.Spans[day] = append(h.Spans[day], Span{begin, end})
		} else { // past midnight
			h.Spans[day] = append(h.Spans[day], Span{begin, 24 * 60})
			next := (day + 1) % 7
			h.Spans[next] = append(h.Spans[next], Span{0, end})
		}
		if day == to {
			return nil
		}
	}
}

func parseMinutes(s string) (int, error) {
	var hour, minute int
	if n, err := fmt.Sscanf(s, "%d:%d", &hour, &minute); n != 2 || err != nil ||
		hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour*60+minute > 24*60 || len(s) > 5 {
		return 0, fmt.Errorf("%q is no time of day such as 08:30", s)
	}
	return hour*60 + minute, nil
}

// IsZero says that no hours were given.
func (h Hours) IsZero() bool { return h.text == "" }

// String returns the hours as they were written.
func (h Hours) String() string { return h.text }

// Open says whether the store is open at t.
func (h Hours) Open(t time.Time) bool {
	if h.IsZero() {
		return true
	}
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	minute := t.Hour()*60 + t.Minute()
	for _, span := range h.Spans[t.Weekday()] {
		if span.From <= minute && minute < span.To {
			return true
		}
	}
	return false
}
