package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHours(t *testing.T) {
	at := func(day, clock string) time.Time {
		days := map[string]int{"mo": 23, "fr": 27, "sa": 28, "su": 29}
		moment, err := time.Parse("15:04", clock)
		require.NoError(t, err)
		return time.Date(2026, 11, days[day], moment.Hour(), moment.Minute(), 59, 0, time.UTC)
	}
	f := func(hours, day, clock string, want bool) {
		t.Helper()
		h, err := ParseHours(hours, nil)
		require.NoError(t, err)
		require.Equal(t, want, h.Open(at(day, clock)), "%s at %s %s", hours, day, clock)
	}
	f("08:00-20:00", "su", "08:00", true)
	f("08:00-20:00", "su", "20:00", false)
	f("Mo-Sa 08:00-20:00, Su 10:00-16:00", "su", "09:00", false)
	f("Mo-Sa 08:00-20:00, Su 10:00-16:00", "mo", "09:00", true)
	f("Fr 18:00-02:00", "sa", "01:30", true)
	f("Fr 18:00-02:00", "fr", "01:30", false)
	f("Sa-Mo 08:00-09:00", "su", "08:30", true)
	f("Sa-Mo 08:00-09:00", "fr", "08:30", false)
	f("Mo-Su 00:00-24:00", "su", "23:59", true)
	require.True(t, Hours{}.Open(at("mo", "03:00")), "without hours always open")

	for _, bad := range []string{"", "Mo", "Mo 8-20", "Xx 08:00-20:00", "Mo 25:00-26:00", "Mo 08:00-20:00 x", "Mo 08:00", "Mo 08:60-09:00"} {
		_, err := ParseHours(bad, nil)
		require.Error(t, err, bad)
	}
}

func FuzzHours(f *testing.F) {
	f.Add("Mo-Sa 08:00-20:00, Su 10:00-16:00")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHours(text, nil)
		if err != nil {
			return
		}
		for _, spans := range h.Spans {
			for _, s := range spans {
				require.True(t, 0 <= s.From && s.From <= s.To && s.To <= 1440)
			}
		}
	})
}
