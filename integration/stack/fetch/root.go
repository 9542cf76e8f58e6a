package fetch

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A Root is a folder of unpacked Debian packages with all they depend on, the
// C library included.
type Root struct {
	Dir     string `json:"-"`
	Version string // of the lead package
	Suite   string
	Mirror  string
	Files   []string // the packages unpacked
}

// Argv returns the command line that runs a program of the root, given by its
// path in it, with the root's own loader and libraries: the host may be of an
// older release, and needs to have nothing.
func (r Root) Argv(program string, args ...string) ([]string, error) {
	loader, err := r.loader()
	if err != nil {
		return nil, err
	}
	triplet := filepath.Base(filepath.Dir(loader))
	libraries := []string{
		filepath.Join(r.Dir, "usr/lib", triplet),
		filepath.Join(r.Dir, "lib", triplet), // Debian 12 keeps some outside /usr
		filepath.Join(r.Dir, "usr/lib/mysql/private"),
	}
	argv := []string{loader, "--library-path", strings.Join(libraries, ":"), filepath.Join(r.Dir, program)}
	return append(argv, args...), nil
}

// loader finds ld-linux-x86-64.so.2, or what it is called on this architecture.
func (r Root) loader() (string, error) {
	for _, lib := range []string{"usr/lib", "lib"} {
		found, err := filepath.Glob(filepath.Join(r.Dir, lib, "*", "ld-linux*.so.*"))
		if err != nil {
			return "", fmt.Errorf("looking for the loader in %s: %w", r.Dir, err)
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("%s has no loader: remove %s to fetch it anew", r.Dir, filepath.Dir(r.Dir))
}
