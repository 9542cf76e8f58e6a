package fetch

import (
	"strconv"
	"strings"
)

// pickVersion returns the newest of the offered Debian versions that is at
// least minimum, by upstream's own number.
func pickVersion(offered []string, minimum string) (version string, ok bool) {
	for _, candidate := range offered {
		if compareUpstream(candidate, minimum) < 0 {
			continue
		}
		if !ok || compareUpstream(candidate, version) > 0 {
			version, ok = candidate, true
		}
	}
	return version, ok
}

// compareUpstream compares the dotted numbers of two Debian versions
// ("1:10.11.18-0+deb12u1" is 10.11.18). Missing parts count as zero; the epoch
// and the packaging's revision play no part.
func compareUpstream(a, b string) int {
	left, right := upstream(a), upstream(b)
	for i := range max(len(left), len(right)) {
		var l, r int
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if l != r {
			return l - r
		}
	}
	return 0
}

func upstream(version string) []int {
	if _, after, hasEpoch := strings.Cut(version, ":"); hasEpoch {
		version = after
	}
	var parts []int
	for part := range strings.SplitSeq(version, ".") {
		digits := part
		if end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			digits = part[:end]
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return parts
		}
		parts = append(parts, n)
		if digits != part { // "4-2": what follows is the packaging's
			return parts
		}
	}
	return parts
}

// madisonVersions reads the output of apt-cache madison, one offer a line:
// " mysql-server-core | 9.7.4-2 | http://… sid/main amd64 Packages".
func madisonVersions(output string) []string {
	var versions []string
	for line := range strings.Lines(output) {
		columns := strings.Split(line, "|")
		if len(columns) == 3 && strings.Contains(columns[2], "Packages") {
			versions = append(versions, strings.TrimSpace(columns[1]))
		}
	}
	return versions
}
