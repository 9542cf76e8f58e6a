package fleet

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
)

// Secret is a reference to a password, or in a program's own hands the
// password itself ([Literal]). It never prints the password.
type Secret struct {
	// Env is an environment variable, of the Connect worker and of the
	// process that runs the preflight.
	Env string
	// File is a path on the Connect worker and on this machine. With Key it
	// is a Java properties file, without it the file's whole content is the
	// password.
	File string
	Key  string

	literal string
}

// Literal returns a Secret that holds a password itself. It would stand in
// Connect's config topic for all to read: for throw-away databases only.
func Literal(password string) Secret { return Secret{literal: password} }

// IsZero says that no password was given.
func (s Secret) IsZero() bool { return s == Secret{} }

// Reference returns what stands in a connector's configuration: a variable of
// one of Kafka's own config providers, which the worker must have under these
// names: config.providers=env,file,directory with EnvVarConfigProvider,
// FileConfigProvider and DirectoryConfigProvider.
func (s Secret) Reference() string {
	switch {
	case s.Env != "":
		return "${env:" + s.Env + "}"
	case s.File != "" && s.Key != "":
		return "${file:" + s.File + ":" + s.Key + "}"
	case s.File != "":
		return "${directory:" + path.Dir(s.File) + ":" + path.Base(s.File) + "}"
	}
	return s.literal
}

// String describes the secret without revealing it.
func (s Secret) String() string {
	if s.literal != "" {
		return "****"
	}
	return s.Reference()
}

// GoString keeps the password out of %#v.
func (s Secret) GoString() string { return "fleet.Secret(" + s.String() + ")" }

// Resolve returns the password, read the way Kafka Connect's provider reads
// it.
func (s Secret) Resolve() (string, error) {
	switch {
	case s.Env != "":
		password, ok := os.LookupEnv(s.Env)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set here; export it, or give the password in a file", s.Env)
		}
		return password, nil
	case s.File != "":
		return s.resolveFile()
	}
	return s.literal, nil
}

func (s Secret) resolveFile() (string, error) {
	content, err := os.ReadFile(s.File)
	if err != nil {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	if s.Key == "" {
		// DirectoryConfigProvider hands the bytes on as they are.
		if strings.HasSuffix(string(content), "\n") {
			return "", fmt.Errorf("the password file %s ends with a line break, which Kafka Connect takes for a part of the password; write it with printf %%s", s.File)
		}
		return string(content), nil
	}
	properties, err := parseProperties(string(content))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", s.File, err)
	}
	password, ok := properties[s.Key]
	if !ok {
		return "", fmt.Errorf("the file %s has no key %q; add the line %s=…", s.File, s.Key, s.Key)
	}
	return password, nil
}

var errProperties = errors.New("not a Java properties file")
