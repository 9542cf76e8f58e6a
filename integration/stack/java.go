package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"tributary/integration/stack/fetch"
)

const kafkaVersion = "4.3.0"

// kafkaJars are the broker, its tools and Kafka Connect in one class path, and
// something for their logs.
func kafkaJars() []fetch.Artifact {
	jars := []fetch.Artifact{{Group: "org.slf4j", Name: "slf4j-simple", Version: "1.7.36"}}
	for _, name := range []string{"kafka_2.13", "kafka-tools", "connect-runtime", "connect-json", "connect-transforms"} {
		jars = append(jars, fetch.Artifact{Group: "org.apache.kafka", Name: name, Version: kafkaVersion})
	}
	return jars
}

// jvm is how the Java parts are run.
type jvm struct {
	java      string
	classPath string
}

func fetchKafka(ctx context.Context, cache *fetch.Cache) (jvm, error) {
	java, err := findJava()
	if err != nil {
		return jvm{}, err
	}
	jars, err := cache.Jars(ctx, "kafka-"+kafkaVersion, kafkaJars()...)
	return jvm{java: java, classPath: filepath.Join(jars, "*")}, err
}

func findJava() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		return filepath.Join(home, "bin", "java"), nil
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("looking for Java 17 or newer (apt-get install openjdk-17-jdk-headless): %w", err)
	}
	return filepath.Abs(java)
}

// argv runs a main class with at most that much heap ("512m").
func (j jvm) argv(heap, class string, args ...string) []string {
	argv := []string{
		j.java, "-Xmx" + heap,
		"-XX:+ExitOnOutOfMemoryError", // rather than living on without a thread
		"-Dorg.slf4j.simpleLogger.showDateTime=true",
		"-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
		// Every client would print its 200 settings.
		"-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
		"-cp", j.classPath, class,
	}
	return append(argv, args...)
}

// properties writes a Java properties file: the settings, with the overrides in
// place of those of the same name.
func properties(path string, settings, overrides map[string]string) error {
	all := map[string]string{}
	for _, source := range []map[string]string{settings, overrides} {
		for name, value := range source {
			all[name] = value
		}
	}
	var lines []string
	for name, value := range all {
		lines = append(lines, name+"="+strings.ReplaceAll(value, `\`, `\\`)+"\n")
	}
	slices.Sort(lines)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err = errors.Join(err, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644)); err != nil {
		return fmt.Errorf("writing settings: %w", err)
	}
	return nil
}
