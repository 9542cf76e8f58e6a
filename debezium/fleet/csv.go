package fleet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// csvColumns are the columns a CSV file may have besides labels.
var csvColumns = []string{
	"id", "host", "port", "flavor", "schemas", "tables", "exclude", "user", "tls",
	"format", "hours", "timezone", "server_id", "enabled",
}

// ImportCSV turns a table of stores into lines for the inventory's stores. The
// first row names the columns after the inventory's keys; a column that is no
// key becomes a label. Lists are parted by blanks. Columns are parted by
// commas or semicolons, as spreadsheets write them. Empty cells say nothing.
// name is only used in errors.
func ImportCSV(r io.Reader, name string) (string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	reader := csv.NewReader(bytes.NewReader(text))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		reader.Comma = ';'
	}
	reader.TrimLeadingSpace = true
	header, err := reader.Read()
	if err != nil {
		return "", fmt.Errorf("%s:1: the first row must name the columns, at least id and host: %w", name, err)
	}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	for _, column := range []string{"id", "host"} {
		if !slices.Contains(header, column) {
			return "", fmt.Errorf("%s:1: there is no column %q; name the columns in the first row, for instance id,host,region", name, column)
		}
	}
	return importRows(reader, header, name)
}

func importRows(reader *csv.Reader, header []string, name string) (string, error) {
	stores := &yaml.Node{Kind: yaml.SequenceNode}
	seen := map[string]int{}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// encoding/csv's errors name the line.
			return "", fmt.Errorf("%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		store, id := csvStore(header, row)
		if id == "" {
			return "", fmt.Errorf("%s:%d: the store has no id", name, line)
		}
		if other := seen[id]; other != 0 {
			return "", fmt.Errorf("%s:%d: store %q is already in line %d", name, line, id, other)
		}
		seen[id] = line
		stores.Content = append(stores.Content, store)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("stores"), stores}}
	if err := errors.Join(encoder.Encode(root), encoder.Close()); err != nil {
		return "", fmt.Errorf("writing the stores: %w", err)
	}
	return out.String(), nil
}

// csvStore is one row as the line of the inventory.
func csvStore(header, row []string) (store *yaml.Node, id string) {
	store = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	labels := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		switch column := header[i]; {
		case column == "id":
			id = cell
			// Quoted, so that no other reader takes 0047 for 39.
			quoted := scalar(cell)
			quoted.Style = yaml.DoubleQuotedStyle
			store.Content = append(store.Content, scalar("id"), quoted)
		case column == "schemas" || column == "tables" || column == "exclude":
			list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, item := range strings.Fields(cell) {
				list.Content = append(list.Content, scalar(item))
			}
			store.Content = append(store.Content, scalar(column), list)
		case slices.Contains(csvColumns, column):
			store.Content = append(store.Content, scalar(column), scalar(cell))
		case column != "":
			labels.Content = append(labels.Content, scalar(column), scalar(cell))
		}
	}
	if len(labels.Content) > 0 {
		store.Content = append(store.Content, scalar("labels"), labels)
	}
	return store, id
}

func scalar(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }
