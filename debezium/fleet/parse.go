package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Parse is [Load] for a text that is already there; path is only named in
// errors.
func Parse(path string, text []byte) (*Inventory, error) {
	file, err := readFile(path, text)
	if err != nil {
		return nil, err
	}
	inv := file.inventory()
	file.findings.validate(inv, file)
	if err := file.findings.err(); err != nil {
		return nil, err
	}
	return inv, nil
}

// finding is one thing wrong with the file.
type finding struct {
	line int
	text string
}

// findings collects what is wrong, so that one reading reports it all.
type findings struct {
	path string
	list []finding
	// known are the keys that each kind of mapping may have, by its name:
	// what the JSON Schema is checked against.
	known map[string][]string
}

func (f *findings) add(line int, format string, args ...any) {
	f.list = append(f.list, finding{line, fmt.Sprintf(format, args...)})
}

func (f *findings) err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b finding) int { return cmp.Compare(a.line, b.line) })
	lines := make([]string, len(f.list))
	for i, finding := range f.list {
		lines[i] = fmt.Sprintf("%s:%d: %s", f.path, finding.line, finding.text)
	}
	return &InvalidError{Findings: lines}
}

// InvalidError is an inventory with mistakes.
type InvalidError struct {
	// Findings are of the form "path:line: what is wrong; what to write".
	Findings []string
}

func (e *InvalidError) Error() string { return strings.Join(e.Findings, "\n") }
