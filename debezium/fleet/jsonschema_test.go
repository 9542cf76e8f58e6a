package fleet

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// node is what the test needs of a JSON Schema.
type node struct {
	Properties           map[string]*node `json:"properties"`
	Items                *node            `json:"items"`
	Enum                 []string         `json:"enum"`
	AdditionalProperties any              `json:"additionalProperties"`
}

func (n *node) at(path ...string) *node {
	for _, name := range path {
		if n = n.Properties[name]; n.Items != nil {
			n = n.Items
		}
	}
	return n
}

// The schema for editors and the reader must know the same keys and words.
func TestJSONSchema(t *testing.T) {
	text, err := os.ReadFile("../../deploy/stores.schema.json")
	require.NoError(t, err)
	var schema node
	require.NoError(t, json.Unmarshal(text, &schema))

	// A file that opens every kind of mapping shows what each may hold.
	file, err := readFile("stores.yaml", []byte(`
kafka: {}
connect: {}
topics: {tables: [{}]}
defaults: {password: {}}
stores: [{}]
`))
	require.NoError(t, err)
	for what, at := range map[string]*node{
		"the inventory": &schema,
		"kafka":         schema.at("kafka"),
		"connect":       schema.at("connect"),
		"topics":        schema.at("topics"),
		"a topic rule":  schema.at("topics", "tables"),
		"defaults":      schema.at("defaults"),
		"a store":       schema.at("stores"),
		"password":      schema.at("stores", "password"),
	} {
		require.Equal(t, file.findings.known[what], sortedKeys(at.Properties), what)
		require.Equal(t, false, at.AdditionalProperties, what)
	}
	require.Len(t, file.findings.known, 8, "a mapping the schema was not compared with")

	for key, at := range schema.at("stores").Properties {
		for _, word := range at.Enum {
			_, err := Parse("stores.yaml", []byte("environment: prod\nkafka: {registry: x}\nstores:\n  - {id: a, host: b, schemas: [c], password: {env: D}, "+key+": "+word+"}\n"))
			require.NoError(t, err)
		}
	}
	require.Equal(t, []string{"disabled", "preferred", "required", "verify"}, schema.at("stores", "tls").Enum)
	require.True(t, slices.Contains(schema.at("topics", "cleanup").Enum, "compact,delete"))
}

func TestExampleInventory(t *testing.T) {
	inv, err := Load("../../deploy/stores.example.yaml")
	require.NoError(t, err)
	require.Len(t, inv.Stores, 4)
	require.Equal(t, "store-0047.stores.example", inv.Stores[2].Host)
	require.Equal(t, Secret{File: "/etc/tributary/stores.properties", Key: "0047"}, inv.Stores[2].Password)
}
