package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"tributary/sink/monitor/ladder"
)

// Notice is what the webhook is sent. Text is for people; chats such as
// Mattermost and Slack show it as it is.
type Notice struct {
	At          time.Time `json:"at"`
	Environment string    `json:"environment"`
	Text        string    `json:"text"`
	Changes     []Change  `json:"changes"`
}

// Change is one store that broke or recovered.
type Change struct {
	Store string `json:"store"`
	// State is broken or ok.
	State    ladder.State `json:"state"`
	Rung     ladder.Rung  `json:"rung,omitempty"`
	Sentence string       `json:"sentence"`
	Since    time.Time    `json:"since"`
}

// herald decides what is worth telling: a store that has been broken on one
// rung for a while, and once told, its recovery. It is used by one goroutine.
type herald struct {
	after time.Duration
	told  map[string]ladder.Rung
}

// changes compares a state with what was told.
func (h *herald) changes(s *State) []Change {
	if h.told == nil {
		h.told = map[string]ladder.Rung{}
	}
	var changes []Change
	for _, store := range s.Stores {
		told, isTold := h.told[store.Store]
		switch {
		case store.State == ladder.Broken && told != store.Rung && s.At.Sub(store.Since) >= h.after:
			h.told[store.Store] = store.Rung
			changes = append(changes, Change{store.Store, ladder.Broken, store.Rung, store.Sentence, store.Since})
		case store.State != ladder.Broken && store.State != ladder.Unknown && isTold:
			delete(h.told, store.Store)
			changes = append(changes, Change{store.Store, ladder.Sound, "", store.Sentence, store.Since})
		}
	}
	return changes
}

// noticeLines is how many stores a notice's text names.
const noticeLines = 20

func notice(s *State, changes []Change) Notice {
	var b strings.Builder
	for i, c := range changes {
		if i == noticeLines {
			fmt.Fprintf(&b, "… and %d more\n", len(changes)-i)
			break
		}
		sign := "✗ "
		if c.State != ladder.Broken {
			sign = "✓ "
		}
		b.WriteString(sign + c.Sentence + "\n")
	}
	return Notice{At: s.At, Environment: s.Environment, Text: strings.TrimSuffix(b.String(), "\n"), Changes: changes}
}

// post delivers a notice; it tries three times.
func post(ctx context.Context, url string, n Notice, log *zap.Logger) (delivered bool) {
	body, err := json.Marshal(n)
	if err != nil {
		log.Error("writing a notice failed", zap.Error(err))
		return false
	}
	for try, pause := 1, time.Second; ; try, pause = try+1, 4*pause {
		if err = postOnce(ctx, url, body); err == nil {
			return true
		}
		if try == 3 {
			break
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
	log.Error("the webhook cannot be told", zap.Int("changes", len(n.Changes)), zap.Error(err))
	return false
}

func postOnce(ctx context.Context, url string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("the webhook answers %s", response.Status)
	}
	return nil
}
