package connect

import (
	"maps"
	"regexp"
	"slices"
)

// Difference is one property in which a connector is not what it should be.
type Difference struct {
	Property string
	// Actual and Desired are the values, with secrets masked. Missing and
	// Extra say that a value is not there at all on one side.
	Actual, Desired string
	Missing, Extra  bool
}

// Diff compares a connector's configuration with the desired one. The result
// is in the order of the properties' names and safe to print.
func Diff(actual, desired map[string]string) []Difference {
	keys := map[string]bool{}
	for key := range actual {
		keys[key] = true
	}
	for key := range desired {
		keys[key] = true
	}
	var differences []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		is, has := actual[key]
		should, wanted := desired[key]
		if has == wanted && is == should {
			continue
		}
		differences = append(differences, Difference{
			Property: key, Actual: Mask(key, is), Desired: Mask(key, should),
			Missing: !has, Extra: !wanted,
		})
	}
	return differences
}

// A property whose name is like this holds a secret.
var secretName = regexp.MustCompile(`(?i)password|passwd|secret|token|credential|jaas|api\.?key|private\.?key|basic\.auth\.user\.info`)

// Secrets in addresses and connection strings.
var secretInURL = regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`)

// reference is a value that only points at a secret.
var reference = regexp.MustCompile(`^\$\{[^}]*\}$`)

// Mask returns the value of a property fit to be shown: secrets become ****,
// references to secrets stay.
func Mask(property, value string) string {
	if value == "" || reference.MatchString(value) {
		return value
	}
	if secretName.MatchString(property) {
		return "****"
	}
	return secretInURL.ReplaceAllString(value, "$1:****@")
}
