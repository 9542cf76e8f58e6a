package schema

import (
	"encoding/binary"
	"time"
)

// AppendText appends a text as a string literal for a utf8mb4 session whose
// sql_mode does not hold NO_BACKSLASH_ESCAPES (manual, "String Literals").
// Besides the quote and the backslash, which must be escaped, NUL and Ctrl-Z
// are, for the sake of the tools a logged statement may pass through. Bytes that
// are not UTF-8 are the caller's to keep out.
func AppendText(dst, text []byte) []byte {
	dst = append(dst, '\'')
	for {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return append(dst, '\'')
		}
		c := text[n]
		switch c {
		case 0:
			c = '0'
		case 26:
			c = 'Z'
		}
		dst = append(dst, '\\', c)
		text = text[n+1:]
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainPrefix returns how many bytes at the start of text need no escape. Eight
// bytes are looked at together: a byte that equals c becomes zero by xor, and
// (x-ones)&^x&highs is not zero if and only if a byte of x is.
func plainPrefix(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:])
		quote, slash, sub := w^('\''*ones), w^('\\'*ones), w^(26*ones)
		found := (quote-ones)&^quote | (slash-ones)&^slash | (sub-ones)&^sub | (w-ones)&^w
		if found&highs != 0 {
			break
		}
	}
	for ; i < len(text); i++ {
		switch text[i] {
		case '\'', '\\', 0, 26:
			return i
		}
	}
	return i
}

// The times a DATETIME can hold (manual, "The DATE, DATETIME, and TIMESTAMP
// Types"), in µs since the epoch: from 1000-01-01 up to 10000-01-01.
const (
	firstDatetime = -30610224000_000_000
	afterDatetime = 253402300800_000_000
)

// FitsDatetime reports whether a DATETIME can hold a time in µs since the epoch. A
// store's clock is never that wrong, but what calls itself an event may say
// anything.
func FitsDatetime(micros int64) bool { return micros >= firstDatetime && micros < afterDatetime }

// AppendDatetime appends a time in µs since the epoch as the inside of a
// DATETIME(6) literal in UTC.
func AppendDatetime(dst []byte, micros int64) []byte {
	t := time.UnixMicro(micros).UTC()
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		return t.AppendFormat(dst, "2006-01-02 15:04:05.000000")
	}
	hour, minute, second := t.Clock()
	dst = append(appendTwo(appendTwo(dst, year/100), year%100), '-')
	dst = append(appendTwo(dst, int(month)), '-')
	dst = append(appendTwo(dst, day), ' ')
	dst = append(appendTwo(dst, hour), ':')
	dst = append(appendTwo(dst, minute), ':')
	dst = append(appendTwo(dst, second), '.')
	fraction := t.Nanosecond() / 1000
	return appendTwo(appendTwo(appendTwo(dst, fraction/10_000), fraction/100%100), fraction%100)
}

// appendTwo appends a number of two digits.
func appendTwo(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }
