package fetch

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A source is one archive a machine's apt is told to use, as much of it as
// matters for finding a mirror of Debian's.
type source struct {
	uri        string
	suites     []string
	components []string
	signedBy   string
}

// mirror is an archive to fetch from and the keys to check it with.
type mirror struct {
	uri     string
	keyring string
}

const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// errNoMirror is returned on machines whose apt knows no Debian archive.
var errNoMirror = errors.New("no Debian archive among this machine's apt sources " +
	"(set TRIBUTARY_DEBIAN_MIRROR, for instance to http://deb.debian.org/debian)")

// debianMirrors lists the Debian archives under etc (/etc/apt) in the order to
// try them. The machine's own mirror is used, and no fixed host, because that
// is the one that is allowed, near and kept up to date.
func debianMirrors(etc string) ([]mirror, error) {
	sources, err := readSources(etc)
	if err != nil {
		return nil, err
	}
	mirrors := mirrorsOf(sources)
	if len(mirrors) == 0 {
		return nil, errNoMirror
	}
	return mirrors, nil
}

func readSources(etc string) ([]source, error) {
	files := []string{filepath.Join(etc, "sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		found, err := filepath.Glob(filepath.Join(etc, "sources.list.d", pattern))
		if err != nil {
			return nil, fmt.Errorf("listing apt sources: %w", err)
		}
		files = append(files, found...)
	}
	var sources []source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading apt sources: %w", err)
		}
		if strings.HasSuffix(file, ".sources") {
			sources = append(sources, parseStanzas(string(text))...)
		} else {
			sources = append(sources, parseLines(string(text))...)
		}
	}
	return sources, nil
}

// parseLines reads the one-line format: deb [option=value …] uri suite component….
func parseLines(text string) []source {
	var sources []source
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		rest, isDeb := strings.CutPrefix(strings.TrimSpace(line), "deb")
		if !isDeb || rest == "" || !strings.ContainsAny(rest[:1], " \t[") { // deb-src, or a word of its own
			continue
		}
		var s source
		if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "[") {
			options, after, closed := strings.Cut(rest[1:], "]")
			if !closed {
				continue
			}
			for _, option := range strings.Fields(options) {
				if value, ok := strings.CutPrefix(strings.ToLower(option), "signed-by="); ok {
					s.signedBy = option[len(option)-len(value):]
				}
			}
			rest = after
		}
		fields := strings.Fields(rest)
		if len(fields) < 2 {
			continue
		}
		s.uri, s.suites, s.components = fields[0], fields[1:2], fields[2:]
		sources = append(sources, s)
	}
	return sources
}

// parseStanzas reads the deb822 format: paragraphs of "Field: value", where a
// value goes on in lines that begin with a space, and # begins a comment line
// even in the middle of a value.
func parseStanzas(text string) []source {
	var sources []source
	fields := map[string]string{}
	name := ""
	end := func() {
		sources = append(sources, sourcesOf(fields)...)
		fields, name = map[string]string{}, ""
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			fields[name] += " " + strings.TrimSpace(line)
		default:
			field, value, _ := strings.Cut(line, ":")
			name = strings.ToLower(strings.TrimSpace(field))
			fields[name] = strings.TrimSpace(value)
		}
	}
	end()
	return sources
}

func sourcesOf(fields map[string]string) []source {
	if !slices.Contains(strings.Fields(fields["types"]), "deb") || strings.EqualFold(fields["enabled"], "no") {
		return nil
	}
	var sources []source
	for _, uri := range strings.Fields(fields["uris"]) {
		sources = append(sources, source{
			uri:        uri,
			suites:     strings.Fields(fields["suites"]),
			components: strings.Fields(fields["components"]),
			signedBy:   fields["signed-by"],
		})
	}
	return sources
}

// mirrorsOf picks the archives that carry a Debian release and puts those first
// that look like Debian's own: other vendors name their suites the same way.
func mirrorsOf(sources []source) []mirror {
	releases := []string{"bullseye", "bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable"}
	type ranked struct {
		mirror
		rank int
	}
	var found []ranked
	for _, s := range sources {
		isRelease := slices.ContainsFunc(s.suites, func(suite string) bool { return slices.Contains(releases, suite) })
		uri := strings.TrimRight(s.uri, "/")
		known := slices.ContainsFunc(found, func(r ranked) bool { return r.uri == uri })
		if !isRelease || known || !slices.Contains(s.components, "main") {
			continue
		}
		r := ranked{mirror: mirror{uri: uri, keyring: debianKeyring}}
		if s.signedBy != "" && !strings.Contains(s.signedBy, "debian-archive") {
			// A mirror signed anew by its owner is checked with the owner's keys.
			r.rank++
			if path.IsAbs(s.signedBy) && !strings.ContainsAny(s.signedBy, " ,") {
				r.keyring = s.signedBy
			}
		}
		if path.Base(uri) != "debian" {
			r.rank++
		}
		found = append(found, r)
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	mirrors := make([]mirror, len(found))
	for i, r := range found {
		mirrors[i] = r.mirror
	}
	return mirrors
}
