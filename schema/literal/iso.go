package literal

// cursor reads ISO 8601 text from left to right. The first thing that is not
// there makes every later one fail.
type cursor struct {
	rest   []byte
	failed bool
}

// number reads exactly n digits.
func (c *cursor) number(n int) int {
	if len(c.rest) < n {
		c.failed = true
		return 0
	}
	value := 0
	for _, d := range c.rest[:n] {
		if d < '0' || d > '9' {
			c.failed = true
			return 0
		}
		value = value*10 + int(d-'0')
	}
	c.rest = c.rest[n:]
	return value
}

func (c *cursor) expect(b byte) {
	if !c.accept(b) {
		c.failed = true
	}
}

func (c *cursor) accept(b byte) bool {
	if len(c.rest) == 0 || c.rest[0] != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// date reads "2018-06-20". Java writes years beyond 9999 and before 0 with a
// sign, which fails.
func (c *cursor) date(t *civil) {
	t.year = c.number(4)
	c.expect('-')
	t.month = c.number(2)
	c.expect('-')
	t.day = c.number(2)
	if t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 {
		c.failed = true
	}
}

// time reads "13:37:03.123456789" and returns the nanoseconds beyond µs.
func (c *cursor) time(t *civil) (nanos int) {
	t.hour = c.number(2)
	c.expect(':')
	t.minute = c.number(2)
	if c.accept(':') {
		t.second = c.number(2)
	}
	if c.accept('.') {
		t.micros, nanos = c.fraction()
	}
	if t.hour > 23 || t.minute > 59 || t.second > 59 {
		c.failed = true
	}
	return nanos
}

// fraction reads 1 to 9 digits.
func (c *cursor) fraction() (micros, nanos int) {
	digits, value := 0, 0
	for len(c.rest) > 0 && c.rest[0] >= '0' && c.rest[0] <= '9' && digits < 9 {
		value = value*10 + int(c.rest[0]-'0')
		c.rest = c.rest[1:]
		digits++
	}
	if digits == 0 {
		c.failed = true
	}
	for ; digits < 9; digits++ {
		value *= 10
	}
	return value / 1000, value % 1000
}

// offset reads "Z", "+02", "+02:00", "+0200" or "+02:00:00" and returns
// seconds east of Greenwich.
func (c *cursor) offset() int {
	if c.accept('Z') {
		return 0
	}
	sign := 1
	if c.accept('-') {
		sign = -1
	} else if !c.accept('+') {
		c.failed = true
		return 0
	}
	seconds := c.number(2) * 3600
	for unit := 60; unit > 0 && len(c.rest) > 0; unit /= 60 {
		c.accept(':')
		seconds += c.number(2) * unit
	}
	return sign * seconds
}

// ok says whether all was there and nothing is left.
func (c *cursor) ok() bool { return !c.failed && len(c.rest) == 0 }
