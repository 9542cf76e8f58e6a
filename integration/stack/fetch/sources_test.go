package fetch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	stanzas = `Types: deb deb-src
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

types: deb
uris: http://deb.debian.org/debian-security
  http://second.example/debian-security/
suites: bookworm-security
components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://src.example/debian
Suites: bookworm
Components: main
`
	oneLine = `# deb http://comment.example/debian bookworm main
deb http://ftp.de.debian.org/debian/ bookworm main contrib # near
deb [ arch=amd64 Signed-By=/etc/apt/Keys.gpg ] https://vendor.example/debian bookworm main
deb [arch=amd64] https://flat.example/repo ./
deb-src http://ftp.de.debian.org/debian bookworm main
deb [open http://broken.example bookworm main
deb
debby http://word.example/debian bookworm main
`
)

func TestParseStanzas(t *testing.T) {
	require.Equal(t, []source{
		{
			uri: "http://deb.debian.org/debian", suites: []string{"bookworm", "bookworm-updates"}, components: []string{"main"},
			signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
		},
		{uri: "http://deb.debian.org/debian-security", suites: []string{"bookworm-security"}, components: []string{"main"}},
		{uri: "http://second.example/debian-security/", suites: []string{"bookworm-security"}, components: []string{"main"}},
	}, parseStanzas(stanzas))
}

func TestParseLines(t *testing.T) {
	require.Equal(t, []source{
		{uri: "http://ftp.de.debian.org/debian/", suites: []string{"bookworm"}, components: []string{"main", "contrib"}},
		{
			uri: "https://vendor.example/debian", suites: []string{"bookworm"}, components: []string{"main"},
			signedBy: "/etc/apt/Keys.gpg",
		},
		{uri: "https://flat.example/repo", suites: []string{"./"}, components: []string{}},
	}, parseLines(oneLine))
}

func TestMirrors(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  []mirror
	}{
		"a container image": {
			files: map[string]string{"sources.list.d/debian.sources": stanzas},
			want:  []mirror{{"http://deb.debian.org/debian", debianKeyring}},
		},
		"Debian's own before vendors": {
			files: map[string]string{
				"sources.list.d/microsoft.list": "deb [signed-by=/usr/share/keyrings/ms.gpg] https://packages.example/debian/12/prod bookworm main",
				"sources.list.d/docker.list":    "deb https://docker.example/linux/debian bookworm stable",
				"sources.list":                  "deb http://ftp.example/debian/ bookworm main\ndeb http://ftp.example/debian bookworm-updates main\ndeb http://ftp.example/debian sid main",
			},
			want: []mirror{{"http://ftp.example/debian", debianKeyring}, {"https://packages.example/debian/12/prod", "/usr/share/keyrings/ms.gpg"}},
		},
		"a company's copy": {
			files: map[string]string{"sources.list": "deb [signed-by=/usr/share/keyrings/debian-archive-bookworm-stable.gpg] https://repo.corp.example/apt/debian-remote stable main"},
			want:  []mirror{{"https://repo.corp.example/apt/debian-remote", debianKeyring}},
		},
		"a list of mirrors, as in cloud images": {
			files: map[string]string{"sources.list.d/debian.sources": "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: bookworm\nComponents: main\n"},
			want:  []mirror{{"mirror+file:///etc/apt/mirrors/debian.list", debianKeyring}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := debianMirrors(etc(t, test.files))
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}

	_, err := debianMirrors(etc(t, map[string]string{"sources.list": "deb http://archive.ubuntu.com/ubuntu noble main"}))
	require.ErrorIs(t, err, errNoMirror)
	_, err = debianMirrors("/nowhere")
	require.ErrorIs(t, err, errNoMirror)

	t.Setenv("TRIBUTARY_DEBIAN_MIRROR", "http://snapshot.debian.org/archive/debian/20261122T000000Z/")
	got, err := mirrorsToTry()
	require.NoError(t, err)
	require.Equal(t, []mirror{{"http://snapshot.debian.org/archive/debian/20261122T000000Z", debianKeyring}}, got)
}

func etc(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func FuzzSources(f *testing.F) {
	f.Add(stanzas)
	f.Add(oneLine)
	f.Add(" continued before any field\n")
	f.Add("deb[")
	f.Fuzz(func(t *testing.T, text string) {
		sources := append(parseLines(text), parseStanzas(text)...)
		for _, s := range sources {
			if s.uri == "" || strings.ContainsAny(s.uri, " \n") {
				t.Fatalf("an address of %q", s.uri)
			}
		}
		for _, m := range mirrorsOf(sources) {
			if strings.ContainsAny(m.keyring, " ,\n") {
				t.Fatalf("a keyring of %q", m.keyring)
			}
		}
	})
}
