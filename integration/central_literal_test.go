package integration

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

// trip is a way through the server: values of a field are written to a column
// as literals and read back with an expression.
type trip struct {
	field debezium.Field
	// read is the expression, of the column v.
	read string
	// edges are tried besides what draw draws.
	edges []debezium.Value
	draw  func(r *rand.Rand) debezium.Value
	// want is what is read; same compares where it need not be the same text.
	want func(v debezium.Value) string
	same func(want, got string) bool
	// key says that the column can be in a primary key.
	key bool
	// mysql says that MariaDB has no such thing, or reads it otherwise.
	mysql bool
}

const drawn = 200 // values of each kind

func intValue(v int64) debezium.Value   { return debezium.Value{Kind: debezium.Int, Int: v} }
func textValue(s string) debezium.Value { return debezium.Value{Kind: debezium.Text, Bytes: []byte(s)} }

func bytesValue(s string) debezium.Value {
	return debezium.Value{Kind: debezium.Binary, Bytes: []byte(s)}
}

func numberValue(s string) debezium.Value {
	return debezium.Value{Kind: debezium.Number, Bytes: []byte(s)}
}

// anyText draws characters of every plane, those that must be escaped more
// often than chance would have it.
func anyText(r *rand.Rand, most int) string {
	const special = "'\"\\%_0Znb\x00\x1a\n\r\t`;-/*# "
	var b strings.Builder
	for range r.IntN(most + 1) {
		switch r.IntN(4) {
		case 0:
			b.WriteByte(special[r.IntN(len(special))])
		case 1:
			b.WriteRune(rune(r.IntN(0xd7ff) + 1))
		case 2:
			b.WriteRune(rune(0x10000 + r.IntN(0x100000)))
		default:
			b.WriteByte(byte(32 + r.IntN(95)))
		}
	}
	return b.String()
}

func anyBytes(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

func hexOf(v debezium.Value) string { return strings.ToUpper(hex.EncodeToString(v.Bytes)) }
func intOf(v debezium.Value) string { return strconv.FormatInt(v.Int, 10) }

// anyDocument draws JSON.
func anyDocument(r *rand.Rand, depth int) any {
	switch n := r.IntN(8); {
	case n == 0 && depth > 0:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, anyDocument(r, depth-1))
		}
		return list
	case n < 3 && depth > 0:
		object := map[string]any{}
		for range r.IntN(4) {
			object[anyText(r, 5)] = anyDocument(r, depth-1)
		}
		return object
	case n == 3:
		return nil
	case n == 4:
		return r.IntN(2) == 0
	case n == 5:
		return json.Number(strconv.FormatUint(r.Uint64(), 10))
	case n == 6:
		return json.Number(strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64))
	}
	return anyText(r, 10)
}

func sameJSON(want, got string) bool {
	var a, b any
	for _, side := range []struct {
		text string
		into *any
	}{{want, &a}, {got, &b}} {
		d := json.NewDecoder(strings.NewReader(side.text))
		d.UseNumber()
		if d.Decode(side.into) != nil {
			return false
		}
	}
	return reflect.DeepEqual(plainNumbers(a), plainNumbers(b))
}

// plainNumbers writes numbers in one way.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		r, _ := new(big.Rat).SetString(string(v))
		return r.RatString()
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
}

func sameNumber(want, got string) bool {
	a, ok := new(big.Rat).SetString(want)
	b, ok2 := new(big.Rat).SetString(got)
	return ok && ok2 && a.Cmp(b) == 0
}

// sameFloat compares doubles by their bits.
func sameFloat(want, got string) bool {
	a, err1 := strconv.ParseFloat(want, 64)
	b, err2 := strconv.ParseFloat(got, 64)
	return err1 == nil && err2 == nil && a == b
}

func decimalOf(b []byte, scale int) string {
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
}

// anyDecimal draws up to so many digits.
func anyDecimal(r *rand.Rand, digits int) debezium.Value {
	n := new(big.Int)
	for range 1 + r.IntN(digits) {
		n.Mul(n, big.NewInt(10)).Add(n, big.NewInt(int64(r.IntN(10))))
	}
	b := append([]byte{0}, n.Bytes()...)
	if r.IntN(2) == 0 && n.Sign() != 0 {
		n.Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))), n)
		b = n.Bytes()
	}
	return debezium.Value{Kind: debezium.Binary, Bytes: b}
}

func timeOfDay(micros int64, digits int) string {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	seconds := micros / 1e6
	text := fmt.Sprintf("%s%02d:%02d:%02d.%06d", sign, seconds/3600, seconds/60%60, seconds%60, micros%1e6)
	if digits == 0 {
		return text[:len(text)-7]
	}
	return text[:len(text)-6+digits]
}

const (
	connectDecimal = "org.apache.kafka.connect.data.Decimal"
	microStamp     = "io.debezium.time.MicroTimestamp"
	milliStamp     = "io.debezium.time.Timestamp"
	microTime      = "io.debezium.time.MicroTime"
	zonedStamp     = "io.debezium.time.ZonedTimestamp"
)

func numberTrips() map[string]trip {
	ints := func(name string, t debezium.Type, low, high int64) trip {
		return trip{
			field: column("v", t, "", name), read: "v", key: true,
			edges: []debezium.Value{intValue(low), intValue(high), intValue(0)},
			draw:  func(r *rand.Rand) debezium.Value { return intValue(low + int64(r.Uint64N(uint64(high-low)))) }, want: intOf,
		}
	}
	bits := func(n int) trip {
		return trip{
			field: column("v", debezium.Bytes, "io.debezium.data.Bits", fmt.Sprintf("BIT(%d)", n), "length", strconv.Itoa(n)), read: "v+0", key: true,
			draw: func(r *rand.Rand) debezium.Value {
				var b [8]byte
				binary.LittleEndian.PutUint64(b[:], r.Uint64()>>(64-n))
				return bytesValue(string(b[:(n+7)/8]))
			},
			want: func(v debezium.Value) string {
				var b [8]byte
				copy(b[:], v.Bytes)
				return strconv.FormatUint(binary.LittleEndian.Uint64(b[:]), 10)
			},
		}
	}
	decimals := func(digits, scale int) trip {
		return trip{
			field: column("v", debezium.Bytes, connectDecimal, fmt.Sprintf("DECIMAL(%d,%d)", digits, scale), "scale", strconv.Itoa(scale)), read: "CAST(v AS CHAR)", key: true,
			edges: []debezium.Value{bytesValue("\x00")}, draw: func(r *rand.Rand) debezium.Value { return anyDecimal(r, digits) },
			want: func(v debezium.Value) string { return decimalOf(v.Bytes, scale) }, same: sameNumber,
		}
	}
	return map[string]trip{
		"tinyint":            ints("TINYINT", debezium.Int16, math.MinInt8, math.MaxInt8),
		"tinyint unsigned":   ints("TINYINT UNSIGNED", debezium.Int16, 0, math.MaxUint8),
		"smallint":           ints("SMALLINT", debezium.Int16, math.MinInt16, math.MaxInt16),
		"mediumint unsigned": ints("MEDIUMINT UNSIGNED", debezium.Int32, 0, 1<<24-1),
		"int":                ints("INT", debezium.Int32, math.MinInt32, math.MaxInt32),
		"int unsigned":       ints("INT UNSIGNED", debezium.Int64, 0, math.MaxUint32),
		"bigint": {
			field: column("v", debezium.Int64, "", "BIGINT"), read: "v", key: true, edges: []debezium.Value{intValue(math.MinInt64), intValue(math.MaxInt64)},
			draw: func(r *rand.Rand) debezium.Value { return intValue(int64(r.Uint64())) }, want: intOf,
		},
		"bigint unsigned as long": {
			field: column("v", debezium.Int64, "", "BIGINT UNSIGNED"), read: "v", key: true, edges: []debezium.Value{intValue(-1), intValue(math.MinInt64)},
			draw: func(r *rand.Rand) debezium.Value { return intValue(int64(r.Uint64())) },
			want: func(v debezium.Value) string { return strconv.FormatUint(uint64(v.Int), 10) },
		},
		"bool":           ints("BOOLEAN", debezium.Boolean, 0, 1),
		"bit(1)":         bits(1),
		"bit(9)":         bits(9),
		"bit(64)":        bits(64),
		"decimal(10,2)":  decimals(10, 2),
		"decimal(18,18)": decimals(18, 18),
		"decimal(20,0)":  decimals(20, 0),
		"decimal(38,10)": decimals(38, 10),
		"decimal(65,30)": decimals(65, 30),
		"decimal text": {
			field: column("v", debezium.String, "", "DECIMAL(40,20)"), read: "CAST(v AS CHAR)", key: true, edges: []debezium.Value{textValue("0E-10"), textValue("1E+5")},
			draw: func(r *rand.Rand) debezium.Value { return textValue(decimalOf(anyDecimal(r, 40).Bytes, 20)) },
			want: func(v debezium.Value) string {
				r, _ := new(big.Rat).SetString(string(v.Bytes))
				return r.FloatString(20)
			},
		},
		"year": {
			field: column("v", debezium.Int32, "io.debezium.time.Year", "YEAR"), read: "v+0", key: true, edges: []debezium.Value{intValue(0)},
			draw: func(r *rand.Rand) debezium.Value { return intValue(1901 + r.Int64N(255)) }, want: intOf,
		},
		"double": {
			field: column("v", debezium.Float64, "", "DOUBLE"), read: "v", key: true, same: sameFloat,
			edges: []debezium.Value{numberValue("0.0"), numberValue("1.7976931348623157E308"), numberValue("4.9E-324"), numberValue("-2.2250738585072014E-308"), numberValue("1.0E23"), numberValue("9007199254740993.0")},
			draw: func(r *rand.Rand) debezium.Value {
				f := math.Float64frombits(r.Uint64())
				for math.IsNaN(f) || math.IsInf(f, 0) {
					f = math.Float64frombits(r.Uint64())
				}
				return numberValue(strconv.FormatFloat(f, "gef"[r.IntN(2)], -1, 64))
			},
			want: func(v debezium.Value) string { return string(v.Bytes) },
		},
		"float": {
			field: column("v", debezium.Float32, "", "FLOAT"), read: "v+0e0", key: true, same: sameFloat,
			edges: []debezium.Value{numberValue("0.1"), numberValue("3.4028235E38"), numberValue("1.4E-45"), numberValue("16777217.0")},
			draw: func(r *rand.Rand) debezium.Value {
				f := math.Float32frombits(r.Uint32())
				for f != f || math.IsInf(float64(f), 0) {
					f = math.Float32frombits(r.Uint32())
				}
				return numberValue(strconv.FormatFloat(float64(f), 'g', -1, 32))
			},
			want: func(v debezium.Value) string {
				f, _ := strconv.ParseFloat(string(v.Bytes), 32)
				return strconv.FormatFloat(f, 'e', -1, 64)
			},
		},
	}
}

func textTrips() map[string]trip {
	text := func(source string, most int, key bool) trip {
		return trip{
			field: column("v", debezium.String, "", source), read: "HEX(v)", key: key,
			edges: []debezium.Value{textValue(""), textValue(strings.Repeat("😀", most)), textValue("' OR 1=1; --\x00"[:min(most, 13)])},
			draw:  func(r *rand.Rand) debezium.Value { return textValue(anyText(r, most)) }, want: hexOf,
		}
	}
	labels := func(logical, source, allowed string, values ...string) trip {
		return trip{
			field: column("v", debezium.String, logical, source, "allowed", allowed), read: "HEX(v)", key: true,
			draw: func(r *rand.Rand) debezium.Value { return textValue(values[r.IntN(len(values))]) }, want: hexOf,
		}
	}
	char := text("CHAR(20)", 20, true)
	char.draw = func(r *rand.Rand) debezium.Value { return textValue(strings.TrimRight(anyText(r, 20), " ")) }
	return map[string]trip{
		"char(20)":     char,
		"varchar(40)":  text("VARCHAR(40)", 40, true),
		"varchar(700)": text("VARCHAR(700)", 700, true),
		"tinytext":     text("TINYTEXT", 60, false),
		"longtext":     text("LONGTEXT", 3000, false),
		"enum": labels("io.debezium.data.Enum", "ENUM", `a,A,ä,b\,c,it's,back\\slash,"q",tab	x,😀,`,
			"a", "A", "ä", "b,c", "it's", `back\slash`, `"q"`, "tab\tx", "😀", ""),
		"enum in ascii": labels("io.debezium.data.Enum", "ENUM", "open,paid,it's", "open", "paid", "it's"),
		"set":           labels("io.debezium.data.EnumSet", "SET", `x,y,it's,back\\slash,ü`, "", "x", "x,y", `x,y,it's,back\slash,ü`, `it's,back\slash`),
		"json": {
			field: column("v", debezium.String, "io.debezium.data.Json", "JSON"), read: "CAST(v AS CHAR)", same: sameJSON,
			edges: []debezium.Value{textValue("null"), textValue(`{"n": 18446744073709551615, "m": -9223372036854775808}`), textValue(`"\u0000\u001a\\\"'"`)},
			draw: func(r *rand.Rand) debezium.Value {
				b, _ := json.Marshal(anyDocument(r, 4))
				return debezium.Value{Kind: debezium.Text, Bytes: b}
			},
			want: func(v debezium.Value) string { return string(v.Bytes) },
		},
	}
}

func binaryTrips() map[string]trip {
	of := func(source string, least, most int, key bool) trip {
		return trip{
			field: column("v", debezium.Bytes, "", source), read: "HEX(v)", key: key,
			draw: func(r *rand.Rand) debezium.Value { return bytesValue(anyBytes(r, least+r.IntN(most-least+1))) }, want: hexOf,
		}
	}
	wkb := func(r *rand.Rand) []byte {
		b := []byte{1, 2, 0, 0, 0, 2, 0, 0, 0} // a line of two points
		for range 4 {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Float64()*180-90))
		}
		return b
	}
	geometry := column("v", debezium.Struct, "io.debezium.data.geometry.Geometry", "GEOMETRY")
	geometry.Fields = []debezium.Field{{Name: "wkb", Type: debezium.Bytes}, {Name: "srid", Type: debezium.Int32, Optional: true}}
	shape := func(srids ...debezium.Value) func(r *rand.Rand) debezium.Value {
		return func(r *rand.Rand) debezium.Value {
			return debezium.Value{Kind: debezium.Members, Items: []debezium.Value{{Kind: debezium.Binary, Bytes: wkb(r)}, srids[r.IntN(len(srids))]}}
		}
	}
	srid := func(v debezium.Value) string { return fmt.Sprintf("%s %d", hexOf(v.Items[0]), v.Items[1].Int) }
	return map[string]trip{
		"binary(16)":    of("BINARY(16)", 16, 16, true),
		"varbinary(40)": of("VARBINARY(40)", 0, 40, true),
		"tinyblob":      of("TINYBLOB", 0, 255, false),
		"longblob":      of("LONGBLOB", 0, 5000, false),
		"geometry": {
			field: geometry, read: "CONCAT(HEX(ST_AsWKB(v,'axis-order=long-lat')),' ',ST_SRID(v))", mysql: true,
			edges: []debezium.Value{{Kind: debezium.Members, Items: []debezium.Value{bytesValue("\x01\x07\x00\x00\x00\x00\x00\x00\x00"), {Kind: debezium.Null}}}},
			draw:  shape(intValue(4326), intValue(0), intValue(3857), debezium.Value{Kind: debezium.Null}), want: srid,
		},
		"geometry without axes": {field: geometry, read: "CONCAT(HEX(ST_AsWKB(v)),' ',ST_SRID(v))", draw: shape(intValue(0), debezium.Value{Kind: debezium.Null}), want: srid},
		"vector": {
			field: column("v", debezium.Array, "io.debezium.data.FloatVector", "VECTOR(5)"), read: "HEX(v)", mysql: true,
			draw: func(r *rand.Rand) debezium.Value {
				v := debezium.Value{Kind: debezium.List}
				for range 1 + r.IntN(5) {
					v.Items = append(v.Items, numberValue(strconv.FormatFloat(float64(float32(r.NormFloat64())), 'g', -1, 32)))
				}
				return v
			},
			want: func(v debezium.Value) string {
				var b []byte
				for _, item := range v.Items {
					f, _ := strconv.ParseFloat(string(item.Bytes), 32)
					b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(f)))
				}
				return strings.ToUpper(hex.EncodeToString(b))
			},
		},
	}
}

func timeTrips() map[string]trip {
	const first, last = -62135596800000000, 253402300799999999 // years 1 to 9999
	trips := map[string]trip{
		"date": {
			field: column("v", debezium.Int32, "io.debezium.time.Date", "DATE"), read: "CAST(v AS CHAR)", key: true,
			edges: []debezium.Value{intValue(0), intValue(-719162), intValue(2932896)},
			draw:  func(r *rand.Rand) debezium.Value { return intValue(r.Int64N(2932896+719162) - 719162) },
			want:  func(v debezium.Value) string { return time.Unix(v.Int*86400, 0).UTC().Format("2006-01-02") },
		},
		"datetime(3)": {
			field: column("v", debezium.Int64, milliStamp, "DATETIME(3)"), read: "CAST(v AS CHAR)", key: true,
			draw: func(r *rand.Rand) debezium.Value { return intValue((first + r.Int64N(last-first)) / 1000) },
			want: func(v debezium.Value) string { return time.UnixMilli(v.Int).UTC().Format("2006-01-02 15:04:05.000") },
		},
		"datetime(6)": {
			field: column("v", debezium.Int64, microStamp, "DATETIME(6)"), read: "CAST(v AS CHAR)", key: true,
			edges: []debezium.Value{intValue(first), intValue(last), intValue(0), intValue(-1)},
			draw:  func(r *rand.Rand) debezium.Value { return intValue(first + r.Int64N(last-first)) },
			want:  func(v debezium.Value) string { return time.UnixMicro(v.Int).UTC().Format("2006-01-02 15:04:05.000000") },
		},
	}
	for digits := range 7 {
		unit := int64(math.Pow10(6 - digits))
		const most = 3020399000000
		trips[fmt.Sprintf("time(%d)", digits)] = trip{
			field: column("v", debezium.Int64, microTime, fmt.Sprintf("TIME(%d)", digits)), read: "CAST(v AS CHAR)", key: true,
			edges: []debezium.Value{intValue(most), intValue(-most), intValue(0), intValue(-unit)},
			draw:  func(r *rand.Rand) debezium.Value { return intValue((r.Int64N(2*most) - most) / unit * unit) },
			want:  func(v debezium.Value) string { return timeOfDay(v.Int, digits) },
		}
		layout := "2006-01-02 15:04:05.000000"[:19+min(digits, 1)+digits]
		trips[fmt.Sprintf("timestamp(%d)", digits)] = trip{
			field: column("v", debezium.String, zonedStamp, fmt.Sprintf("TIMESTAMP(%d)", digits)), read: "CAST(v AS CHAR)", key: true,
			edges: []debezium.Value{textValue("1970-01-01T00:00:01Z"), textValue("2038-01-19T03:14:07Z")},
			draw: func(r *rand.Rand) debezium.Value {
				at := time.UnixMicro((1e6 + r.Int64N(1<<31*1e6-1e6)) / unit * unit).In(time.FixedZone("", (r.IntN(27)-13)*3600))
				return textValue(at.Format("2006-01-02T15:04:05.999999999Z07:00"))
			},
			want: func(v debezium.Value) string {
				at, _ := time.Parse(time.RFC3339Nano, string(v.Bytes))
				return at.UTC().Format(layout)
			},
		}
	}
	return trips
}

// TestLiteralsRoundTrip writes values of every kind, edges and hundreds drawn at
// random, and reads back what was meant.
func TestLiteralsRoundTrip(t *testing.T) {
	eachTrip(t, false, func(t *testing.T, db *sql.DB, d schema.Dialect, trip trip, values []debezium.Value) {
		target, err := schema.TypeOf(&trip.field, d, false)
		require.NoError(t, err)
		encode, err := literal.For(&trip.field, target, d)
		require.NoError(t, err)
		execute(t, db, "DROP TABLE IF EXISTS trip", "CREATE TABLE trip (id INT PRIMARY KEY, v "+target.SQL(d)+" NULL)")
		insert := []byte("INSERT INTO trip VALUES ")
		for i := range values {
			insert = append(fmt.Appendf(insert, "(%d,", i), ""...)
			insert, err = encode(insert, &values[i])
			require.NoError(t, err, "value %d", i)
			insert = append(insert, "),"...)
		}
		insert = append(fmt.Appendf(insert, "(%d,", len(values)), "NULL)"...)
		_, err = db.Exec(string(insert))
		require.NoError(t, err)
		got := firstColumn(t, db, "SELECT "+trip.read+" FROM trip ORDER BY id")
		require.Len(t, got, len(values)+1)
		require.Equal(t, "NULL", got[len(values)])
		for i, v := range values {
			want := trip.want(v)
			if trip.same != nil {
				require.True(t, trip.same(want, got[i]), "value %d: wrote %q, read %q", i, want, got[i])
				continue
			}
			require.Equal(t, want, got[i], "value %d", i)
		}
	})
}

// TestLiteralsAsKeys makes a column of every kind the key, and deletes rows by
// their literals: each must find its row, through the index.
func TestLiteralsAsKeys(t *testing.T) {
	eachTrip(t, true, func(t *testing.T, db *sql.DB, d schema.Dialect, trip trip, values []debezium.Value) {
		key := trip.field
		want, err := schema.Derive("keyed", []debezium.Field{key}, []string{"v"}, schema.Options{Dialect: d})
		require.NoError(t, err)
		encode, err := literal.For(&key, want.Column("v").Type, d)
		require.NoError(t, err)
		execute(t, db, "DROP TABLE IF EXISTS keyed", want.CreateSQL(d))
		var tuples []string
		distinct := map[string]bool{}
		for i := range values {
			tuple, err := encode([]byte("('s',"), &values[i])
			require.NoError(t, err)
			if text := trip.want(values[i]); !distinct[text] {
				distinct[text] = true
				tuples = append(tuples, string(tuple)+")")
			}
		}
		all := strings.Join(tuples, ",")
		_, err = db.Exec("INSERT INTO keyed (store_id, v) VALUES " + all)
		require.NoError(t, err, "what differs in a store is not the same centrally")
		_, err = db.Exec("INSERT INTO keyed (store_id, v) SELECT CONCAT('other', n), v FROM keyed JOIN (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS n")
		require.NoError(t, err)
		execute(t, db, "ANALYZE TABLE keyed")

		two := strings.Join(tuples[:min(2, len(tuples))], ",")
		require.Equal(t, "PRIMARY", keyOf(t, db, "SELECT * FROM keyed WHERE (store_id, v) IN ("+two+")"), "deletes must not read the whole table")
		result, err := db.Exec("DELETE FROM keyed WHERE (store_id, v) IN (" + all + ")")
		require.NoError(t, err)
		deleted, err := result.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, len(tuples), int(deleted))
		require.Equal(t, []string{strconv.Itoa(3 * len(tuples))}, firstColumn(t, db, "SELECT COUNT(*) FROM keyed"), "the other stores keep theirs")
	})
}

// keyOf is the index a query uses.
func keyOf(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query("EXPLAIN " + query)
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	values := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(into...))
		for i, name := range names {
			if name == "key" && values[i].Valid {
				return values[i].String
			}
			if name == "EXPLAIN" && strings.Contains(values[i].String, "PRIMARY") {
				return "PRIMARY"
			}
		}
	}
	require.NoError(t, rows.Err())
	return ""
}

// eachTrip runs a test with every trip on every server.
func eachTrip(t *testing.T, keys bool, test func(t *testing.T, db *sql.DB, d schema.Dialect, trip trip, values []debezium.Value)) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		d := catalog(t, db).Dialect()
		for _, trips := range []map[string]trip{numberTrips(), textTrips(), binaryTrips(), timeTrips()} {
			for name, trip := range trips {
				if keys && !trip.key || trip.mysql && d.MariaDB {
					continue
				}
				t.Run(name, func(t *testing.T) {
					seed := uint64(time.Now().UnixNano())
					t.Logf("seed %d", seed)
					r := rand.New(rand.NewPCG(seed, seed))
					values := append([]debezium.Value(nil), trip.edges...)
					for range drawn {
						values = append(values, trip.draw(r))
					}
					test(t, db, d, trip, values)
				})
			}
		}
	})
}

// TestLiteralsOfARealEvent writes the row of every type that a real connector
// read from a snapshot, and the one it read from the binary log: they are the
// same row.
func TestLiteralsOfARealEvent(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c := catalog(t, db)
		columns, row := everyType(t)
		want, err := schema.Derive("every_type", columns, []string{"id"}, schema.Options{Dialect: c.Dialect()})
		require.NoError(t, err)
		execute(t, db, want.CreateSQL(c.Dialect()))
		for _, file := range []string{"prod.0001.s0001.every_type.000.r.value", "prod.0001.s0001.every_type.001.c.value"} {
			insert := []byte("INSERT INTO every_type VALUES ('s'")
			values := row(file)
			for i := range columns {
				encode, err := literal.For(&columns[i], want.ForField(columns[i].Name).Type, c.Dialect())
				require.NoError(t, err)
				insert, err = encode(append(insert, ','), &values[i])
				require.NoError(t, err, columns[i].Name)
			}
			execute(t, db, string(insert)+",NULL,NULL,NULL)")
		}
		for i := range columns {
			name := columns[i].Name
			if name == "id" {
				continue
			}
			read := map[string]string{"ge": "HEX(ge)", "po": "HEX(po)", "bit9": "bit9+0", "bit64": "bit64+0", "bit1": "bit1+0", "bi": "HEX(bi)", "vb": "HEX(vb)"}[name]
			if read == "" {
				read = "CAST(" + name + " AS CHAR)"
			}
			got := firstColumn(t, db, "SELECT "+read+" FROM every_type ORDER BY id")
			if name == "js" {
				require.True(t, sameJSON(got[0], got[1]))
				continue
			}
			require.Equal(t, got[0], got[1], name)
			wanted, known := map[string]string{
				"l2": "18446744073709551615", "d1": "-123456789012345.67891", "d2": "12345678901234567890123456789012345.123456789012345678901234567890",
				"d3": "-99999", "f4": "1234.56", "bit1": "1", "bit9": "341", "bit64": "9223372036854775809", "v1": `grüße 😀 "q" \`, "bi": "00010000", "vb": "0102FF",
				"e1": "b,c", "st": "x,y", "da": "2024-02-29", "ti": "-838:59:59", "ti3": "23:59:59.125", "ti6": "-00:00:00.000001", "dt": "2024-02-29 23:59:59",
				"dt3": "1000-01-01 00:00:00.001", "dt6": "9999-12-31 23:59:59.999999", "ts": "2038-01-19 03:14:07", "ts3": "1970-01-01 00:00:01.500",
				"ts6": "2024-06-01 12:00:00.123456", "ye": "2024", "em": "NULL", "po": "000000000101000000000000000000F03F0000000000000040",
			}[name]
			if known {
				require.Equal(t, wanted, got[0], name)
			}
		}
	})
}

// TestJSONKeepsDecimals writes the documents MySQL made with SQL functions, as
// they arrive from a snapshot and from the binary log.
func TestJSONKeepsDecimals(t *testing.T) {
	dsn, _ := ownDatabase(t, central(t))
	db := session(t, dsn)
	const made = "JSON_OBJECT('a', 1.10, 'b', CAST(12345678901234567890.123456789 AS DECIMAL(40,10)), 'c', 1e22, 'd', 18446744073709551615, " +
		"'e', JSON_ARRAY(NULL, TRUE, 'it''s \"q\" \\\\ ü', JSON_OBJECT(), -0.123456789012345678901234567890, 0.1e0, 123456789012345678901234567890123456789012345678901234567890.12345))"
	execute(t, db, "CREATE TABLE made (id INT PRIMARY KEY, j JSON)", "INSERT INTO made VALUES (0, "+made+")")
	var document string
	require.NoError(t, db.QueryRow("SELECT CAST(j AS CHAR) FROM made").Scan(&document))
	d := catalog(t, db).Dialect()
	field := column("v", debezium.String, "io.debezium.data.Json", "JSON")
	encode, err := literal.For(&field, schema.Type{Base: schema.JSON}, d)
	require.NoError(t, err)
	for i, sent := range []string{document, strings.ReplaceAll(strings.ReplaceAll(document, ": ", ":"), "1e22", "10000000000000000000000")} {
		v := textValue(sent)
		insert, err := encode(fmt.Appendf(nil, "INSERT INTO made VALUES (%d,", i+1), &v)
		require.NoError(t, err)
		execute(t, db, string(insert)+")")
	}
	require.Equal(t, []string{"1", "1", "1"}, firstColumn(t, db, "SELECT j = (SELECT j FROM made WHERE id = 0) FROM made ORDER BY id"))
	require.Equal(t, []string{"DECIMAL", "DECIMAL", "DECIMAL"}, firstColumn(t, db, "SELECT JSON_TYPE(j->'$.b') FROM made ORDER BY id"))
	require.Equal(t, []string{"12345678901234567890.1234567890"}, firstColumn(t, db, "SELECT DISTINCT CAST(j->'$.b' AS CHAR) FROM made"))
}

// TestServersWouldChangeValuesSilently pins why the encoders check so much: even
// a strict server takes these and keeps something else.
func TestServersWouldChangeValuesSilently(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		for i, c := range []struct{ column, value, kept string }{
			{"DECIMAL(5,2)", "1.005", "1.01"},
			{"VARCHAR(3)", "'ab     '", "ab "},
			{"CHAR(3)", "'ab '", "ab"},
			{"BINARY(2)", "x'01'", "\x01\x00"},
			{"ENUM('a')", "'A'", "a"},
			{"FLOAT", "0.123456789", "0.123457"},
			{"YEAR", "69", "2069"},
		} {
			table := fmt.Sprintf("silent%d", i)
			execute(t, db, "CREATE TABLE "+table+" (v "+c.column+") DEFAULT CHARSET utf8mb4", "INSERT INTO "+table+" VALUES ("+c.value+")")
			require.Equal(t, []string{c.kept}, firstColumn(t, db, "SELECT v FROM "+table), c.column)
		}
		// And this is what the session's sql_mode is for.
		execute(t, db, "CREATE TABLE zero (d DATE, dt DATETIME(6), ts TIMESTAMP NULL)",
			"INSERT INTO zero VALUES ('0000-00-00', '0000-00-00 00:00:00.000000', '0000-00-00 00:00:00'), ('2026-02-31', '2024-00-10 12:13:14.123456', NULL)")
		require.Equal(t, []string{"0000-00-00", "2026-02-31"}, firstColumn(t, db, "SELECT CAST(d AS CHAR) FROM zero ORDER BY 1"))
		for column, value := range map[string]string{"d": "'2026-02-32'", "dt": "'2026-13-01 00:00:00'", "ts": "'1970-01-01 00:00:00'"} {
			_, err := db.Exec("INSERT INTO zero (" + column + ") VALUES (" + value + ")")
			require.ErrorContains(t, err, "1292", column)
		}
	})
}
