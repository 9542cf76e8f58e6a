package connect

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Offset is where a connector stands in its store's binary log, as far as it
// has been saved (offset.flush.interval.ms of the worker).
type Offset struct {
	// Prefix is the topic prefix the offset belongs to.
	Prefix string
	// File and Position are coordinates in the binary log.
	File     string
	Position int64
	// GTIDs is the set of transactions read, empty without GTID.
	GTIDs string
	// Snapshot says that the initial snapshot, or a blocking one, is under
	// way.
	Snapshot bool
}

// Begun says that the connector has read anything: some versions and settings
// save an empty offset before the first row.
func (o Offset) Begun() bool { return o.File != "" }

// Offsets returns what a connector has saved, nothing for one that never ran.
func (c *Client) Offsets(ctx context.Context, name string) ([]Offset, error) {
	var answer struct {
		Offsets []struct {
			Partition struct {
				Server string `json:"server"`
			} `json:"partition"`
			Offset struct {
				File      string          `json:"file"`
				Position  int64           `json:"pos"`
				GTIDs     string          `json:"gtids"`
				Snapshot  json.RawMessage `json:"snapshot"`
				Completed *bool           `json:"snapshot_completed"`
			} `json:"offset"`
		} `json:"offsets"`
	}
	err := c.do(ctx, &call{method: http.MethodGet, path: connectorPath(name) + "/offsets", into: &answer})
	if err != nil {
		return nil, err
	}
	var offsets []Offset
	for _, o := range answer.Offsets {
		offset := Offset{Prefix: o.Partition.Server, File: o.Offset.File, Position: o.Offset.Position, GTIDs: o.Offset.GTIDs}
		if offset.File == "" {
			// What the snapshot writes before its first row, the definitions,
			// comes with an empty offset.
			offset.Snapshot = true
		}
		switch string(o.Offset.Snapshot) {
		case "true", `"true"`, `"INITIAL"`, `"BLOCKING"`: // a bool up to Debezium 3.1
			offset.Snapshot = o.Offset.Completed == nil || !*o.Offset.Completed
		}
		offsets = append(offsets, offset)
	}
	return offsets, nil
}

// DeleteOffsets makes a stopped connector forget where it was: resumed, it
// takes a snapshot as if it were new, provided its schema history is deleted
// too.
func (c *Client) DeleteOffsets(ctx context.Context, name string) error {
	err := c.do(ctx, &call{method: http.MethodDelete, path: connectorPath(name) + "/offsets"})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
