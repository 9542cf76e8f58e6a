package fetch

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPickVersion(t *testing.T) {
	tests := []struct {
		offered []string
		minimum string
		want    string
	}{
		{nil, "9.7", ""},
		{[]string{"8.4.5-1"}, "9.7", ""},
		{[]string{"9.6.99-1"}, "9.7", ""},
		{[]string{"9.7.4-2"}, "9.7", "9.7.4-2"},
		{[]string{"9.7"}, "9.7", "9.7"},
		{[]string{"9.7.4-2", "9.10.0-1", "8.4.5-1"}, "9.7", "9.10.0-1"},
		{[]string{"10.0~rc1-1"}, "9.7", "10.0~rc1-1"},
		{[]string{"1:10.11.18-0+deb12u1"}, "10.11", "1:10.11.18-0+deb12u1"},
		{[]string{"1:10.3.39-0+deb10u2"}, "10.11", ""},
		{[]string{"1:11.8.9+ds-4"}, "10.11", "1:11.8.9+ds-4"},
	}
	for _, test := range tests {
		got, ok := pickVersion(test.offered, test.minimum)
		require.Equal(t, test.want, got, "%v", test)
		require.Equal(t, test.want != "", ok)
	}
}

func TestMadisonVersions(t *testing.T) {
	output := ` mysql-server-core |    9.7.4-2 | http://deb.debian.org/debian sid/main amd64 Packages
 mysql-server-core |    9.7.4-1 | http://deb.debian.org/debian testing/main amd64 Packages
 mysql-server-core |    9.7.4-2 | http://deb.debian.org/debian sid/main Sources
N: Unable to locate package
`
	require.Equal(t, []string{"9.7.4-2", "9.7.4-1"}, madisonVersions(output))
	require.Empty(t, madisonVersions(""))
}

func FuzzVersion(f *testing.F) {
	f.Add("1:10.11.18-0+deb12u1", "9.7")
	f.Add("..", "99999999999999999999")
	f.Fuzz(func(t *testing.T, a, b string) {
		if compareUpstream(a, a) != 0 {
			t.Fatalf("%q differs from itself", a)
		}
		if (compareUpstream(a, b) < 0) != (compareUpstream(b, a) > 0) {
			t.Fatalf("%q and %q have no order", a, b)
		}
	})
}

func TestDownloads(t *testing.T) {
	tests := []struct {
		read  func(string) (string, float64, bool)
		line  string
		file  string
		bytes float64
	}{
		{
			mavenDownload, "[INFO] Downloaded from central: https://repo.example/maven2/org/x/1/x-1.jar (9.1 MB at 8.2 MB/s)",
			"x-1.jar", 9.1e6,
		},
		{mavenDownload, "[INFO] Downloaded from m: https://repo.example/x-1.pom (1.5 kB at 8 B/s)", "x-1.pom", 1500},
		{mavenDownload, "[INFO] Downloading from central: https://repo.example/x-1.pom", "", 0},
		{
			aptDownload, "Get:57 http://deb.debian.org/debian sid/main amd64 libtirpc-common all 1.3.7+ds-1 [10.0 kB]",
			"libtirpc-common", 10e3,
		},
		{aptDownload, "Get:1 http://deb.debian.org/debian sid InRelease [193 kB]", "http://deb.debian.org/debian sid InRelease", 193e3},
		{aptDownload, "Get:9 http://deb.debian.org/debian sid/main amd64 x amd64 1 [1,024 B]", "x", 1024},
		{aptDownload, "Hit:1 http://deb.debian.org/debian sid InRelease", "", 0},
	}
	for _, test := range tests {
		file, bytes, ok := test.read(test.line)
		require.Equal(t, test.file, file, test.line)
		require.InDelta(t, test.bytes, bytes, 0.5, test.line)
		require.Equal(t, test.file != "", ok)
	}
}

func TestArtifact(t *testing.T) {
	jar := Artifact{Group: "org.slf4j", Name: "slf4j-simple", Version: "1.7.36"}
	require.Equal(t, "org.slf4j:slf4j-simple:1.7.36", jar.String())
	plugin := Artifact{Group: "g", Name: "n", Version: "1", Type: "tar.gz", Classifier: "plugin"}
	require.Equal(t, "g:n:1:tar.gz:plugin", plugin.String())
	require.NotEqual(t, fingerprint([]Artifact{jar}), fingerprint([]Artifact{jar, plugin}))
	require.Contains(t, pomOf([]Artifact{jar}), "<artifactId>slf4j-simple</artifactId><version>1.7.36</version>")
}
