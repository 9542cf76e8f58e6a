package exam

import (
	"fmt"
	"io"
	"strings"
)

// Brief writes the result for people who want to know whether their types are
// carried: a line a group, counting the cases whose values are equal and naming
// the others, with stores of both flavors.
func (s *Sheet) Brief(w io.Writer) error {
	rooms := []string{Main, "MariaDB"}
	b := &strings.Builder{}
	b.WriteString("| values equal | MySQL | MariaDB | else |\n|---|---|---|---|\n")
	for _, group := range s.groups() {
		cells, others := make([]string, len(rooms)), []string{}
		for j, room := range rooms {
			equal, taken := 0, 0
			for k := range s.Cases {
				c := &s.Cases[k]
				o, ok := s.Outcome(room, c)
				if c.Group != group || !ok {
					continue
				}
				taken++
				if o.Verdict == Equal || o.Verdict == Wider {
					equal++
					continue
				}
				other := fmt.Sprintf("%s: %s", c.Name, o.Verdict)
				if !strings.Contains(strings.Join(others, "; "), other) {
					others = append(others, other)
				}
			}
			cells[j] = fmt.Sprintf("%d of %d", equal, taken)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", group, strings.Join(cells, " | "), strings.ReplaceAll(strings.Join(others, "; "), "|", `\|`))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// groups lists the cases' groups in order, once each.
func (s *Sheet) groups() []string {
	var list []string
	seen := map[string]bool{}
	for i := range s.Cases {
		if g := s.Cases[i].Group; !seen[g] {
			seen[g] = true
			list = append(list, g)
		}
	}
	return list
}
