package fetch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// apt is an apt with lists, cache and state of its own that believes nothing is
// installed: it reads the host's settings (proxies, passwords), changes nothing
// there, needs no root, and resolves dependencies down to the C library.
type apt struct {
	dir    string
	config string
}

// newApt sets up apt in a new folder dir, for one suite of one archive.
func newApt(dir string, m mirror, suite string) (*apt, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("clearing apt's folder: %w", err)
	}
	for _, sub := range []string{"lists/partial", "archives/partial", "state", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("making apt's folders: %w", err)
		}
	}
	if _, err := os.Stat(m.keyring); err != nil {
		return nil, fmt.Errorf("looking for the archive's keys (apt-get install debian-archive-keyring): %w", err)
	}
	files := map[string]string{
		"status":       "",
		"sources.list": fmt.Sprintf("deb [signed-by=%s] %s %s main\n", m.keyring, m.uri, suite),
		"apt.conf":     aptConfig(dir),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("writing apt's settings: %w", err)
		}
	}
	return &apt{dir: dir, config: filepath.Join(dir, "apt.conf")}, nil
}

// aptConfig is read after the host's own settings. What must go from those are
// the hooks, which would run on the host's files, the pins, which may forbid
// the suite, and package lists nobody here reads.
func aptConfig(dir string) string {
	text := `#clear APT::Update;
#clear DPkg;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
Dir::Etc::SourceList "DIR/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "DIR/state";
Dir::State::Lists "DIR/lists";
Dir::State::Status "DIR/status";
Dir::Cache "DIR";
Dir::Cache::Archives "DIR/archives";
Dir::Log "DIR/log";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
`
	if os.Getenv("TRIBUTARY_DEBIAN_MIRROR") != "" {
		text += `Acquire::Check-Valid-Until "false";` + "\n" // a dated copy is past its date by design
	}
	return strings.ReplaceAll(text, "DIR", dir)
}

// offers fetches the package lists and returns the versions of a package in them.
func (a *apt) offers(ctx context.Context, step *step, pkg string) ([]string, error) {
	if err := run(ctx, aptLine(step), "apt-get", "-c", a.config, "-q", "--error-on=any", "update"); err != nil {
		return nil, err
	}
	var output strings.Builder
	err := run(ctx, func(line string) { output.WriteString(line + "\n") }, "apt-cache", "-c", a.config, "madison", pkg)
	return madisonVersions(output.String()), err
}

// download fetches packages and all they depend on and returns the files.
func (a *apt) download(ctx context.Context, step *step, packages []string) ([]string, error) {
	argv := []string{"apt-get", "-c", a.config, "-q", "-y", "--download-only", "install"}
	if err := run(ctx, aptLine(step), append(argv, packages...)...); err != nil {
		return nil, err
	}
	debs, err := filepath.Glob(filepath.Join(a.dir, "archives", "*.deb"))
	if err != nil {
		return nil, fmt.Errorf("looking for downloaded packages: %w", err)
	}
	return debs, nil
}

var aptGot = regexp.MustCompile(`^Get:\d+ (.+) \[([0-9.,]+) ([kMG]?B)\]$`)

// aptLine counts the files of lines like
// "Get:57 http://… sid/main amd64 libtirpc-common all 1.3.7-1 [10.0 kB]".
func aptLine(step *step) func(string) {
	return func(line string) {
		if file, bytes, ok := aptDownload(line); ok {
			step.got(file, bytes)
		}
	}
}

func aptDownload(line string) (file string, bytes float64, ok bool) {
	match := aptGot.FindStringSubmatch(line)
	if match == nil {
		return "", 0, false
	}
	file = match[1]
	if fields := strings.Fields(file); len(fields) >= 6 {
		file = fields[3]
	}
	return file, size(match[2], match[3]), true
}
