package topics

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteTo prints the plan the way a person reads it.
func (p Plan) WriteTo(w io.Writer) (int64, error) {
	var out strings.Builder
	for _, spec := range p.Create {
		fmt.Fprintf(&out, "+ %s   %s\n", spec.Name, spec.describe())
	}
	for _, change := range p.Change {
		mark := "~"
		if len(change.Settings) == 0 {
			mark = "!"
		}
		fmt.Fprintf(&out, "%s %s\n", mark, change.Spec.Name)
		for _, s := range change.Settings {
			fmt.Fprintf(&out, "    %s  %s → %s\n", s.Key, s.Actual, s.Desired)
		}
		for _, warning := range change.Warnings {
			fmt.Fprintf(&out, "    %s\n", warning)
		}
	}
	for _, refused := range p.Refused {
		fmt.Fprintf(&out, "! %s\n", refused)
	}
	for _, stray := range p.Strays {
		fmt.Fprintf(&out, "? %s   %s\n", stray.Name, stray.Reason)
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	changes := 0
	for _, change := range p.Change {
		if len(change.Settings) > 0 {
			changes++
		}
	}
	fmt.Fprintf(&out, "%d to create, %d to change, %d refused, %d strays, %d as they should be",
		len(p.Create), changes, len(p.Refused), len(p.Strays), p.Unchanged)
	if byHand := len(p.Change) - changes; byHand > 0 {
		fmt.Fprintf(&out, ", %d to be mended by hand", byHand)
	}
	out.WriteString("\n")
	if len(p.Open) > 0 {
		fmt.Fprintf(&out, "not foreseen: the tables of %s are written as patterns; Connect creates their topics by the same policy (--ask finds them out now)\n", shorten(p.Open))
	}
	n, err := io.WriteString(w, out.String())
	return int64(n), err
}

func (s Spec) describe() string {
	parts := []string{fmt.Sprintf("partitions=%d replication=%d", s.Partitions, s.Replication)}
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		parts = append(parts, key+"="+s.Config[key])
	}
	return strings.Join(parts, " ")
}

func shorten(names []string) string {
	if len(names) > 5 {
		return fmt.Sprintf("%s and %d more stores", strings.Join(names[:5], ", "), len(names)-5)
	}
	return strings.Join(names, ", ")
}
