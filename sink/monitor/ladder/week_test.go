package ladder

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

// sells says when a store sells: from opening to closing, every few minutes,
// with an hour at noon in which there is hardly anything.
func sells(h fleet.Hours, at time.Time) bool {
	calm := at.Hour() == 12 && at.Minute() != 28
	return h.Open(at) && at.Minute()%7 == 0 && !calm
}

// TestWeekWithoutFalseAlarm watches stores for a week, nights, Sundays and a
// change of the clocks among them: none is broken at any minute.
func TestWeekWithoutFalseAlarm(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, text := range []string{"Mo-Sa 08:00-20:00", "Mo-Fr 09:00-13:00, Mo-Fr 15:00-18:30, Sa 09:00-12:00", "Fr-Sa 18:00-02:00", "00:00-24:00"} {
		h, err := fleet.ParseHours(text, berlin)
		require.NoError(t, err)
		facts := sound(t)
		facts.Inventory.Hours = h
		quiet := 0
		begin := time.Date(2026, 3, 26, 0, 0, 0, 0, berlin)
		last := begin.AddDate(0, 0, -7)
		for now := last; now.Before(begin.AddDate(0, 0, 7)); now = now.Add(time.Minute) {
			if sells(h, now) {
				last = now
			}
			if now.Before(begin) {
				continue
			}
			facts.Now, facts.Heartbeat.At = now, now.Add(-48*time.Second)
			facts.silent(now.Sub(last))
			v := Judge(facts, DefaultLimits())
			require.True(t, v.Healthy(), "%s: %s", now, v.Sentence)
			if v.State == Quiet {
				quiet++
			}
		}
		require.Equal(t, text != "00:00-24:00", quiet > 0, text)
	}
}

// TestSilenceIsNoticed stops a store at some minute of its day: the alarm comes
// when the store has been silent for the limit, and not on the day after.
func TestSilenceIsNoticed(t *testing.T) {
	facts := sound(t)
	for _, stopped := range []time.Duration{9 * time.Hour, 12 * time.Hour, 18 * time.Hour} {
		last := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC).Add(stopped)
		for now := last; ; now = now.Add(time.Minute) {
			facts.Now, facts.Heartbeat.At = now, now
			facts.silent(now.Sub(last))
			if Judge(facts, DefaultLimits()).Rung == Moving {
				require.Equal(t, 61*time.Minute, now.Sub(last))
				break
			}
			require.Less(t, now.Sub(last), 2*time.Hour)
		}
	}
	// It stopped a quarter of an hour before closing: the next day, an hour
	// after opening, it is noticed.
	last := time.Date(2026, 3, 4, 19, 45, 0, 0, time.UTC)
	for now, want := range map[time.Time]Rung{
		time.Date(2026, 3, 5, 3, 0, 0, 0, time.UTC): "", time.Date(2026, 3, 5, 8, 30, 0, 0, time.UTC): "", time.Date(2026, 3, 5, 9, 1, 0, 0, time.UTC): Moving,
	} {
		facts.Now, facts.Heartbeat.At = now, now
		facts.silent(now.Sub(last))
		require.Equal(t, want, Judge(facts, DefaultLimits()).Rung, now)
	}
}
