package debezium

import (
	"fmt"
	"strings"
)

// MaxNameLength is the longest store id or environment, in bytes. A topic's
// name has 249 in all (org.apache.kafka.common.internals.Topic), of which two
// MySQL names may take 128; the rest is divided evenly, with some to spare.
const MaxNameLength = 48

// NameError says why a store id or an environment cannot be used.
type NameError struct {
	// What is "store id" or "environment".
	What string
	// Name is the name refused.
	Name string
	// Reason says what is wrong with it.
	Reason string
	// Remedy says what to write instead.
	Remedy string
}

// Error returns the reason with the name it is about.
func (e *NameError) Error() string { return fmt.Sprintf("%s %q %s", e.What, e.Name, e.Reason) }

// Hint says what to write instead.
func (e *NameError) Hint() string { return e.Remedy }

// ValidateStore says whether id can be a store's id: 1 to [MaxNameLength] ASCII
// letters, digits, hyphens and underscores. It becomes the second part of every
// topic's name, where a dot would shift the parts behind it, and the value of
// the central store_id column. The error is a *NameError.
func ValidateStore(id string) error { return validateName(storeName, id) }

// ValidateEnvironment says whether name can be an environment's name, the first
// part of every topic's name. The rules are those of [ValidateStore]; besides,
// names that begin with two underscores are Kafka's and Debezium's own.
func ValidateEnvironment(name string) error {
	if strings.HasPrefix(name, "__") {
		return &NameError{
			What: environmentName, Name: name,
			Reason: "begins with two underscores",
			Remedy: "choose another name: topics that begin so are internal ones",
		}
	}
	return validateName(environmentName, name)
}

const (
	storeName       = "store id"
	environmentName = "environment"
)

func validateName(what, name string) error {
	refuse := func(reason, remedy string) error {
		return &NameError{What: what, Name: name, Reason: reason, Remedy: remedy}
	}
	if name == "" {
		return refuse("is empty", `give it a short name, for instance "0047" for a store or "prod" for an environment`)
	}
	if len(name) > MaxNameLength {
		return refuse(fmt.Sprintf("is longer than %d characters", MaxNameLength),
			"choose a shorter name: it is part of every topic's name")
	}
	for i := range len(name) {
		switch c := name[i]; {
		case isStoreByte(c):
		case c == '.':
			return refuse("contains a dot", "use a hyphen: dots separate the parts of a topic's name")
		default:
			return refuse(fmt.Sprintf("contains a character that is not allowed, at byte %d", i+1),
				"use only the letters a-z and A-Z, digits, hyphen and underscore")
		}
	}
	return nil
}

func isStoreByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
