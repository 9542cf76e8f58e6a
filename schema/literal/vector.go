package literal

import (
	"encoding/binary"
	"math"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
)

// vectorEncoder writes vectors as the 32-bit floats they are, which MySQL and
// MariaDB keep in little-endian order, or as a JSON array where the server has
// no type for them.
func vectorEncoder(t *task) (encode, error) {
	switch t.target.Kind() {
	case schema.VectorKind:
		return vectorBytes(t), nil
	case schema.JSONKind:
		return vectorText(room{}), nil
	case schema.TextKind:
		return vectorText(t.room()), nil
	}
	return nil, errNoWay
}

func vectorBytes(t *task) encode {
	most, exactly := t.target.Length, t.dialect.MariaDB
	long := flawf("the vector does not have the number of entries of %s", t.target)
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.List {
			return dst, flawKind
		}
		if len(v.Items) == 0 || len(v.Items) > most || exactly && len(v.Items) != most {
			return dst, long
		}
		dst = append(dst, 'x', '\'')
		for i := range v.Items {
			f, flaw := entry(&v.Items[i])
			if flaw != nil {
				return dst, flaw
			}
			var four [4]byte
			binary.LittleEndian.PutUint32(four[:], math.Float32bits(f))
			dst = appendHexDigits(dst, four[:])
		}
		return append(dst, '\''), nil
	}
}

func entry(v *debezium.Value) (float32, *flaw) {
	if v.Kind == debezium.Int {
		return float32(v.Int), nil
	}
	if v.Kind == debezium.Text {
		return 0, flawNotFinite
	}
	if v.Kind != debezium.Number {
		return 0, flawKind
	}
	f, err := strconv.ParseFloat(string(v.Bytes), 32)
	if err != nil {
		return 0, parseFlaw(err)
	}
	return float32(f), nil
}

func vectorText(r room) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.List {
			return dst, flawKind
		}
		start := len(dst) + 1
		dst = append(dst, '\'', '[')
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			f, flaw := entry(&v.Items[i])
			if flaw != nil {
				return dst, flaw
			}
			dst = strconv.AppendFloat(dst, float64(f), 'g', -1, 32)
		}
		dst = append(dst, ']')
		if flaw := r.flaw(dst[start:]); flaw != nil {
			return dst, flaw
		}
		return append(dst, '\''), nil
	}
}
