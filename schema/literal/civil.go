package literal

// Units in microseconds, the finest MySQL keeps.
const (
	microsPerMilli  = 1_000
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	microsPerDay    = secondsPerDay * microsPerSecond
)

// Days since 1970-01-01 of the first and the last date MySQL stores.
const (
	firstDay = -719_528  // 0000-01-01
	lastDay  = 2_932_896 // 9999-12-31
)

// civil is a date and a time of day, not necessarily ones that exist: stores
// hold 0000-00-00 and 2026-02-31 too.
type civil struct {
	year, month, day     int
	hour, minute, second int
	micros               int
}

// fromDays sets the date from days since 1970-01-01 in the proleptic Gregorian
// calendar. It counts in eras of 400 years whose years begin in March, so that
// the leap day is the last of a year.
func (c *civil) fromDays(days int) {
	days += 719_468 // to 0000-03-01
	era := floorDiv(days, 146_097)
	day := days - era*146_097
	year := (day - day/1_460 + day/36_524 - day/146_096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	c.day = day - (153*month+2)/5 + 1
	c.month = month + 3
	c.year = year + 400*era
	if c.month > 12 {
		c.month -= 12
		c.year++
	}
}

// days is the inverse of fromDays.
func (c *civil) days() int {
	year, month := c.year, c.month-3
	if month < 0 {
		month += 12
		year--
	}
	era := floorDiv(year, 400)
	year -= era * 400
	return era*146_097 + year*365 + year/4 - year/100 + (153*month+2)/5 + c.day - 1 - 719_468
}

// fromMicros sets the date and time from µs since the epoch; ok is false
// beyond the years 0 to 9999.
func (c *civil) fromMicros(micros int64) bool {
	day := floorDiv(micros, microsPerDay)
	if day < firstDay || day > lastDay {
		return false
	}
	c.fromDays(int(day))
	rest := int(micros - day*microsPerDay)
	c.micros = rest % microsPerSecond
	rest /= microsPerSecond
	c.second = rest % 60
	rest /= 60
	c.minute, c.hour = rest%60, rest/60
	return true
}

// toMicros is the inverse of fromMicros, for times that exist.
func (c *civil) toMicros() int64 {
	seconds := int64(c.days())*secondsPerDay + int64(c.hour*3600+c.minute*60+c.second)
	return seconds*microsPerSecond + int64(c.micros)
}

// exists says whether the date is one of the calendar.
func (c *civil) exists() bool {
	if c.month < 1 || c.month > 12 || c.day < 1 {
		return false
	}
	if c.day <= 28 {
		return true
	}
	var back civil
	back.fromDays(c.days())
	return back.day == c.day && back.month == c.month
}

func (c *civil) appendDate(dst []byte) []byte {
	dst = append2(append2(dst, c.year/100), c.year%100)
	dst = append2(append(dst, '-'), c.month)
	return append2(append(dst, '-'), c.day)
}

func (c *civil) appendTime(dst []byte, fraction int) []byte {
	dst = append2(dst, c.hour)
	dst = append2(append(dst, ':'), c.minute)
	dst = append2(append(dst, ':'), c.second)
	return appendFraction(dst, c.micros, fraction)
}

// appendFraction appends so many digits of a second's fraction.
func appendFraction(dst []byte, micros, digits int) []byte {
	if digits == 0 {
		return dst
	}
	var six [7]byte
	six[0] = '.'
	for i := 6; i > 0; i-- {
		six[i] = byte('0' + micros%10)
		micros /= 10
	}
	return append(dst, six[:digits+1]...)
}

// twoDigits holds the numbers 00 to 99.
const twoDigits = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

func append2(dst []byte, n int) []byte {
	return append(dst, twoDigits[2*n], twoDigits[2*n+1])
}

func floorDiv[T int | int64](a, b T) T {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// finest[fsp] is what the µs of a column with so many digits are multiples of.
var finest = [...]int{1_000_000, 100_000, 10_000, 1_000, 100, 10, 1}
