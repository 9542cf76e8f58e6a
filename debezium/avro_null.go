package debezium

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"sync/atomic"
)

// standIn is the default of an optional column, which Apicurio's AvroConverter,
// and Confluent's without ignore.default.for.nullables=true, write in the place of
// a null (org.apache.kafka.connect.data.Struct.get). Nothing in the event tells
// the two apart, but where a null arrives the converter is one that keeps them.
type standIn struct {
	value Value
	kept  atomic.Bool
}

// StandsForNull says whether there are values of the field that may have been
// null in the store, and [Field.MayBeNull] which.
func (f *Field) StandsForNull() bool { return f.standIn != nil }

// MayBeNull says whether the value may have been null in the store: it is the
// column's default, and its converter is not known to keep nulls.
func (f *Field) MayBeNull(v *Value) bool {
	s := f.standIn
	return s != nil && v.Kind == s.value.Kind && v.Int == s.value.Int && bytes.Equal(v.Bytes, s.value.Bytes) && !s.kept.Load()
}

// newStandIn reads the default of a field that may be null; nil where it has none.
func newStandIn(f *Field) *standIn {
	if !f.Optional || f.Default == nil {
		return nil
	}
	s := &standIn{}
	var text string
	switch f.Type {
	case Int8, Int16, Int32, Int64:
		n, err := strconv.ParseInt(string(f.Default), 10, 64)
		if err != nil {
			return nil
		}
		s.value = Value{Kind: Int, Int: n}
	case Boolean:
		s.value = Value{Kind: Bool}
		if string(f.Default) == "true" {
			s.value.Int = 1
		}
	case Float32, Float64:
		size := map[Type]int{Float32: 32, Float64: 64}[f.Type]
		n, err := strconv.ParseFloat(string(f.Default), size)
		if err != nil {
			return nil
		}
		s.value = Value{Kind: Number, Bytes: strconv.AppendFloat(nil, n, 'g', -1, size)}
	case String, Bytes:
		if json.Unmarshal(f.Default, &text) != nil {
			return nil
		}
		s.value = Value{Kind: Text, Bytes: []byte(text)}
		if f.Type == Bytes {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil
			}
			s.value = Value{Kind: Binary, Bytes: raw}
		}
	default:
		return nil
	}
	return s
}
