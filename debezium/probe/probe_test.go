package probe

import (
	"errors"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"
)

// TestWhy asks where nobody listens.
func TestWhy(t *testing.T) {
	properties := kafka.ConfigMap{"bootstrap.servers": "127.0.0.1:1", "group.id": "g"}
	Quiet(properties)
	consumer, err := kafka.NewConsumer(&properties)
	require.NoError(t, err)
	defer func() { require.NoError(t, consumer.Close()) }()
	require.NoError(t, Why(consumer, nil))
	_, err = consumer.GetMetadata(nil, true, 1000)
	err = Why(consumer, err)
	var broken kafka.Error
	require.ErrorAs(t, err, &broken)
	require.ErrorContains(t, err, "127.0.0.1:1 failed: Connection refused")
	require.NotContains(t, err.Error(), "in state")
}

type events []kafka.Event

func (e *events) Poll(int) kafka.Event {
	if len(*e) == 0 {
		return nil
	}
	first := (*e)[0]
	*e = (*e)[1:]
	return first
}

func TestWhyNamesTheBroker(t *testing.T) {
	late := errors.New("timed out")
	require.EqualError(t, Why(&events{}, late), "timed out")
	require.EqualError(t, Why(&events{
		kafka.NewError(kafka.ErrAuthentication, "kafka-1:9093: SASL authentication error: invalid credentials (after 311ms in state AUTH_REQ, 4 identical error(s) suppressed)", false),
		kafka.NewError(kafka.ErrAllBrokersDown, "1/1 brokers are down", false),
	}, late), "timed out: kafka-1:9093: SASL authentication error: invalid credentials")
}
