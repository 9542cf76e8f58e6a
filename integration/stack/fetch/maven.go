package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// An Artifact is something a Maven repository holds, at one version.
type Artifact struct {
	Group, Name, Version string
	Type                 string // empty for a jar
	Classifier           string // empty for the main artifact
}

func (a Artifact) String() string {
	return strings.TrimRight(strings.Join([]string{a.Group, a.Name, a.Version, a.Type, a.Classifier}, ":"), ":")
}

// dependencyPlugin is pinned, or the same pom would fetch differently tomorrow.
const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

// Jars returns a folder of the artifacts' jars and of everything they depend on
// at run time, ready for a class path of dir/*. Mirrors, proxies and passwords
// are those of the user's own Maven settings.
func (c *Cache) Jars(ctx context.Context, name string, artifacts ...Artifact) (string, error) {
	// The name alone would keep an old folder when the list grows.
	entry := name + "-" + fingerprint(artifacts)
	return c.Entry(ctx, entry, func(ctx context.Context, dir string) (err error) {
		step := c.progress.begin("fetching " + name)
		defer func() { step.end(err) }()
		pom := filepath.Join(dir, "pom.xml")
		if err := os.WriteFile(pom, []byte(pomOf(artifacts)), 0o644); err != nil {
			return fmt.Errorf("writing a pom: %w", err)
		}
		return c.maven(ctx, step, "-f", pom, dependencyPlugin+":copy-dependencies",
			"-DoutputDirectory="+dir, "-DincludeScope=runtime")
	})
}

// Archive returns a folder with the content of an artifact that is a tar.gz.
func (c *Cache) Archive(ctx context.Context, artifact Artifact) (string, error) {
	return c.Entry(ctx, artifact.Name+"-"+artifact.Version, func(ctx context.Context, dir string) (err error) {
		step := c.progress.begin("fetching " + artifact.Name + " " + artifact.Version)
		defer func() { step.end(err) }()
		download := filepath.Join(dir, ".download")
		err = c.maven(ctx, step, dependencyPlugin+":copy", "-Dartifact="+artifact.String(), "-DoutputDirectory="+download)
		if err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(download, "*."+artifact.Type))
		if err != nil {
			return fmt.Errorf("looking for %s: %w", artifact, err)
		}
		if len(files) != 1 {
			return fmt.Errorf("looking for %s in %s: %d files", artifact, download, len(files))
		}
		step.say("unpacking")
		if err := untar(files[0], dir); err != nil {
			return err
		}
		return os.RemoveAll(download)
	})
}

// maven runs goals in batch mode with checksums enforced, one process at a time:
// Maven's own folder of downloads is not made for more.
func (c *Cache) maven(ctx context.Context, step *step, args ...string) error {
	unlock, err := c.lock(ctx, "maven")
	if err != nil {
		return err
	}
	defer unlock()
	argv := append([]string{"mvn", "--batch-mode", "--strict-checksums", "-Dstyle.color=never"}, args...)
	return run(ctx, func(line string) {
		if file, bytes, ok := mavenDownload(line); ok {
			step.got(file, bytes)
		}
	}, argv...)
}

var mavenDownloaded = regexp.MustCompile(`Downloaded from \S+ (\S+) \(([0-9.]+) ([kMG]?B)`)

// mavenDownload reads the line Maven prints when a file has arrived:
// "Downloaded from central: https://…/kafka-clients-4.3.0.jar (9.1 MB at 8 MB/s)".
func mavenDownload(line string) (file string, bytes float64, ok bool) {
	match := mavenDownloaded.FindStringSubmatch(line)
	if match == nil {
		return "", 0, false
	}
	return path.Base(match[1]), size(match[2], match[3]), true
}

// size reads a rounded size as people are shown it.
func size(number, unit string) float64 {
	n, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	if err != nil {
		return 0 // only a progress line depends on it
	}
	return n * map[string]float64{"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
}

func pomOf(artifacts []Artifact) string {
	var b strings.Builder
	b.WriteString(`<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>tributary</groupId><artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
`)
	for _, a := range artifacts {
		fmt.Fprintf(&b, "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n",
			a.Group, a.Name, a.Version)
	}
	b.WriteString("</dependencies>\n</project>\n")
	return b.String()
}

func fingerprint(artifacts []Artifact) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(artifacts)))
	return hex.EncodeToString(sum[:4])
}
