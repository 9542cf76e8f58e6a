package connect

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// State is what a connector or a task is doing
// (org.apache.kafka.connect.runtime.AbstractStatus.State).
type State string

// The states. Stopped as a State is [StateStopped].
const (
	StateUnassigned State = "UNASSIGNED"
	StateRunning    State = "RUNNING"
	StatePaused     State = "PAUSED"
	StateFailed     State = "FAILED"
	StateRestarting State = "RESTARTING"
	StateStopped    State = "STOPPED"
)

// Task is one task of a connector.
type Task struct {
	ID     int
	State  State
	Worker string
	Trace  string
}

// Connector is a connector as Connect has it.
type Connector struct {
	Name string
	// State folds the connector's own state and its tasks': FAILED if
	// either has failed, and RUNNING only if a task runs, because Connect
	// calls a connector RUNNING whose task has failed or was never started.
	State State
	// Reported is the connector's own state.
	Reported State
	// Worker is where the connector itself runs, "host:port".
	Worker string
	Tasks  []Task
	// Config is the configuration with the references to secrets as they
	// stand in it. It may hold passwords: see [Mask].
	Config map[string]string
	// Trace is the Java stack trace of what failed, if anything has.
	Trace string
}

// Reason is the root of a failure in one line: the trace's first line and its
// last cause, without the objects that Debezium prints in the middle of them.
func (c Connector) Reason() string { return withoutObjects(c.cause()) }

func (c Connector) cause() string {
	first, rest, _ := strings.Cut(strings.TrimSpace(c.Trace), "\n")
	cause := ""
	for line := range strings.SplitSeq(rest, "\n") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "Caused by: "); ok {
			cause = text
		}
	}
	if cause == "" {
		return first
	}
	return first + " / " + cause
}

// longestObject is how much of what stands between braces is worth reading.
const longestObject = 60

// withoutObjects shortens what stands between braces: the words that say what
// is wrong come after half a screen of a Java object's fields.
func withoutObjects(text string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return b.String() + text
		}
		end := closing(text[open:])
		if end < 0 { // cut off by somebody
			return b.String() + text
		}
		b.WriteString(text[:open])
		if object := text[open : open+end+1]; len(object) > longestObject {
			b.WriteString("{…}")
		} else {
			b.WriteString(object)
		}
		text = text[open+end+1:]
	}
}

// closing is where the brace that text begins with is closed, -1 if nowhere.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// described is a connector in the answer to GET /connectors.
type described struct {
	Info struct {
		Config map[string]string `json:"config"`
	} `json:"info"`
	Status struct {
		Connector struct {
			State  State  `json:"state"`
			Worker string `json:"worker_id"`
			Trace  string `json:"trace"`
		} `json:"connector"`
		Tasks []struct {
			ID     int    `json:"id"`
			State  State  `json:"state"`
			Worker string `json:"worker_id"`
			Trace  string `json:"trace"`
		} `json:"tasks"`
	} `json:"status"`
}

func (d described) connector(name string) Connector {
	c := Connector{
		Name: name, Reported: d.Status.Connector.State, Worker: d.Status.Connector.Worker,
		Config: d.Info.Config, Trace: d.Status.Connector.Trace,
	}
	for _, task := range d.Status.Tasks {
		c.Tasks = append(c.Tasks, Task{ID: task.ID, State: task.State, Worker: task.Worker, Trace: task.Trace})
		if task.State == StateFailed && c.Trace == "" {
			c.Trace = task.Trace
		}
	}
	c.State = fold(c.Reported, c.Tasks)
	return c
}

// fold works out the one state an operator wants to know.
func fold(connector State, tasks []Task) State {
	if connector == "" { // known to Connect, but no status written yet
		return StateUnassigned
	}
	if connector != StateRunning {
		return connector
	}
	folded := StateUnassigned
	for _, task := range tasks {
		switch task.State {
		case StateFailed:
			return StateFailed
		case StateRunning:
			if folded == StateUnassigned {
				folded = StateRunning
			}
		default:
			folded = task.State
		}
	}
	return folded
}

// Fleet returns every connector of the cluster by its name, in one request.
func (c *Client) Fleet(ctx context.Context) (map[string]Connector, error) {
	var answer map[string]described
	err := c.do(ctx, &call{
		method: http.MethodGet, path: "/connectors",
		query: url.Values{"expand": {"status", "info"}}, into: &answer,
	})
	if err != nil {
		return nil, err
	}
	fleet := make(map[string]Connector, len(answer))
	for name, d := range answer {
		fleet[name] = d.connector(name)
	}
	return fleet, nil
}

// Status returns one connector, without its configuration.
func (c *Client) Status(ctx context.Context, name string) (Connector, error) {
	var d described
	err := c.do(ctx, &call{method: http.MethodGet, path: connectorPath(name) + "/status", into: &d.Status})
	return d.connector(name), err
}
