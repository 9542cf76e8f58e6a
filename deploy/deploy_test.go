// Package deploy_test holds the files of this folder against the code and
// against each other: what they name must exist.
package deploy_test

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tributary/debezium/fleet"
	"tributary/sink"
	"tributary/sink/monitor"
)

// files are all files of the folder with one of the endings.
func files(t *testing.T, endings ...string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) {
				content, err := os.ReadFile(path)
				found[path] = string(content)
				return err
			}
		}
		return nil
	}))
	require.NotEmpty(t, found)
	return found
}

// documents parses all documents of a YAML file.
func documents[T any](t *testing.T, path, content string) (list []T) {
	t.Helper()
	for decoder := yaml.NewDecoder(strings.NewReader(content)); ; {
		var d T
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, list, path)
			return list
		}
		require.NoError(t, err, path)
		list = append(list, d)
	}
}

func TestYAMLParses(t *testing.T) {
	for path, content := range files(t, ".yaml", ".yml") {
		documents[any](t, path, content)
	}
}

// TestSettingsExist looks for settings that no subcommand knows.
func TestSettingsExist(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range append(sink.Settings(), monitor.Settings()...) {
		known[s.Name] = true
	}
	setting := regexp.MustCompile(`TRIBUTARY_[A-Z0-9_]+`)
	for path, content := range files(t, ".yaml", ".yml", ".env", ".service", ".md", ".sql", ".cnf", "Dockerfile") {
		for _, name := range setting.FindAllString(content, -1) {
			if strings.HasPrefix(name, "TRIBUTARY_KAFKA_CONF_") || name == "TRIBUTARY_PORT" {
				continue // librdkafka's; and what a Service would set
			}
			require.True(t, known[name] || known[strings.TrimSuffix(name, "_FILE")], "%s: %s is no setting", path, name)
		}
	}
}

// TestInventories loads every inventory, which checks it as a whole.
func TestInventories(t *testing.T) {
	for _, path := range []string{"stores.example.yaml", "compose/stores.yaml", "kubernetes/stores.yaml"} {
		_, err := fleet.Load(path)
		require.NoError(t, err, path)
	}
}

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Secrets     []string          `yaml:"secrets"`
	DependsOn   map[string]any    `yaml:"depends_on"`
	ReadOnly    bool              `yaml:"read_only"`
}

type composition struct {
	Services map[string]service `yaml:"services"`
	Secrets  map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
	Volumes map[string]any `yaml:"volumes"`
}

func compose(t *testing.T) composition {
	t.Helper()
	content, err := os.ReadFile("compose.yaml")
	require.NoError(t, err)
	return documents[composition](t, "compose.yaml", string(content))[0]
}

func TestComposeNamesWhatExists(t *testing.T) {
	c := compose(t)
	for _, name := range []string{"kafka", "connect", "connectors", "central", "sink", "monitor", "prometheus", "grafana", "store-1", "store-2", "store-3"} {
		require.Contains(t, c.Services, name)
	}
	pinned := regexp.MustCompile(`^(\$\{IMAGE:-tributary:latest\}|[a-z0-9./-]+:v?\d+\.\d+\.\d+[A-Za-z.]*)$`)
	for name, s := range c.Services {
		require.Regexp(t, pinned, s.Image, name)
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if strings.HasPrefix(source, ".") {
				require.FileExists(t, orFolder(source), "%s mounts %s", name, source)
				require.True(t, strings.HasSuffix(volume, ":ro"), "%s may write %s", name, source)
			} else {
				require.Contains(t, c.Volumes, source, name)
			}
		}
		for _, secret := range s.Secrets {
			require.Contains(t, c.Secrets, secret, name)
			require.FileExists(t, c.Secrets[secret].File)
		}
		for other := range s.DependsOn {
			require.Contains(t, c.Services, other, name)
		}
	}
}

// orFolder returns a path, or a file in it if it is a folder.
func orFolder(path string) string {
	if inside, err := filepath.Glob(path + "/*"); err == nil && len(inside) > 0 {
		return inside[0]
	}
	return path
}

// TestComposeConfigures loads the settings as the containers would see them.
func TestComposeConfigures(t *testing.T) {
	c := compose(t)
	environ := func(name string) (list []string) {
		s := c.Services[name]
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{name}, s.Command)
		for key, value := range s.Environment {
			list = append(list, key+"="+c.inside(s, value))
		}
		return list
	}
	_, err := sink.LoadConfig(environ("sink"))
	require.NoError(t, err)
	_, err = monitor.LoadConfig(environ("monitor"))
	require.NoError(t, err)
}

// inside is the file here that a service sees at a path of its own.
func (c composition) inside(s service, path string) string {
	for _, secret := range s.Secrets {
		if path == "/run/secrets/"+secret {
			return c.Secrets[secret].File
		}
	}
	for _, volume := range s.Volumes {
		if parts := strings.Split(volume, ":"); len(parts) > 1 && parts[1] == path {
			return parts[0]
		}
	}
	return path
}

type manifest struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name   string            `yaml:"name"`
		Labels map[string]string `yaml:"labels"`
	} `yaml:"metadata"`
	Spec struct {
		Selector struct {
			MatchLabels map[string]string `yaml:"matchLabels"`
		} `yaml:"selector"`
		ScaleTargetRef struct {
			Name string `yaml:"name"`
		} `yaml:"scaleTargetRef"`
		Template struct {
			Metadata struct {
				Labels map[string]string `yaml:"labels"`
			} `yaml:"metadata"`
			Spec pod `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type pod struct {
	Containers []struct {
		Args    []string `yaml:"args"`
		EnvFrom []struct {
			ConfigMapRef struct {
				Name string `yaml:"name"`
			} `yaml:"configMapRef"`
		} `yaml:"envFrom"`
		Env []struct {
			Name, Value string
		} `yaml:"env"`
		VolumeMounts []struct {
			Name      string `yaml:"name"`
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
		Resources struct {
			Requests, Limits map[string]string
		} `yaml:"resources"`
		LivenessProbe   any `yaml:"livenessProbe"`
		ReadinessProbe  any `yaml:"readinessProbe"`
		SecurityContext struct {
			ReadOnly bool `yaml:"readOnlyRootFilesystem"`
		} `yaml:"securityContext"`
	} `yaml:"containers"`
	Volumes []struct {
		Name string `yaml:"name"`
	} `yaml:"volumes"`
}

type kustomization struct {
	Resources          []string `yaml:"resources"`
	ConfigMapGenerator []struct {
		Name        string
		Envs, Files []string
	} `yaml:"configMapGenerator"`
}

func TestKustomizationsNameWhatExists(t *testing.T) {
	for path, content := range files(t, "kustomization.yaml") {
		k := documents[kustomization](t, path, content)[0]
		require.NotEmpty(t, k.Resources)
		wanted := k.Resources
		for _, generator := range k.ConfigMapGenerator {
			wanted = append(append(wanted, generator.Envs...), generator.Files...)
		}
		for _, name := range wanted {
			require.FileExists(t, filepath.Join(filepath.Dir(path), name))
		}
	}
}

func TestKubernetesManifests(t *testing.T) {
	labels := make(map[string]map[string]string) // of pods, by Deployment
	var list []manifest
	for path, content := range files(t, "kubernetes/sink.yaml", "kubernetes/monitor.yaml", "scaledobject.yaml") {
		for _, m := range documents[manifest](t, path, content) {
			list = append(list, m)
			if m.Kind == "Deployment" {
				labels[m.Metadata.Name] = m.Spec.Template.Metadata.Labels
				checkPod(t, m.Metadata.Name, m.Spec.Template.Spec)
			}
		}
	}
	require.Len(t, labels, 2)
	for _, m := range list {
		switch m.Kind {
		case "Deployment", "PodDisruptionBudget":
			require.Equal(t, labels[m.Metadata.Name], m.Spec.Selector.MatchLabels, m.Metadata.Name)
		case "ScaledObject":
			require.Contains(t, labels, m.Spec.ScaleTargetRef.Name)
		}
	}
}

func checkPod(t *testing.T, name string, p pod) {
	t.Helper()
	require.Len(t, p.Containers, 1, name)
	c := p.Containers[0]
	require.Equal(t, []string{name}, c.Args)
	require.NotEmpty(t, c.Resources.Limits["memory"], name)
	require.NotNil(t, c.LivenessProbe, name)
	require.NotNil(t, c.ReadinessProbe, name)
	require.True(t, c.SecurityContext.ReadOnly, name)
	mounts := make(map[string]string)
	for _, m := range c.VolumeMounts {
		mounts[m.Name] = m.MountPath
	}
	volumes := make(map[string]string)
	for _, v := range p.Volumes {
		volumes[v.Name] = mounts[v.Name]
	}
	require.Equal(t, volumes, mounts, name)
	for _, e := range c.Env {
		if strings.HasPrefix(e.Value, "/") {
			require.Contains(t, slices.Collect(maps.Values(mounts)), filepath.Dir(e.Value), "%s: %s", name, e.Name)
		}
	}
}
