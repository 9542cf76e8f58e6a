package schema

import (
	"bytes"
	"strings"

	"tributary/debezium"
	"tributary/schema/wire"
)

// Doubt tells which values of a field may stand for another value of the store,
// and why. What is in doubt is more likely what it says, so that it is written;
// but it is to be counted and said. May is nil where there is nothing to doubt.
//
// Debezium replaces a zero date by the epoch where NULL is not allowed
// (MySqlDefaultValueConverter and JdbcValueConverters), has labels from SHOW
// CREATE TABLE, which prints ? for characters of four bytes, and wraps a BIGINT
// UNSIGNED beyond 2^63-1 (bigint.unsigned.handling.mode=long). Where zero dates
// may be NULL nothing is left to see. What Java's decoders have no character for
// becomes U+FFFD. Avro converters write the default of a
// column for NULL (debezium.Field.MayBeNull).
func Doubt(f *debezium.Field) (may func(*debezium.Value) bool, why string) {
	form, err := wire.Of(f)
	if err != nil {
		return nil, ""
	}
	if f.StandsForNull() {
		return f.MayBeNull, "the column's default also stands for NULL: Apicurio's AvroConverter replaces it; use JSON," +
			" or Confluent's converter with ignore.default.for.nullables=true, or drop the default"
	}
	_, typed := f.Source()
	switch form {
	case wire.Text:
		return hasReplacement, "U+FFFD also stands for a character that Debezium cannot decode from the binary log, as of latin1's five bytes without one in Java (81, 8D, 8F, 90, 9D);" +
			" convert the table to utf8mb4, then capture it again"
	case wire.Date, wire.TimestampMillis, wire.TimestampMicros, wire.TimestampNanos, wire.IsoDate, wire.IsoTimestamp:
		if !f.Optional {
			return isEpoch, "1970-01-01 also stands for 0000-00-00 and for dates like 2024-00-10 in a column that is NOT NULL"
		}
	case wire.Enum, wire.Set:
		if strings.Contains(f.Parameters["allowed"], "?") {
			return hasQuestionMark, "a ? in a label also stands for characters of four bytes, which SHOW CREATE TABLE does not print"
		}
	case wire.Int:
		if f.Type == debezium.Int64 && !typed {
			return isNegative, "a negative number also stands for a BIGINT UNSIGNED beyond 2^63-1; set column.propagate.source.type=.* on the connector"
		}
	}
	return nil, ""
}

var epochDay = []byte("1970-01-01")

func isEpoch(v *debezium.Value) bool {
	if v.Kind == debezium.Int {
		return v.Int == 0
	}
	rest, ok := bytes.CutPrefix(v.Bytes, epochDay)
	return ok && v.Kind == debezium.Text && !bytes.ContainsAny(rest, "123456789")
}

func hasQuestionMark(v *debezium.Value) bool {
	return v.Kind == debezium.Text && bytes.IndexByte(v.Bytes, '?') >= 0
}

var replacement = []byte("\uFFFD")

func hasReplacement(v *debezium.Value) bool {
	return v.Kind == debezium.Text && bytes.Contains(v.Bytes, replacement)
}

func isNegative(v *debezium.Value) bool { return v.Kind == debezium.Int && v.Int < 0 }
