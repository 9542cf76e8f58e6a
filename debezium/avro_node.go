package debezium

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strconv"
)

// avroKind is how a value stands in a body.
type avroKind uint8

const (
	avroBoolean avroKind = iota + 1
	avroInt
	avroLong
	avroFloat
	avroDouble
	avroBytes
	avroString
	avroFixed
	avroEnum
	avroArray
	avroMap
	avroRecord
)

// avroKinds are the kinds that have a word of their own (Avro specification,
// "Primitive Types"), and the Connect type of each
// (io.confluent.connect.avro.AvroData, of which Apicurio's is a copy).
var avroKinds = map[string]struct {
	kind avroKind
	is   Type
}{
	"boolean": {avroBoolean, Boolean}, "int": {avroInt, Int32}, "long": {avroLong, Int64},
	"float": {avroFloat, Float32}, "double": {avroDouble, Float64},
	"bytes": {avroBytes, Bytes}, "string": {avroString, String}, "fixed": {avroFixed, Bytes}, "enum": {avroEnum, String},
	"array": {avroArray, Array}, "map": {avroMap, Map}, "record": {avroRecord, Struct},
}

// avroNode is a Field made ready for reading Avro: what stands in the body there.
// A body holds nothing else, so that there is nothing to look for.
type avroNode struct {
	field *Field
	kind  avroKind
	// optional says that a branch of a union comes first: null is the byte of
	// the one that is null, the other byte is the other.
	optional bool
	null     byte
	size     int // of a number or fixed, in bytes
	members  []avroNode
	item     *avroNode
	symbols  [][]byte
	// weight is of how many values it consists if its lists have one each, and
	// depth how deep they nest.
	weight, depth int
}

// contains counts a part in.
func (n *avroNode) contains(part *avroNode) {
	n.weight = min(n.weight+part.weight, maxFields+1)
	n.depth = max(n.depth, part.depth+1)
}

// avroAttributes are the attributes of a schema node that are of use.
type avroAttributes struct {
	Type      string            `json:"type"`
	Name      string            `json:"name"`
	Namespace *string           `json:"namespace"`
	Fields    []avroField       `json:"fields"`
	Items     json.RawMessage   `json:"items"`
	Values    json.RawMessage   `json:"values"`
	Symbols   []string          `json:"symbols"`
	Size      int               `json:"size"`
	Logical   string            `json:"logicalType"`
	Scale     int               `json:"scale"`
	Precision int               `json:"precision"`
	Connect   string            `json:"connect.name"`
	Narrow    string            `json:"connect.type"`
	Default   json.RawMessage   `json:"connect.default"`
	More      map[string]string `json:"connect.parameters"`
}

// avroField is a member of a record.
type avroField struct {
	Name    string          `json:"name"`
	Type    json.RawMessage `json:"type"`
	Default json.RawMessage `json:"default"`
}

// describe says in Connect's terms what the value is: converters put the name,
// the parameters and the narrower integers into attributes of their own, other
// writers use Avro's logical types.
func (a *avroAttributes) describe(f *Field) {
	f.Logical = a.Connect
	if len(a.More) > 0 {
		f.Parameters = a.More
	}
	switch {
	case a.Narrow == Int16.String() && f.Type == Int32:
		f.Type = Int16
	case a.Narrow == Int8.String() && f.Type == Int32:
		f.Type = Int8
	}
	if f.Logical == "" {
		f.Logical = avroLogical[f.Type.String()+" "+a.Logical]
	}
	if _, known := f.Parameters["scale"]; f.Logical == connectDecimal && !known {
		f.Parameters = maps.Clone(f.Parameters)
		if f.Parameters == nil {
			f.Parameters = make(map[string]string, 2)
		}
		f.Parameters["scale"] = strconv.Itoa(a.Scale)
		f.Parameters["connect.decimal.precision"] = strconv.Itoa(a.Precision)
	}
	if f.Type != Bytes { // whose bytes converters have spelt in more than one way here
		f.Default = connectDefault(f.Type, a.Default)
	}
}

// avroLogical are Connect's names for Avro's logical types, where it has one.
var avroLogical = map[string]string{
	"bytes decimal":          connectDecimal,
	"int32 date":             "org.apache.kafka.connect.data.Date",
	"int32 time-millis":      "org.apache.kafka.connect.data.Time",
	"int64 timestamp-millis": "org.apache.kafka.connect.data.Timestamp",
}

// connectDefault spells a default as JsonConverter does, nil if there is none.
// Avro writes bytes as a string of the characters U+0000 to U+00FF.
func connectDefault(t Type, text json.RawMessage) []byte {
	switch {
	case len(text) == 0, string(text) == "null", t == Struct, t == Array, t == Map:
		return nil
	case t != Bytes:
		return text
	}
	var characters string
	if json.Unmarshal(text, &characters) != nil {
		return nil
	}
	var raw []byte
	for _, c := range characters {
		if c > 0xff {
			return nil
		}
		raw = append(raw, byte(c))
	}
	quoted := append([]byte{'"'}, base64.StdEncoding.EncodeToString(raw)...)
	return append(quoted, '"')
}
