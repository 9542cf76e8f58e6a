package deadletter

import (
	"errors"
	"math"
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

// TestLettersAlwaysFit has a letter whose own words take up what its bytes leave,
// and records that say they were sent at a time of no calendar.
func TestLettersAlwaysFit(t *testing.T) {
	s := NewStore("g", func(string) (store, table string) { return "7", "sale" })
	letter := Letter{Tenure: ledger.NewTenure(ledger.Position{}), Reason: errors.New(strings.Repeat("'", maxReason))}
	const packet = 256 << 10
	for size := packet/2 - 40<<10; size < packet/2; size += 1 << 10 {
		letter.Value = make([]byte, size)
		require.LessOrEqual(t, len(s.AppendInsert(nil, letter, packet)), packet, "%d bytes", size)
	}
	for _, timestamp := range []int64{math.MaxInt64, math.MaxInt64 / 1000, 253402300800_000} {
		letter.Timestamp = timestamp
		require.Contains(t, string(s.AppendInsert(nil, letter, packet)), "'7','sale',NULL,UTC_TIMESTAMP(6),")
	}
	letter.Timestamp = 253402300799_999
	require.Contains(t, string(s.AppendInsert(nil, letter, packet)), "'7','sale','9999-12-31 23:59:59.999000',UTC_TIMESTAMP(6),")
}
