package sink

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Setting documents one environment variable.
type Setting struct {
	Name, Default, Help string
	Required            bool
}

// Settings lists the sink's environment variables in the order of [Config].
func Settings() []Setting {
	return append(SettingsOf[Config](), Setting{
		Name: Prefix + kafkaConf + "<PROPERTY>",
		Help: "A librdkafka property, its dots as underscores: " + Prefix + kafkaConf + "SECURITY_PROTOCOL=SASL_SSL." +
			" Two underscores stand for an underscore, three for a dash. With _FILE behind it, a file that holds the value.",
	})
}

// SettingsOf lists the environment variables of a struct in the order of its
// fields: those that have a name, a default and a help in their tags.
func SettingsOf[T any]() []Setting {
	var list []Setting
	for f := range reflect.TypeFor[T]().Fields() {
		help := f.Tag.Get("help")
		if help == "" {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("env"), ",")
		list = append(list, Setting{
			Name: Prefix + name, Default: f.Tag.Get("envDefault"), Help: help,
			Required: strings.Contains(options, "required"),
		})
	}
	return list
}

// Environment returns the settings among the variables of an environment as
// os.Environ returns it, by their whole names. A NAME_FILE has been replaced by
// NAME with the file's content: secrets come this way. The error is a
// [*SettingError].
func Environment(environ []string) (map[string]string, error) {
	vars := make(map[string]string)
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, Prefix) {
			vars[name] = value
		}
	}
	for name, path := range vars {
		target, ok := strings.CutSuffix(name, "_FILE")
		if !ok {
			continue
		}
		if _, both := vars[target]; both {
			return nil, &SettingError{Name: name, Err: fmt.Errorf("%s is set too: set one of them", target)}
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, &SettingError{Name: name, Err: err}
		}
		delete(vars, name)
		vars[target] = strings.TrimRight(string(content), "\r\n")
	}
	return vars, nil
}

// ParseSettings fills a struct from the settings that [Environment] returned.
// Every error is a [*SettingError]; several are joined.
func ParseSettings[T any](vars map[string]string, into *T) error {
	err := env.ParseWithOptions(into, env.Options{Environment: vars, Prefix: Prefix})
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	help := make(map[string]string)
	for _, s := range SettingsOf[T]() {
		help[s.Name] = s.Help
	}
	var list []error
	for _, err := range all.Errors {
		var missing env.VarIsNotSetError
		var empty env.EmptyVarError
		var parse env.ParseError
		switch {
		case errors.As(err, &missing):
			list = append(list, &SettingError{Name: missing.Key, Err: errors.New("must be set: " + help[missing.Key])})
		case errors.As(err, &empty):
			list = append(list, &SettingError{Name: empty.Key, Err: errors.New("is empty: " + help[empty.Key])})
		case errors.As(err, &parse):
			name := nameOf[T](parse.Name)
			list = append(list, &SettingError{Name: name, Err: misread(parse, vars[name])})
		default:
			list = append(list, err)
		}
	}
	return errors.Join(list...)
}

// nameOf returns the variable's name of a struct's field.
func nameOf[T any](field string) string {
	f, _ := reflect.TypeFor[T]().FieldByName(field)
	name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
	return Prefix + name
}

// misread says what a value should have been: the parser's own words are for
// who wrote the program.
func misread(parse env.ParseError, value string) error {
	switch parse.Type {
	case reflect.TypeFor[time.Duration]():
		return fmt.Errorf("%q is not a duration such as 500ms, 10s or 1h", value)
	case reflect.TypeFor[int]():
		return fmt.Errorf("%q is not a whole number", value)
	case reflect.TypeFor[bool]():
		return fmt.Errorf("%q is neither true nor false", value)
	}
	return parse.Err // a type of ours
}

// UnknownSettings refuses variables with our prefix that mean nothing: most
// are misspelt, and silence would let the default win. Settings of other
// subcommands, which may share an environment file, are theirs to know: others
// are what their names begin with, behind ours. The command's help lists the known.
func UnknownSettings(vars map[string]string, command string, known []Setting, others ...string) error {
	names := make(map[string]bool)
	for _, s := range known {
		names[s.Name] = true
	}
	// The last three are what `make demo` and the tests are told, which start sinks.
	others = append([]string{kafkaConf, "STORE_", "PREFLIGHT_", "CACHE", "DEBIAN_MIRROR", "SCREENSHOTS"}, others...)
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		foreign := slices.ContainsFunc(others, func(prefix string) bool { return strings.HasPrefix(name, Prefix+prefix) })
		if names[name] || foreign {
			continue
		}
		hint := ""
		if meant := nearest(name, known); meant != "" {
			hint = " (did you mean " + meant + "?)"
		}
		problems = append(problems, &SettingError{Name: name, Err: fmt.Errorf("is not a setting%s; `tributary %s --help` lists them", hint, command)})
	}
	return errors.Join(problems...)
}

// nearest returns the setting that is at most two letters away from a name.
func nearest(name string, known []Setting) string {
	found, least := "", 3
	for _, s := range known {
		if d := distance(name, s.Name); d < least {
			found, least = s.Name, d
		}
	}
	return found
}

// distance counts the letters to add, take out or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
