package schema

import "time"

// AppendText appends a text as a string literal for a utf8mb4 session whose
// sql_mode does not hold NO_BACKSLASH_ESCAPES (manual, "String Literals"). The
// values of rows are package literal's business; this is for our own names and
// reasons. Bytes that are not UTF-8 are the caller's to keep out.
func AppendText(dst, text []byte) []byte {
	dst = append(dst, '\'')
	for _, c := range text {
		switch c {
		case '\'', '\\':
			dst = append(dst, '\\', c)
		case 0:
			dst = append(dst, '\\', '0')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}

// AppendDatetime appends a time in µs since the epoch as the inside of a
// DATETIME(6) literal in UTC.
func AppendDatetime(dst []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(dst, "2006-01-02 15:04:05.000000")
}
