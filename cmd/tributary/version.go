package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// version is set by the release build:
// -ldflags "-X main.version=1.2.3 -X main.commit=abcdef0".
var version, commit = "dev", ""

type versionCmd struct{}

func (versionCmd) Run() error {
	_, librdkafka := kafka.LibraryVersion()
	fmt.Printf("tributary %s (%s) %s %s/%s librdkafka %s\n",
		version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH, librdkafka)
	return nil
}

// revision is the commit the binary was built from, as far as it is known.
func revision() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown commit"
}
