package connect

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeConnect answers like one Connect worker whose connectors do at once what
// they are told.
type fakeConnect struct {
	mu         sync.Mutex
	connectors map[string]*fakeConnector
	// refuse is asked before every request; a status above 0 is answered
	// instead of an answer.
	refuse func(r *http.Request) (status int, message string)
	// looks is what a connector's snapshot takes, and busy the largest
	// number of snapshots that were under way at once.
	looks, busy int
	// requests are "METHOD path" in the order they came.
	requests []string
}

type fakeConnector struct {
	// looks is how many times the offsets are to be read before the
	// snapshot is over.
	looks int
	// stale is how many more times a stopped connector is said to have failed.
	stale   int
	config  map[string]string
	state   State
	tasks   []State
	trace   string
	offsets string
}

func startFake(t *testing.T) (*fakeConnect, *Client) {
	fake := &fakeConnect{connectors: map[string]*fakeConnector{}}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client := New(server.URL, Options{HTTP: server.Client(), FirstPause: time.Millisecond, LongestPause: 2 * time.Millisecond, Poll: time.Millisecond})
	return fake, client
}

func (f *fakeConnect) writes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var writes []string
	for _, r := range f.requests {
		if !strings.HasPrefix(r, "GET ") {
			writes = append(writes, r)
		}
	}
	return writes
}

// busyNow is how many snapshots are under way.
func (f *fakeConnect) busyNow() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.connectors {
		if c.looks > 0 {
			n++
		}
	}
	return n
}

func (f *fakeConnect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	if f.refuse != nil {
		if status, message := f.refuse(r); status > 0 {
			answer(w, status, map[string]any{"error_code": status, "message": message})
			return
		}
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) == 1 {
		f.serveAll(w, r)
		return
	}
	f.serveOne(w, r, parts[1], strings.Join(parts[2:], "/"))
}

func (f *fakeConnect) serveAll(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var request struct {
			Name   string            `json:"name"`
			Config map[string]string `json:"config"`
			State  InitialState      `json:"initial_state"`
		}
		if json.NewDecoder(r.Body).Decode(&request) != nil {
			answer(w, 400, map[string]any{"message": "bad request"})
			return
		}
		if f.connectors[request.Name] != nil {
			answer(w, 409, map[string]any{"message": "Connector " + request.Name + " already exists"})
			return
		}
		c := f.put(request.Name, request.Config)
		c.state, c.offsets = State(request.State), `{"offsets":[]}`
		c.settle()
		answer(w, 201, nil)
		return
	}
	all := map[string]any{}
	for name, c := range f.connectors {
		all[name] = map[string]any{"info": map[string]any{"name": name, "config": c.config}, "status": c.status(name)}
	}
	answer(w, 200, all)
}

func (f *fakeConnect) serveOne(w http.ResponseWriter, r *http.Request, name, what string) {
	c := f.connectors[name]
	if r.Method == http.MethodPut && what == "config" {
		var config map[string]string
		if json.NewDecoder(r.Body).Decode(&config) != nil {
			answer(w, 400, map[string]any{"message": "bad request"})
			return
		}
		f.put(name, config)
		answer(w, 200, nil)
		return
	}
	if c == nil {
		answer(w, 404, map[string]any{"message": "Connector " + name + " not found"})
		return
	}
	switch r.Method + " " + what {
	case "GET config":
		answer(w, 200, c.config)
	case "GET status":
		if c.stale > 0 && c.state == StateStopped {
			c.stale--
			was := &fakeConnector{state: StateRunning, tasks: []State{StateFailed}, trace: c.trace}
			answer(w, 200, was.status(name))
			return
		}
		answer(w, 200, c.status(name))
	case "GET offsets":
		w.Header().Set("Content-Type", "application/json")
		if c.looks > 0 {
			c.looks--
			offset := `{"file":"b.1","pos":4,"snapshot":"INITIAL"}`
			if c.looks > 0 {
				offset = "{}" // the definitions are written, no row yet
			}
			_, _ = w.Write([]byte(`{"offsets":[{"partition":{"server":"p"},"offset":` + offset + `}]}`))
			return
		}
		_, _ = w.Write([]byte(c.offsets))
	case "DELETE offsets":
		if c.state != StateStopped {
			answer(w, 400, map[string]any{"message": "Connectors must be in the STOPPED state before their offsets can be modified."})
			return
		}
		c.offsets = `{"offsets":[]}`
		answer(w, 200, nil)
	case "DELETE ":
		delete(f.connectors, name)
		answer(w, 204, nil)
	case "PUT pause":
		c.to(w, StatePaused)
	case "PUT stop":
		c.to(w, StateStopped)
	case "PUT resume":
		c.looks = f.looks
		c.to(w, StateRunning)
		busy := 0
		for _, other := range f.connectors {
			if other.looks > 0 {
				busy++
			}
		}
		f.busy = max(f.busy, busy)
	case "POST restart":
		c.to(w, StateRunning)
	default:
		answer(w, 405, map[string]any{"message": "HTTP 405 Method Not Allowed"})
	}
}

func (f *fakeConnect) put(name string, config map[string]string) *fakeConnector {
	config["name"] = name
	if f.connectors[name] == nil {
		f.connectors[name] = &fakeConnector{state: StateRunning, offsets: `{"offsets":[]}`}
		f.connectors[name].settle()
	}
	f.connectors[name].config = config
	return f.connectors[name]
}

func (c *fakeConnector) to(w http.ResponseWriter, state State) {
	c.state = state
	c.settle()
	answer(w, 202, nil)
}

// settle gives the connector the tasks of its state, and a running one an
// offset behind its snapshot.
func (c *fakeConnector) settle() {
	c.tasks = []State{c.state}
	if c.state == StateStopped {
		c.tasks = nil
	}
	if c.state == StateRunning {
		c.offsets = `{"offsets":[{"partition":{"server":"p"},"offset":{"file":"b.1","pos":4}}]}`
	}
}

func (c *fakeConnector) status(name string) map[string]any {
	tasks := []any{}
	for i, state := range c.tasks {
		tasks = append(tasks, map[string]any{"id": i, "state": state, "worker_id": "w:8083", "trace": c.trace})
	}
	return map[string]any{
		"name": name, "connector": map[string]any{"state": c.state, "worker_id": "w:8083"}, "tasks": tasks,
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

func TestFakeSpeaksConnect(t *testing.T) {
	fake, client := startFake(t)
	ctx := t.Context()
	require.NoError(t, client.Create(ctx, "prod.0001", map[string]string{"a": "1"}, Stopped))
	require.Equal(t, StateStopped, fake.connectors["prod.0001"].state)
	require.NoError(t, client.Resume(ctx, "prod.0001"))
	require.NoError(t, client.WaitSnapshot(ctx, "prod.0001"))
}
