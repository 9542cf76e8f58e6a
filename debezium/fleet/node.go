package fleet

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"
)

// fields maps the keys a mapping may have to the function that reads them.
type fields map[string]func(*yaml.Node)

// readNode parses the text into its root node, nil for an empty file.
func readNode(text []byte) (root *yaml.Node, line int, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		// The library's messages begin "yaml: line 7: ".
		message := strings.TrimPrefix(err.Error(), "yaml: ")
		line := 1
		if m := yamlLine.FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1])
			message = message[len(m[0]):]
		}
		return nil, line, errors.New(message)
	}
	if len(document.Content) == 0 {
		return nil, 1, nil
	}
	return document.Content[0], 1, nil
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// mapping reads a mapping's known keys and reports the others. It returns the
// line of each key it found.
func (f *findings) mapping(node *yaml.Node, what string, known fields) map[string]int {
	node = resolve(node)
	lines := map[string]int{}
	f.known[what] = sortedKeys(known)
	if node.Kind != yaml.MappingNode {
		f.add(node.Line, "%s must be a list of \"key: value\"; the keys are %s", what, strings.Join(sortedKeys(known), ", "))
		return lines
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case !ok:
			f.add(key.Line, "%s has no key %q; %s", what, key.Value, suggest(key.Value, sortedKeys(known)))
		case lines[key.Value] != 0:
			f.add(key.Line, "%q stands a second time, first in line %d; remove one of them", key.Value, lines[key.Value])
		default:
			lines[key.Value] = key.Line
			read(value)
		}
	}
	return lines
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// text reads a scalar as it stands in the file: an id such as 0047 keeps its
// zeros.
func (f *findings) text(into *string, what string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
			f.add(node.Line, "%s must be a text", what)
			return
		}
		*into = node.Value
	}
}

func (f *findings) integer(into *int, what string, min, max int) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		n, err := strconv.Atoi(node.Value)
		if node.Kind != yaml.ScalarNode || err != nil || n < min || n > max {
			f.add(node.Line, "%s must be a whole number from %d to %d, not %q", what, min, max, node.Value)
			return
		}
		*into = n
	}
}

func (f *findings) boolean(into *bool, what string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		switch node.Value {
		case "true":
			*into = true
		case "false":
			*into = false
		default:
			f.add(node.Line, "%s must be true or false, not %q", what, node.Value)
		}
	}
}

// choice reads one of a few words.
func choice[T ~string](f *findings, into *T, what string, words ...T) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		if node.Kind == yaml.ScalarNode && slices.Contains(words, T(node.Value)) {
			*into = T(node.Value)
			return
		}
		list := make([]string, len(words))
		for i, word := range words {
			list[i] = string(word)
		}
		f.add(node.Line, "%s must be one of %s, not %q", what, strings.Join(list, ", "), node.Value)
	}
}

// texts reads a list of texts; a single text is a list of one.
func (f *findings) texts(into *[]string, what string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		items := node.Content
		if node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
			items = []*yaml.Node{node}
		} else if node.Kind != yaml.SequenceNode {
			f.add(node.Line, "%s must be a list such as [a, b]", what)
			return
		}
		list := make([]string, len(items))
		for i, item := range items {
			f.text(&list[i], what)(item)
		}
		*into = list
	}
}

// pairs adds a mapping of texts to a map, replacing what it names again.
func (f *findings) pairs(into *map[string]string, what string, check func(key, value string) error) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		if node.Kind != yaml.MappingNode {
			f.add(node.Line, "%s must be a list of \"key: value\"", what)
			return
		}
		merged := map[string]string{}
		for key, value := range *into {
			merged[key] = value
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], resolve(node.Content[i+1])
			if value.Kind != yaml.ScalarNode {
				f.add(value.Line, "%s: %q must be a text", what, key.Value)
				continue
			}
			if err := check(key.Value, value.Value); err != nil {
				f.add(key.Line, "%v", err)
			}
			merged[key.Value] = value.Value
		}
		*into = merged
	}
}

// duration reads a length of time such as 36h, 7d or forever (negative).
func (f *findings) duration(into *time.Duration, what string, forever bool) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		if forever && node.Value == "forever" {
			*into = -1
			return
		}
		d, err := parseDuration(node.Value)
		if node.Kind != yaml.ScalarNode || err != nil || d <= 0 {
			also := ""
			if forever {
				also = " or forever"
			}
			f.add(node.Line, "%s must be a length of time such as 36h or 7d%s, not %q", what, also, node.Value)
			return
		}
		*into = d
	}
}

func parseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if n > 100_000 {
			return 0, strconv.ErrRange
		}
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}

// megabytes reads a Java heap size such as 3g or 1536m.
func (f *findings) megabytes(into *int, what string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		m := heapSize.FindStringSubmatch(strings.ToLower(node.Value))
		if m == nil {
			f.add(node.Line, "%s must be a size such as 3g or 1536m, not %q", what, node.Value)
			return
		}
		*into, _ = strconv.Atoi(m[1])
		if m[2] == "g" {
			*into *= 1024
		}
	}
}

var heapSize = regexp.MustCompile(`^(\d{1,6})([mg])$`)
