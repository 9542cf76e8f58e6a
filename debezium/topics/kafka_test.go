package topics

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestKafkaAway says who does not answer, and what to look at.
func TestKafkaAway(t *testing.T) {
	admin, err := Dial("127.0.0.1:1", map[string]string{"security.protocol": "plaintext"})
	require.NoError(t, err)
	defer admin.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = admin.Topics(ctx)
	require.ErrorContains(t, err, "Kafka at 127.0.0.1:1 does not answer")
	require.ErrorContains(t, err, "Connection refused")
	require.ErrorContains(t, err, "kafka.brokers in the inventory")
	_, err = Dial("127.0.0.1:1", map[string]string{"security.protocoll": "SSL"})
	require.ErrorContains(t, err, "security.protocoll")
}
