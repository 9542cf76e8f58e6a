package connect

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
)

// InitialState is the state a connector is created in.
type InitialState string

// The initial states. A stopped connector has no tasks until it is resumed.
const (
	Started InitialState = "RUNNING"
	Stopped InitialState = "STOPPED"
)

func connectorPath(name string) string { return "/connectors/" + url.PathEscape(name) }

// Put creates the connector or replaces its configuration, and starts it if it
// is new. Putting the same configuration again still costs a rebalance.
func (c *Client) Put(ctx context.Context, name string, config map[string]string) error {
	return c.do(ctx, &call{method: http.MethodPut, path: connectorPath(name) + "/config", body: config})
}

// Create makes a new connector in the given state. [ErrExists] says that there
// is one already.
func (c *Client) Create(ctx context.Context, name string, config map[string]string, state InitialState) error {
	request := &call{method: http.MethodPost, path: "/connectors", body: map[string]any{
		"name": name, "config": config, "initial_state": state,
	}}
	err := c.do(ctx, request)
	if !errors.Is(err, ErrExists) || !request.retried {
		return err
	}
	// An earlier try timed out here, but may have gone through there.
	actual, getErr := c.Config(ctx, name)
	if getErr != nil {
		return err
	}
	delete(actual, "name")
	desired := maps.Clone(config)
	delete(desired, "name")
	if maps.Equal(actual, desired) {
		return nil
	}
	return err
}

// Config returns a connector's configuration, with references to secrets as
// they stand in it.
func (c *Client) Config(ctx context.Context, name string) (map[string]string, error) {
	var config map[string]string
	err := c.do(ctx, &call{method: http.MethodGet, path: connectorPath(name) + "/config", into: &config})
	return config, err
}

// Delete removes a connector. Its offsets stay: a connector of the same name
// goes on where this one was. To delete what is not there is no error.
func (c *Client) Delete(ctx context.Context, name string) error {
	err := c.do(ctx, &call{method: http.MethodDelete, path: connectorPath(name)})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Pause halts a connector's task but keeps it and what it holds: the store may
// close its connection meanwhile. For maintenance use Stop.
func (c *Client) Pause(ctx context.Context, name string) error { return c.set(ctx, name, "pause") }

// Resume starts a connector that is paused or stopped.
func (c *Client) Resume(ctx context.Context, name string) error { return c.set(ctx, name, "resume") }

// Stop ends a connector's task and frees what it held.
func (c *Client) Stop(ctx context.Context, name string) error { return c.set(ctx, name, "stop") }

// set asks for a state, which Connect brings about some time after.
func (c *Client) set(ctx context.Context, name, state string) error {
	return c.do(ctx, &call{method: http.MethodPut, path: connectorPath(name) + "/" + state})
}

// Restart restarts a connector and its tasks, or only what of them has failed.
func (c *Client) Restart(ctx context.Context, name string, onlyFailed bool) error {
	query := url.Values{"includeTasks": {"true"}, "onlyFailed": {"false"}}
	if onlyFailed {
		query.Set("onlyFailed", "true")
	}
	return c.do(ctx, &call{method: http.MethodPost, path: connectorPath(name) + "/restart", query: query})
}

// Topics returns the topics a connector has written to since it was created.
func (c *Client) Topics(ctx context.Context, name string) ([]string, error) {
	var answer map[string]struct{ Topics []string }
	err := c.do(ctx, &call{method: http.MethodGet, path: connectorPath(name) + "/topics", into: &answer})
	return answer[name].Topics, err
}

// Version returns the version of Kafka the worker runs. It is the cheapest
// request there is, fit to find out whether Connect answers.
func (c *Client) Version(ctx context.Context) (string, error) {
	var answer struct{ Version string }
	err := c.do(ctx, &call{method: http.MethodGet, path: "/", into: &answer})
	return answer.Version, err
}
