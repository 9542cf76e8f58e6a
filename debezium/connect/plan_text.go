package connect

import (
	"fmt"
	"io"
	"strings"
)

// marks are how a plan's lines begin.
var marks = map[Action]string{
	ActionCreate: "+", ActionUpdate: "~", ActionRelease: ">", ActionStop: "#",
	ActionKept: "=", ActionStray: "?", ActionRefuse: "!",
}

var meanings = map[Action]string{
	ActionCreate:  "create, stopped, and release in its turn",
	ActionUpdate:  "update",
	ActionRelease: "release: it was created and never started",
	ActionStop:    "stop: the store is not enabled",
}

// WriteTo prints the plan the way a person reads it.
func (p Plan) WriteTo(w io.Writer) (int64, error) {
	var out strings.Builder
	width := 0
	for _, change := range p.Changes {
		width = max(width, len(change.Name))
	}
	count := map[Action]int{}
	for _, change := range p.Changes {
		count[change.Action]++
		p.writeChange(&out, change, width)
	}
	if len(p.Changes) > 0 {
		out.WriteString("\n")
	}
	var parts []string
	for _, action := range []Action{ActionCreate, ActionUpdate, ActionRelease, ActionStop} {
		if count[action] > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", count[action], action))
		}
	}
	for action, word := range map[Action]string{ActionRefuse: "refused"} {
		if count[action] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[action], word))
		}
	}
	parts = append(parts, fmt.Sprintf("%d as they should be", p.Unchanged))
	fmt.Fprintf(&out, "%s\n", strings.Join(parts, ", "))
	out.WriteString(p.Advice.String())
	n, err := io.WriteString(w, out.String())
	return int64(n), err
}

func (p Plan) writeChange(out *strings.Builder, change Change, width int) {
	text := meanings[change.Action]
	switch change.Action {
	case ActionKept, ActionStray, ActionRefuse:
		text = change.Reason
	}
	where := ""
	if change.Store.Line > 0 && p.inventory != nil {
		where = fmt.Sprintf("   (%s:%d)", p.inventory.Path, change.Store.Line)
	}
	fmt.Fprintf(out, "%s %-*s  %s%s\n", marks[change.Action], width, change.Name, text, where)
	property := 0
	for _, d := range change.Differences {
		property = max(property, len(d.Property))
	}
	for _, d := range change.Differences {
		actual, desired := d.Actual, d.Desired
		if d.Missing {
			actual = "(not set)"
		}
		if d.Extra {
			desired = "(not set)"
		}
		if actual == desired {
			desired += " (another)"
		}
		fmt.Fprintf(out, "    %-*s  %s → %s\n", property, d.Property, actual, desired)
	}
	if change.Action == ActionUpdate && change.Reason != "" {
		fmt.Fprintf(out, "    %s\n", change.Reason)
	}
}
