package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	t.Setenv("STORE_PASSWORD", "from env")
	properties := write("stores.properties", "# passwords\n0001 = s3cret\n0002:a\\=b\\u00e9\n")
	whole := write("0001", "whole")
	broken := write("0002", "whole\n")

	for _, test := range []struct {
		name      string
		secret    Secret
		reference string
		want, err string
	}{
		{"env", Secret{Env: "STORE_PASSWORD"}, "${env:STORE_PASSWORD}", "from env", ""},
		{"no env", Secret{Env: "NOT_SET_HERE"}, "${env:NOT_SET_HERE}", "", "NOT_SET_HERE is not set here; export it"},
		{"properties", Secret{File: properties, Key: "0001"}, "${file:" + properties + ":0001}", "s3cret", ""},
		{"escapes", Secret{File: properties, Key: "0002"}, "${file:" + properties + ":0002}", "a=bé", ""},
		{"no key", Secret{File: properties, Key: "0003"}, "${file:" + properties + ":0003}", "", `has no key "0003"; add the line 0003=`},
		{"whole file", Secret{File: whole}, "${directory:" + dir + ":0001}", "whole", ""},
		{"line break", Secret{File: broken}, "${directory:" + dir + ":0002}", "", "ends with a line break"},
		{"no file", Secret{File: dir + "/nothing"}, "${directory:" + dir + ":nothing}", "", "no such file"},
		{"literal", Literal("plain"), "plain", "plain", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.reference, test.secret.Reference())
			got, err := test.secret.Resolve()
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				require.NotContains(t, fmt.Sprintf(verb, test.secret), test.want)
				require.NotContains(t, fmt.Sprintf(verb, struct{ S Secret }{test.secret}), test.want)
			}
		})
	}
}

func TestProperties(t *testing.T) {
	got, err := parseProperties("a=1\n b : 2\nc 3\nd\n!no\n#no\ne=x\\\n   y\nf\\ g=\\t\\\\\nh==\n")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "3", "d": "", "e": "xy", "f g": "\t\\", "h": "="}, got)
	_, err = parseProperties("a=1\nb=\\u12\n")
	require.ErrorContains(t, err, "line 2")
}

func FuzzProperties(f *testing.F) {
	f.Add("a=1\\\n b\n\\u0041=x")
	f.Fuzz(func(t *testing.T, text string) { _, _ = parseProperties(text) })
}
