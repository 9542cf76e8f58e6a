package integration

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// remedy finds the statements in a held table's reason.
var remedy = regexp.MustCompile(`(?:settle it|hold both): (.*)\)$`)

// partsOfKey is the key of a row whose fields these are, nil for none.
func partsOfKey(t *testing.T, fields version, row object) []byte {
	t.Helper()
	if len(fields) == 0 {
		return nil
	}
	key := object{}
	for _, f := range fields {
		key[f["field"].(string)] = row[f["field"].(string)]
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return encode(object{"schema": object{"type": "struct", "optional": false, "name": "Key", "fields": json.RawMessage(text)}, "payload": key})
}

// TestHeldTablesNameTheRemedy runs what a held table's reason says, and the table
// flows.
func TestHeldTablesNameTheRemedy(t *testing.T) {
	id, label, amount := field("id", "int64", "BIGINT", false, ""), field("label", "string", "VARCHAR", true, "20"), field("amount", "int32", "INT", true, "")
	required := field("label", "string", "VARCHAR", false, "20")
	text := field("amount", "string", "VARCHAR", true, "20")
	number := field("number", "int64", "BIGINT", false, "")
	row := version{id, label, amount}
	for _, test := range []struct {
		name            string
		key, nextKey    version
		first, next     version
		inserts, insert object
		query           string
		want            []string
	}{
		{
			"a number became text",
			version{id},
			version{id},
			row,
			version{id, label, text},
			saleRow(1, "a", 7), saleRow(2, "b", "seven"), "SELECT id, amount FROM sale ORDER BY id",
			[]string{"1 7", "2 seven"},
		},
		{
			"the key was taken away",
			version{id},
			nil, row, row,
			saleRow(1, "a", 7), saleRow(1, "b", 8), "SELECT id, label FROM sale ORDER BY label",
			[]string{"1 a", "1 b"},
		},
		{
			"a key was added", nil,
			version{id},
			row, row,
			saleRow(1, "a", 7), saleRow(1, "b", 8), "SELECT id, label FROM sale",
			[]string{"1 b"},
		},
		{
			"a key column was renamed",
			version{id},
			version{number},
			row,
			version{number, label, amount},
			saleRow(1, "a", 7),
			object{"number": 2, "label": "b", "amount": 8},
			"SELECT number, label FROM sale ORDER BY 1",
			[]string{"1 a", "2 b"},
		},
		{
			"a column joined the key",
			version{id},
			version{id, required},
			row,
			version{id, required, amount},
			saleRow(1, "a", 7), saleRow(1, "b", 8), "SELECT id, label FROM sale ORDER BY label",
			[]string{"1 a", "1 b"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dsn, db := ownDatabase(t, central(t))
			brokers, p, _ := fakeKafka(t, saleTopic("7"))
			p.send(saleTopic("7"), partsOfKey(t, test.key, test.inserts), test.first.event(t, "7", "sale", "c", nil, test.inserts))
			p.send(saleTopic("7"), partsOfKey(t, test.nextKey, test.insert), test.next.event(t, "7", "sale", "c", nil, test.insert))
			startReplica(t, brokers, dsn, "HOLD_RETRY=1s")
			eventually(t, db, "SELECT held_offset FROM tributary_ledger", "1")
			said := rows(t, db, "SELECT held_reason FROM tributary_ledger")[0]
			statements := remedy.FindStringSubmatch(said)
			require.NotNil(t, statements, said)
			for statement := range strings.SplitSeq(statements[1], "; ") {
				_, err := db.Exec(statement)
				require.NoError(t, err, statement)
			}
			eventually(t, db, test.query, test.want...)
		})
	}
}
