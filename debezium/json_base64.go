package debezium

// bad marks what is not a digit of base64.
const bad = 0x80

// base64Digits maps the characters of standard base64 (RFC 4648, section 4,
// what Jackson writes for bytes) to their six bits.
var base64Digits = func() (digits [256]byte) {
	for i := range digits {
		digits[i] = bad
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(alphabet) {
		digits[alphabet[i]] = byte(i)
	}
	return digits
}()

// undoBase64 decodes s in place. It wants padding, and no bits left over in
// front of it: anything else was not written by a converter.
func undoBase64(s []byte) (decoded []byte, ok bool) {
	if len(s)%4 != 0 {
		return nil, false
	}
	if len(s) == 0 {
		return s, true
	}
	last := s[len(s)-4:]
	padding := 0
	if last[3] == '=' {
		padding = 1
		if last[2] == '=' {
			padding = 2
		}
	}
	w := 0
	for r := 0; r+4 <= len(s)-min(padding, 1)*4; r += 4 {
		a, b, c, d := base64Digits[s[r]], base64Digits[s[r+1]], base64Digits[s[r+2]], base64Digits[s[r+3]]
		if (a|b|c|d)&bad != 0 {
			return nil, false
		}
		s[w], s[w+1], s[w+2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
		w += 3
	}
	if padding == 0 {
		return s[:w:w], true
	}
	a, b, c := base64Digits[last[0]], base64Digits[last[1]], byte(0)
	if padding == 1 {
		c = base64Digits[last[2]]
	}
	if (a|b|c)&bad != 0 || padding == 2 && b&0xf != 0 || c&3 != 0 {
		return nil, false
	}
	s[w] = a<<2 | b>>4
	s[w+1] = b<<4 | c>>2
	w += 3 - padding
	return s[:w:w], true
}
