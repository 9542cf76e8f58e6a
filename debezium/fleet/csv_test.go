package fleet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestImportCSV(t *testing.T) {
	for _, test := range []struct {
		name, csv, want, err string
	}{
		{
			name: "commas and labels",
			csv:  "id,host,port,schemas,region\n0001,10.1.0.5,,shop stock,north\n0002,10.2.0.5,3307,,\n",
			want: "stores:\n" +
				"  - {id: \"0001\", host: 10.1.0.5, schemas: [shop, stock], labels: {region: north}}\n" +
				"  - {id: \"0002\", host: 10.2.0.5, port: 3307}\n",
		},
		{
			name: "a spreadsheet's semicolons and mark",
			csv:  "\xef\xbb\xbfid;host;hours\r\n47;db.example;\"Mo-Sa 08:00-20:00, Su 10:00-16:00\"\r\n",
			want: "stores:\n  - {id: \"47\", host: db.example, hours: 'Mo-Sa 08:00-20:00, Su 10:00-16:00'}\n",
		},
		{name: "no header", csv: "", err: "stores.csv:1: the first row must name the columns"},
		{name: "no host", csv: "id,port\n1,2\n", err: `stores.csv:1: there is no column "host"`},
		{name: "no id", csv: "id,host\n1,a\n,b\n", err: "stores.csv:3: the store has no id"},
		{name: "twice", csv: "id,host\n1,a\n1,b\n", err: `stores.csv:3: store "1" is already in line 2`},
		{name: "ragged", csv: "id,host\n1\n", err: "line 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ImportCSV(strings.NewReader(test.csv), "stores.csv")
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			// What comes out must be what the inventory takes.
			_, err = Parse("stores.yaml", []byte("environment: prod\ndefaults: {schemas: [a], password: {env: P}}\n"+got))
			require.NoError(t, err)
		})
	}
}

func FuzzImportCSV(f *testing.F) {
	f.Add("id,host,region\n1,a,north\n")
	f.Add("id;host\n\"a\nb\";x\n")
	f.Fuzz(func(t *testing.T, text string) {
		out, err := ImportCSV(strings.NewReader(text), "f.csv")
		if err != nil {
			return
		}
		// Whatever the cells hold, the lines are YAML that is one store each.
		_, _, err = readNode([]byte(out))
		require.NoError(t, err)
	})
}
