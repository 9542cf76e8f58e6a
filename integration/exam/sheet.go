package exam

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Outcome is how a case ended in a room.
type Outcome struct {
	Verdict Verdict
	// Rows is how many rows the store's table has at the end.
	Rows int64
	// Details describe what is not equal.
	Details []string
}

// Sheet is the result.
type Sheet struct {
	Rooms []Room
	Cases []Case
	// Outcomes are by room and table.
	Outcomes map[string]map[string]Outcome
}

// Outcome returns the outcome of a case in a room; false if it was not part of
// the exam there.
func (s *Sheet) Outcome(room string, c *Case) (Outcome, bool) {
	o, ok := s.Outcomes[room][c.Table]
	return o, ok
}

// Surprises lists the outcomes that are not what was expected, with details.
func (s *Sheet) Surprises() []string {
	var list []string
	said := map[string]bool{}
	for i := range s.Cases {
		for j := range s.Rooms {
			r := &s.Rooms[j]
			o, ok := s.Outcome(r.Name, &s.Cases[i])
			if o.Verdict == Stopped && said[r.Name] {
				continue // one reason for all
			}
			said[r.Name] = said[r.Name] || o.Verdict == Stopped
			if want := s.Cases[i].expected(r); ok && o.Verdict != want.Verdict {
				list = append(list, fmt.Sprintf("%s / %s / %s: %s, expected %s\n    %s", s.Cases[i].Group, s.Cases[i].Name, r.Name,
					o.Verdict, want.Verdict, strings.Join(o.Details, "\n    ")))
			}
		}
	}
	return list
}

// Markdown writes the result: a table of all cases in the rooms that take all of
// them, one of the connector's modes, and the reasons for what is not equal.
func (s *Sheet) Markdown(w io.Writer) error {
	b := &strings.Builder{}
	var whole, modes []string
	for _, r := range s.Rooms {
		switch {
		case r.Modes:
			modes = append(modes, r.Name)
		case r.Schema == firstSchema:
			whole = append(whole, r.Name)
		}
	}
	fmt.Fprintf(b, "%s\n\n", s.summary())
	s.table(b, whole)
	if len(modes) > 0 {
		b.WriteString("\n### The connector's modes\n\n`time.precision.mode`, `decimal.handling.mode`, `bigint.unsigned.handling.mode`, `binary.handling.mode`\n\n")
		s.table(b, modes)
	}
	s.remainder(b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Sheet) summary() string {
	var lines []string
	for _, r := range s.Rooms {
		count := map[Verdict]int{}
		for _, o := range s.Outcomes[r.Name] {
			count[o.Verdict]++
		}
		var parts []string
		for _, v := range []Verdict{Equal, Wider, Reported, Warned, Foretold, Different, Stopped} {
			if count[v] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", count[v], v))
			}
		}
		lines = append(lines, fmt.Sprintf("- **%s** (%s): %d tables: %s", r.Name, r.Flavor, len(s.Outcomes[r.Name]), strings.Join(parts, ", ")))
	}
	return strings.Join(lines, "\n")
}

func (s *Sheet) table(b *strings.Builder, rooms []string) {
	fmt.Fprintf(b, "| | %s |\n|---|%s\n", strings.Join(rooms, " | "), strings.Repeat("---|", len(rooms)))
	group := ""
	for i := range s.Cases {
		c := &s.Cases[i]
		cells, taken := make([]string, len(rooms)), false
		for j, room := range rooms {
			if o, ok := s.Outcome(room, c); ok {
				cells[j], taken = string(o.Verdict), true
			}
		}
		if !taken {
			continue
		}
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(b, "| **%s** |%s\n", group, strings.Repeat(" |", len(rooms)))
		}
		fmt.Fprintf(b, "| %s | %s |\n", strings.ReplaceAll(c.Name, "|", `\|`), strings.Join(cells, " | "))
	}
}

// remainder tells why what is not equal is not.
func (s *Sheet) remainder(b *strings.Builder) {
	var lines []string
	for i := range s.Cases {
		c := &s.Cases[i]
		for j := range s.Rooms {
			r := &s.Rooms[j]
			o, ok := s.Outcome(r.Name, c)
			line := fmt.Sprintf("- %s, *%s*: %s.", c.Name, o.Verdict, c.expected(r).Why)
			if why := r.leaves(c); why != "" {
				line = fmt.Sprintf("- %s, *left out*: %s.", c.Name, why)
			} else if !ok || o.Verdict == Equal {
				continue
			}
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n### What is not equal, and why\n\n%s\n", strings.Join(lines, "\n"))
	}
}
