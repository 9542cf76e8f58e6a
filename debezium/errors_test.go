package debezium

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLabelsAndHints(t *testing.T) {
	labels := map[string]bool{}
	for _, err := range []error{
		ErrEmpty, ErrNullPayload, ErrNoSchema, ErrNotEnvelope, ErrNotStruct, ErrNotSchemaChange, ErrAvro, ErrNotJSON, ErrTooLarge,
		ErrNoID, ErrUnknownSchema, ErrSchemaAwaited, &SchemaError{Path: "after.total", Reason: "is part of itself"},
		&MalformedError{Path: "payload.after.id", Offset: 12, Reason: outOfRange},
	} {
		wrapped := fmt.Errorf("reading prod.0047.shop.orders: %w", err)
		label := Label(wrapped)
		require.Regexp(t, `^[a-z_]+$`, label)
		require.NotEqual(t, "other", label)
		require.False(t, labels[label], label)
		labels[label] = true
		require.Equal(t, Hint(err), Hint(wrapped))
		require.NotEmpty(t, Hint(err))
		require.NotEmpty(t, err.Error())
	}
	require.Equal(t, "other", Label(errors.New("x")))
	require.Equal(t, "other", Label(nil))
	require.Empty(t, Hint(errors.New("x")))
	require.EqualError(t, &MalformedError{Path: "payload.after.id", Offset: 12, Reason: outOfRange},
		"payload.after.id at byte 12: number is out of the declared type's range")
}

// The remedies name what is to be changed.
func TestHintsNameTheSetting(t *testing.T) {
	for err, setting := range map[error]string{
		ErrNoSchema:    "value.converter.schemas.enable=true",
		ErrNotEnvelope: "io.debezium.transforms.ExtractNewRecordState",
		ErrAvro:        "TRIBUTARY_REGISTRY_URL",
		ErrNotJSON:     "org.apache.kafka.connect.json.JsonConverter",
		ErrEmpty:       "tombstones.on.delete=false",
	} {
		require.Contains(t, Hint(err), setting)
	}
}
