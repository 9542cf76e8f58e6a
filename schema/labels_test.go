package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

func TestLabels(t *testing.T) {
	for list, want := range map[string][]string{
		"a":             {"a"},
		"a,b":           {"a", "b"},
		"":              {""},
		"a,":            {"a", ""},
		`a\,b,c`:        {"a,b", "c"},
		`back\\slash`:   {`back\slash`},
		`two\\\\`:       {`two\\`},
		`ends\\,next`:   {`ends\`, "next"},
		`both\\\,comma`: {`both\,comma`},
		`nl\nx,nul\0`:   {"nl\nx", "nul\x00"},
		`it's,dq"q`:     {"it's", `dq"q`},
		" lead,trail  ": {" lead", "trail"},
		`ünï,😀`:         {"ünï", "😀"},
		`\`:             {`\`},
	} {
		labels, err := schema.Labels(bare(debezium.String, enum, "allowed", list))
		require.NoError(t, err)
		var got []string
		spelled := ""
		for i, l := range labels {
			got = append(got, l.Text)
			if i > 0 {
				spelled += ","
			}
			spelled += l.Spelling
		}
		require.Equal(t, want, got, list)
		require.Equal(t, list, spelled, "the spellings are the list")
	}
	_, err := schema.Labels(bare(debezium.String, enum))
	require.ErrorContains(t, err, "does not say which labels are allowed")
}

func FuzzLabels(f *testing.F) {
	for _, seed := range []string{"a,b", `a\,b\\,c`, `\`, ",,", `x\n`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		labels, err := schema.Labels(bare(debezium.String, enum, "allowed", list))
		require.NoError(t, err)
		spelled := ""
		for i, l := range labels {
			if i > 0 {
				spelled += ","
			}
			spelled += l.Spelling
		}
		require.Equal(t, list, spelled)
	})
}
