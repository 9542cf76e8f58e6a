package literal_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

var (
	mysql9    = schema.Dialect{Major: 9, Minor: 7, Patch: 4}
	mariadb10 = schema.Dialect{MariaDB: true, Major: 10, Minor: 11, Patch: 18}
	mariadb11 = schema.Dialect{MariaDB: true, Major: 11, Minor: 8, Patch: 2}
)

// f is a field. Source is the propagated type, "" for none, with its length
// and scale in the notation of DDL: "DECIMAL(10,2)".
func f(t debezium.Type, logical, source string, parameters ...string) *debezium.Field {
	field := &debezium.Field{Name: "c", Type: t, Logical: logical, Optional: true, Parameters: map[string]string{}}
	for i := 0; i < len(parameters); i += 2 {
		field.Parameters[parameters[i]] = parameters[i+1]
	}
	if source != "" {
		field.Parameters["__debezium.source.column.type"] = source
	}
	return field
}

// required makes a field NOT NULL.
func required(field *debezium.Field) *debezium.Field {
	field.Optional = false
	return field
}

func parse(t testing.TB, text string) schema.Type {
	t.Helper()
	parsed, err := schema.ParseType(text)
	require.NoError(t, err)
	if parsed.Kind() == schema.TextKind {
		parsed.Charset = "utf8mb4"
	}
	return parsed
}

func number(v int64) debezium.Value   { return debezium.Value{Kind: debezium.Int, Int: v} }
func boolean(v int64) debezium.Value  { return debezium.Value{Kind: debezium.Bool, Int: v} }
func decimal(s string) debezium.Value { return debezium.Value{Kind: debezium.Number, Bytes: []byte(s)} }

func text(s string) debezium.Value { return debezium.Value{Kind: debezium.Text, Bytes: []byte(s)} }

func binary(s string) debezium.Value          { return debezium.Value{Kind: debezium.Binary, Bytes: []byte(s)} }
func null() debezium.Value                    { return debezium.Value{Kind: debezium.Null} }
func list(v ...debezium.Value) debezium.Value { return debezium.Value{Kind: debezium.List, Items: v} }

func members(v ...debezium.Value) debezium.Value {
	return debezium.Value{Kind: debezium.Members, Items: v}
}

// row is one value and what becomes of it: a literal, or the reason why not
// with a '!' before it.
type row struct {
	v    debezium.Value
	want string
}

// check encodes the values of a field for a column.
func check(t *testing.T, field *debezium.Field, target string, rows ...row) {
	t.Helper()
	checkOn(t, mysql9, field, parse(t, target), rows...)
}

func checkOn(t *testing.T, d schema.Dialect, field *debezium.Field, target schema.Type, rows ...row) {
	t.Helper()
	encode, err := literal.For(field, target, d)
	require.NoError(t, err)
	for i, r := range append(rows, row{null(), "NULL"}, row{debezium.Value{}, "NULL"}) {
		where := field.Logical + " to " + target.String() + ", value " + strconv.Itoa(i)
		got, err := encode([]byte("before,"), &r.v)
		if reason, refused := cutReason(r.want); refused {
			var flaw *literal.DataError
			require.ErrorAs(t, err, &flaw, where)
			require.ErrorContains(t, err, reason, where)
			require.Equal(t, field.Name, flaw.Column)
			require.Equal(t, "before,", string(got), "%s: a refused value leaves nothing behind", where)
			continue
		}
		require.NoError(t, err, where)
		require.Equal(t, "before,"+r.want, string(got), where)
	}
}

func cutReason(want string) (string, bool) {
	if want != "" && want[0] == '!' {
		return want[1:], true
	}
	return "", false
}

// refuses says that no value of a field can go to a column.
func refuses(t *testing.T, field *debezium.Field, target, reason string) {
	t.Helper()
	_, err := literal.For(field, parse(t, target), mysql9)
	var refused *literal.FieldError
	require.ErrorAs(t, err, &refused, target)
	require.ErrorContains(t, err, reason)
	require.ErrorContains(t, err, `column "c": no exact way to write it to a column of type `+target)
}
