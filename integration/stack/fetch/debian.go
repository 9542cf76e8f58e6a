package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Packages names software to take out of Debian's archive.
type Packages struct {
	Name    string   // what people call it
	Suites  []string // releases to look in, best first
	Lead    string   // the package whose version counts
	Others  []string // further packages, of whatever version belongs to it
	Minimum string   // the oldest upstream version that will do, as "9.7"
}

const rootRecord = "packages.json"

// Debian returns the packages unpacked in a folder. A moving suite has no
// version to pin, so the entry is named after the oldest version that will do,
// and the version found on the first fetch is recorded and kept.
func (c *Cache) Debian(ctx context.Context, p Packages) (Root, error) {
	name := strings.ToLower(p.Name) + "-" + p.Minimum
	entry, err := c.Entry(ctx, name, func(ctx context.Context, dir string) (err error) {
		step := c.progress.begin("fetching " + p.Name)
		defer func() { step.end(err) }()
		return p.fetch(ctx, dir, step)
	})
	if err != nil {
		return Root{}, err
	}
	text, err := os.ReadFile(filepath.Join(entry, rootRecord))
	if err != nil {
		return Root{}, fmt.Errorf("reading what was fetched (remove %s to fetch it anew): %w", entry, err)
	}
	root := Root{Dir: filepath.Join(entry, "root")}
	if err := json.Unmarshal(text, &root); err != nil {
		return Root{}, fmt.Errorf("reading what was fetched (remove %s to fetch it anew): %w", entry, err)
	}
	return root, nil
}

func (p Packages) fetch(ctx context.Context, dir string, step *step) error {
	scratch := filepath.Join(dir, "apt")
	apt, root, err := p.find(ctx, scratch, step)
	if err != nil {
		return err
	}
	debs, err := apt.download(ctx, step, append([]string{p.Lead + "=" + root.Version}, p.Others...))
	if err != nil {
		return err
	}
	for _, deb := range debs {
		root.Files = append(root.Files, filepath.Base(deb))
	}
	step.say("unpacking")
	if err := unpackDebs(ctx, debs, filepath.Join(dir, "root")); err != nil {
		return err
	}
	record, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return fmt.Errorf("recording what was fetched: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, rootRecord), record, 0o644); err != nil {
		return fmt.Errorf("recording what was fetched: %w", err)
	}
	return os.RemoveAll(scratch)
}

// find asks the archives, one after another, for a version that will do.
func (p Packages) find(ctx context.Context, scratch string, step *step) (*apt, Root, error) {
	mirrors, err := mirrorsToTry()
	if err != nil {
		return nil, Root{}, err
	}
	var problems []error
	for _, mirror := range mirrors {
		for _, suite := range p.Suites {
			step.say("reading the package lists of " + suite)
			apt, offered, err := p.ask(ctx, scratch, mirror, suite, step)
			if ctx.Err() != nil {
				return nil, Root{}, err
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("%s %s: %w", mirror.uri, suite, err))
				continue
			}
			if version, ok := pickVersion(offered, p.Minimum); ok {
				return apt, Root{Version: version, Suite: suite, Mirror: mirror.uri}, nil
			}
			problems = append(problems, fmt.Errorf("%s %s offers %s %v", mirror.uri, suite, p.Lead, offered))
		}
	}
	return nil, Root{}, fmt.Errorf("no archive has %s %s or newer (Debian's moving suites drop old versions: "+
		"set TRIBUTARY_DEBIAN_MIRROR to a dated copy, http://snapshot.debian.org/archive/debian/<yyyymmdd>T000000Z, "+
		"or copy the cache of a machine that has it): %w", p.Lead, p.Minimum, errors.Join(problems...))
}

// ask reads one suite's package lists for the versions of the lead package.
func (p Packages) ask(ctx context.Context, scratch string, m mirror, suite string, step *step) (*apt, []string, error) {
	apt, err := newApt(scratch, m, suite)
	if err != nil {
		return nil, nil, err
	}
	offered, err := apt.offers(ctx, step, p.Lead)
	return apt, offered, err
}

// mirrorsToTry lists the machine's Debian archives, or the one the user names.
func mirrorsToTry() ([]mirror, error) {
	if uri := os.Getenv("TRIBUTARY_DEBIAN_MIRROR"); uri != "" {
		return []mirror{{uri: strings.TrimRight(uri, "/"), keyring: debianKeyring}}, nil
	}
	return debianMirrors("/etc/apt")
}

// unpackDebs unpacks packages side by side: most of the work is decompression.
func unpackDebs(ctx context.Context, debs []string, root string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return fmt.Errorf("making a folder to unpack into: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for _, deb := range debs {
		group.Go(func() error { return run(ctx, nil, "dpkg", "--extract", deb, root) })
	}
	return group.Wait()
}
