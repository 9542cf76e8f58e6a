package monitor

import "time"

// Sample is a store's figures at one time, for the charts.
type Sample struct {
	At      int64   `json:"t"` // seconds since the epoch
	Lag     float64 `json:"lag"`
	Waiting int64   `json:"waiting"`
	Rate    float64 `json:"rate"`
}

// history keeps the last two hours of every store in memory: 240 samples of
// half a minute, 8 kB a store.
type history struct {
	stores map[string][]Sample
	last   time.Time
}

const (
	samplesKept  = 240
	sampleEvery  = 30 * time.Second
	fleetHistory = "" // the key of the fleet's sums
)

// add takes a sample of a state if it is time for one.
func (h *history) add(s *State) {
	if s.At.Sub(h.last) < sampleEvery {
		return
	}
	h.last = s.At
	all := Sample{At: s.At.Unix()}
	stores := make(map[string][]Sample, len(s.Stores)+1)
	for _, store := range s.Stores {
		sample := Sample{At: s.At.Unix(), Lag: max(0, store.Lag), Waiting: store.Waiting, Rate: store.Rate}
		stores[store.Store] = appended(h.stores[store.Store], sample)
		all.Lag = max(all.Lag, sample.Lag)
		all.Waiting += sample.Waiting
		all.Rate += sample.Rate
	}
	stores[fleetHistory] = appended(h.stores[fleetHistory], all)
	h.stores = stores
}

// appended copies, so that a slice handed out before stays as it was.
func appended(samples []Sample, s Sample) []Sample {
	from := max(0, len(samples)+1-samplesKept)
	grown := make([]Sample, 0, len(samples)+1-from)
	return append(append(grown, samples[from:]...), s)
}
