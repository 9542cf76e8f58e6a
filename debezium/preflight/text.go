package preflight

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText prints the reports as a person reads them: a line a store, then
// what is to be done. With all, findings that need nothing are listed too.
func WriteText(w io.Writer, reports []Report, all bool) error {
	var out strings.Builder
	id, address, server := len("STORE"), len("ADDRESS"), len("SERVER")
	for _, r := range reports {
		id, address, server = max(id, len(r.Store)), max(address, len(r.Address)), max(server, len(r.Server))
	}
	fmt.Fprintf(&out, "%-*s  %-*s  %-*s  VERDICT\n", id, "STORE", address, "ADDRESS", server, "SERVER")
	failed, warned := 0, 0
	for _, r := range reports {
		name := r.Server
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(&out, "%-*s  %-*s  %-*s  %s\n", id, r.Store, address, r.Address, server, name, r.summary())
		switch r.Verdict {
		case Fail:
			failed++
		case Warn:
			warned++
		}
	}
	for _, r := range reports {
		r.writeDetails(&out, all)
	}
	fmt.Fprintf(&out, "\n%d stores: %d may be registered (%d of them with warnings), %d must not\n",
		len(reports), len(reports)-failed, warned, failed)
	_, err := io.WriteString(w, out.String())
	return err
}

func (r Report) summary() string {
	warnings := ""
	switch n := r.Count(Warn); n {
	case 0:
	case 1:
		warnings = "1 warning"
	default:
		warnings = fmt.Sprintf("%d warnings", n)
	}
	if r.Verdict == Fail {
		text := "FAIL  " + strings.Join(r.Failed(), ", ")
		if warnings != "" {
			text += "; " + warnings
		}
		return text
	}
	return strings.TrimSpace("ok    " + warnings)
}

func (r Report) writeDetails(out *strings.Builder, all bool) {
	titled := false
	for _, level := range []Verdict{Fail, Warn, Info, Skip, Pass} {
		if !all && level != Fail && level != Warn {
			break
		}
		for _, f := range r.Findings {
			if f.Verdict != level {
				continue
			}
			if !titled {
				fmt.Fprintf(out, "\n%s\n", r.Store)
				titled = true
			}
			f.write(out)
		}
	}
}

func (f Finding) write(out *strings.Builder) {
	fmt.Fprintf(out, "  %-4s  %s: %s\n", strings.ToUpper(string(f.Verdict)), f.Check, oneLine(f.Evidence))
	if f.Verdict != Fail && f.Verdict != Warn {
		return
	}
	fmt.Fprintf(out, "        wanted: %s\n", f.Title)
	fmt.Fprintf(out, "        why:    %s\n", f.Why)
	if f.Remedy != "" {
		fmt.Fprintf(out, "        do:     %s\n", oneLine(f.Remedy))
	}
	for _, statement := range f.SQL {
		fmt.Fprintf(out, "        sql:    %s\n", statement)
	}
	for _, line := range f.Config {
		fmt.Fprintf(out, "        my.cnf: %s\n", line)
	}
}

// WriteJSON prints the reports for programs.
func WriteJSON(w io.Writer, reports []Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(reports)
}

// WriteFixes prints, for each store, the statements that mend what was found,
// to be read and then run by an administrator. Lines for my.cnf are comments.
func WriteFixes(w io.Writer, reports []Report) error {
	var out strings.Builder
	for _, r := range reports {
		fmt.Fprintf(&out, "-- store %s, %s %s\n", r.Store, r.Address, r.Server)
		none := true
		for _, f := range r.Findings {
			if f.Verdict != Fail && f.Verdict != Warn {
				continue
			}
			none = false
			fmt.Fprintf(&out, "\n-- %s %s: %s\n", strings.ToUpper(string(f.Verdict)), f.Check, oneLine(f.Evidence))
			fmt.Fprintf(&out, "-- %s\n", oneLine(f.Remedy))
			for _, statement := range f.SQL {
				fmt.Fprintf(&out, "%s\n", statement)
			}
			for _, line := range f.Config {
				fmt.Fprintf(&out, "-- my.cnf, [mysqld]: %s\n", line)
			}
		}
		if none {
			out.WriteString("-- nothing to do\n")
		}
		out.WriteString("\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// WriteChecks prints the table of checks: what there is to know before a store
// is built.
func WriteChecks(w io.Writer) error {
	var out strings.Builder
	for _, check := range Checks() {
		fmt.Fprintf(&out, "%s: %s\n    why: %s\n", check.ID, check.Title, check.Why)
		if check.SQL != "" {
			fmt.Fprintf(&out, "    sql: %s\n", check.SQL)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Summary is an error if a store must not be registered.
func Summary(reports []Report) error {
	failed := 0
	for _, r := range reports {
		if !r.Passed() {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d stores must not be registered", failed, len(reports))
}

// oneLine keeps a server's words from breaking a line, and from ending a comment
// early.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
