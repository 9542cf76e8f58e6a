package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tributary/integration/bench/events"
)

// avro measures the same backlog in both formats in turn, with the database
// alone before and after.
func (b *bench) avro(ctx context.Context) error {
	loads := []load{b.backlog(), b.backlog()}
	loads[1].Environment, loads[1].Avro = fmt.Sprintf("avro%d", b.Events), true
	address, stop, err := serveSchemas(loads[1].Shape)
	if err != nil {
		return err
	}
	defer stop()
	var messages [2]int64
	var want [2]sum
	for i, l := range loads {
		if messages[i], err = b.fill(ctx, l); err != nil {
			return err
		}
		if want[i], err = b.expect(ctx, l); err != nil {
			return err
		}
	}
	statements := loads[0].literals()
	for range b.Rounds {
		if err := b.ceiling(ctx, "catchup", loads[0], "before", statements); err != nil {
			return err
		}
		for i, l := range loads {
			run := []string{"format JSON", "format Avro"}[i]
			for _, v := range b.variants() {
				v.env = append(settings([]string{"REGISTRY_URL=" + address}), v.env...)
				if err := b.catchUpWith(ctx, run, v, l, messages[i], &want[i], false); err != nil {
					return err
				}
			}
		}
		if err := b.ceiling(ctx, "catchup", loads[0], "after", statements); err != nil {
			return err
		}
	}
	for _, l := range loads {
		t := l.Topics()[0]
		c := events.Change{Op: 'c', ID: 7, Version: 1, Micros: time.Now().UnixMicro()}
		b.say("an event of %s has %d bytes, its key %d", l.Environment, len(t.AppendValue(nil, c)), len(t.AppendKey(nil, c.ID)))
	}
	return nil
}

// serveSchemas plays a schema registry for the topics of a shape.
func serveSchemas(s events.Shape) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serving schemas: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/schemas/ids/"))
		text, known := s.Schema(id)
		if err != nil || !known {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error_code":40403}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"schema": text})
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("serving schemas:", err)
		}
	}, nil
}
