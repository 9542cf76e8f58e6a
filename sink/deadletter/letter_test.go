package deadletter

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/sink/ledger"
)

// TestReasonIsText gives letters reasons that are no text, or cut in the middle
// of a character: the column takes nothing else.
func TestReasonIsText(t *testing.T) {
	for _, text := range []string{
		"plain", "bytes \xff\xfe of an event", strings.Repeat("ü", maxReason), "cut: " + "☃"[:2], strings.Repeat("\xff", 2*maxReason),
	} {
		got := reason(errors.New(text))
		require.True(t, utf8.Valid(got), "%q", text)
		require.LessOrEqual(t, len(got), 3*maxReason)
	}
	require.Equal(t, "plain", string(reason(errors.New("plain"))))
}

// TestInsert keeps bytes as they came, leaves out what no statement could hold,
// and tells that it did.
func TestInsert(t *testing.T) {
	s := NewStore("it's", func(string) (store, table string) { return "7", "sale" })
	letter := Letter{
		Tenure: ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "e.7.s.sale", ID: 3}}), Offset: 42,
		Key: []byte("k\x00'"), Value: make([]byte, 5000), Reason: &mysql.MySQLError{Number: 1264, Message: "it's out of range"},
	}
	insert := func(packet int) string { return string(s.AppendInsert(nil, letter, packet)) }
	whole := insert(1 << 20)
	for _, want := range []string{"'it\\'s','e.7.s.sale',3,", ",42,'7','sale',", ",1264,'Error 1264: it\\'s out of range',x'6b0027',x'0000", ",5000)"} {
		require.Contains(t, whole, want)
	}
	require.Contains(t, insert(10<<10), ",x'6b0027',NULL,5000)", "the value's size stays")
	require.Contains(t, insert(8<<10), ",NULL,NULL,5000)")
	letter.Table = "promo"
	require.Contains(t, insert(1<<20), ",42,'7','promo',")
}
