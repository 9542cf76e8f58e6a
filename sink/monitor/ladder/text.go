package ladder

import (
	"bufio"
	"fmt"
	"io"
)

// marks are what a state looks like without colour, and its ANSI colour.
var marks = map[State]struct{ sign, colour string }{
	Sound:   {"✓", "\x1b[32m"},
	Quiet:   {"z", "\x1b[36m"},
	Unknown: {"?", "\x1b[33m"},
	Broken:  {"✗", "\x1b[31;1m"},
	Off:     {"-", "\x1b[2m"},
}

const plain = "\x1b[0m"

// WriteText prints a verdict the way a person reads it: the sentence, then the
// rungs. Colours are ANSI's and repeat what the signs say.
func WriteText(w io.Writer, v Verdict, colours bool) error {
	b := bufio.NewWriter(w)
	paint := func(state State, text string) string {
		if !colours {
			return text
		}
		return marks[state].colour + text + plain
	}
	fmt.Fprintf(b, "%s\n\n", paint(v.State, v.Sentence))
	for _, s := range v.Steps {
		fmt.Fprintf(b, "  %s %-10s %s\n", paint(s.State, marks[s.State].sign), s.Rung, s.Evidence)
		if s.Remedy != "" {
			fmt.Fprintf(b, "    %-10s → %s\n", "", s.Remedy)
		}
	}
	return b.Flush()
}
