package events

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// image is a row's values, as the store holds them.
type image struct {
	id       uint64
	register int64
	customer int64 // 0 is NULL
	status   string
	cents    int64  // total, DECIMAL(12,2)
	tax      int64  // DECIMAL(10,4) in units of its last digit
	noTax    bool   // tax is NULL
	note     *text  // nil is NULL
	flags    string // as the SET prints them
	lines    int64  // in details
	cashier  *text  // in details
	test     bool
	paid     int64 // ms since the epoch, DATETIME(3)
	updated  int64 // µs since the epoch, TIMESTAMP(6)
}

// text is one text in all the forms it is needed in.
type text struct {
	plain string
	json  string // quoted
	inner string // quoted as JSON within a JSON text, without the outer quotes
	sql   string // quoted
	both  string // quoted as JSON, then escaped for SQL, without the outer quotes
}

var notes, cashiers = texts(
	"first sale", "", `she said "two" and left`, `back\slash \n`, "two\nlines\tand a tab", "it's a 'quote'",
	"Größe 38 für Zoë", "贈り物 🛒🎁", "an ordinary remark, somewhat longer than the others, about nothing",
	"</script> & <b>", "none",
), texts("Zoë", "Anna", `O'Neil "Nell"`, "José", "李", "Max")

func texts(plain ...string) []text {
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`)
	list := make([]text, len(plain))
	for i, p := range plain {
		quoted := quote(p)
		inner := quote(quoted)
		list[i] = text{plain: p, json: quoted, inner: inner[1 : len(inner)-1], sql: "'" + escape.Replace(p) + "'", both: escape.Replace(quoted)}
	}
	return list
}

// quote spells a text as Connect's converter (Jackson) does, which escapes no
// more than JSON demands.
func quote(plain string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(plain); err != nil {
		return `""` // a string is always encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	statuses = []string{"open", "paid", "returned"}
	flagSets = []string{"", "gift", "staff", "gift,loyal", "gift,staff,loyal"}
)

// base is the first moment of the rows' ordinary times, 2026-01-01.
const base = 1767225600

// image makes a version of a row. Versions differ in most values.
func (t *Topic) image(id uint64, version uint32) image {
	h := mix(t.seed ^ mix(id) ^ uint64(version)<<40)
	pick := func(n uint64) uint64 { // by another slice of the hash each time
		v := h % n
		h = mix(h)
		return v
	}
	m := image{
		id: id, register: int64(pick(12)) + 1, customer: int64(pick(100_000)), status: statuses[pick(3)],
		cents: int64(pick(2_000_000)), tax: int64(pick(4_000_000)), flags: flagSets[pick(5)],
		lines: int64(pick(40)) + 1, cashier: &cashiers[pick(uint64(len(cashiers)))], test: pick(50) == 0,
		paid: (base+int64(pick(20_000_000)))*1000 + int64(pick(1000)), updated: (base+int64(pick(20_000_000)))*1e6 + int64(pick(1e6)),
	}
	if pick(10) == 0 {
		m.cents = -m.cents // a return
	}
	if pick(20) == 0 {
		m.paid -= 2_400_000_000_000 // before 1970
	}
	m.noTax = pick(8) == 0
	if n := pick(uint64(len(notes)) + 2); n < uint64(len(notes)) {
		m.note = &notes[n]
	}
	return m
}

// appendImage appends a row as Debezium's payload has it.
func (t *Topic) appendImage(dst []byte, id uint64, version uint32) []byte {
	m := t.image(id, version)
	dst = append(appendDecimalBytes(append(dst, `{"id":"`...), int64(m.id)), `","register_no":`...)
	dst = strconv.AppendInt(dst, m.register, 10)
	dst = append(dst, `,"customer_id":`...)
	if m.customer == 0 {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, m.customer, 10)
	}
	dst = append(append(append(dst, `,"status":"`...), m.status...), `","total":"`...)
	dst = append(appendDecimalBytes(dst, m.cents), `","tax":`...)
	if m.noTax {
		dst = append(dst, "null"...)
	} else {
		dst = append(appendDecimalBytes(append(dst, '"'), m.tax), '"')
	}
	dst = append(dst, `,"note":`...)
	if m.note == nil {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, m.note.json...)
	}
	dst = append(append(append(dst, `,"flags":"`...), m.flags...), `","details":"{\"lines\":`...)
	dst = strconv.AppendInt(dst, m.lines, 10)
	dst = append(append(append(dst, `,\"cashier\":`...), m.cashier.inner...), `}","is_test":`...)
	dst = append(dst, digit(m.test))
	dst = strconv.AppendInt(append(dst, `,"paid_at":`...), m.paid, 10)
	dst = append(dst, `,"updated_at":"`...)
	dst = time.UnixMicro(m.updated).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	return append(dst, `"}`...)
}

// AppendTuple appends a row as an SQL tuple in the order of [Columns].
func (t *Topic) AppendTuple(dst []byte, id uint64, version uint32) []byte {
	m := t.image(id, version)
	dst = append(append(append(dst, `('`...), t.Store...), `',`...)
	dst = strconv.AppendUint(dst, m.id, 10)
	dst = strconv.AppendInt(append(dst, ','), m.register, 10)
	if m.customer == 0 {
		dst = append(dst, ",NULL"...)
	} else {
		dst = strconv.AppendInt(append(dst, ','), m.customer, 10)
	}
	dst = append(append(append(dst, `,'`...), m.status...), `',`...)
	dst = append(appendScaled(dst, m.cents, 2), ',')
	if m.noTax {
		dst = append(dst, "NULL"...)
	} else {
		dst = appendScaled(dst, m.tax, 4)
	}
	if m.note == nil {
		dst = append(dst, ",NULL,'"...)
	} else {
		dst = append(append(append(dst, ','), m.note.sql...), ",'"...)
	}
	dst = append(append(dst, m.flags...), `','{"lines":`...)
	dst = strconv.AppendInt(dst, m.lines, 10)
	dst = append(append(append(dst, `,"cashier":`...), m.cashier.both...), `}',`...)
	dst = append(dst, digit(m.test))
	dst = time.UnixMilli(m.paid).UTC().AppendFormat(append(dst, `,'`...), "2006-01-02 15:04:05.000")
	dst = time.UnixMicro(m.updated).UTC().AppendFormat(append(dst, `','`...), "2006-01-02 15:04:05.000000")
	return append(dst, `')`...)
}

func digit(b bool) byte {
	if b {
		return '1'
	}
	return '0'
}

// appendDecimalBytes appends an unscaled value as Connect writes it: two's
// complement, big-endian, as few bytes as hold it, in base64.
func appendDecimalBytes(dst []byte, v int64) []byte {
	var b [8]byte
	return base64.StdEncoding.AppendEncode(dst, appendTwos(b[:0], v))
}

// appendTwos appends the bytes of an unscaled value.
func appendTwos(dst []byte, v int64) []byte {
	for shift := 56; shift >= 0; shift -= 8 {
		if len(dst) == 0 && shift > 0 && v>>(shift-1) == v>>63 {
			continue // the byte below carries the sign as well
		}
		dst = append(dst, byte(v>>shift))
	}
	return dst
}

// appendScaled appends a decimal with so many digits behind the point.
func appendScaled(dst []byte, v int64, scale int) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	unit := int64(1)
	for range scale {
		unit *= 10
	}
	dst = append(strconv.AppendInt(dst, v/unit, 10), '.')
	fraction := strconv.FormatInt(v%unit+unit, 10)
	return append(dst, fraction[1:]...)
}

// mix is the finalizer of splitmix64.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
