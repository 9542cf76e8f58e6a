package probe

import (
	"fmt"
	"regexp"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Quiet keeps librdkafka from writing to standard error: what matters of its log
// is in what [Why] returns.
func Quiet(properties kafka.ConfigMap) {
	properties["go.logs.channel.enable"] = false
	properties["log_level"] = 0
}

// Client is a consumer nobody else polls while it is asked.
type Client interface {
	Poll(timeoutMs int) kafka.Event
}

// Why returns the error of a request with what the client has met meanwhile, nil
// for nil.
func Why(client Client, err error) error {
	if err == nil {
		return nil
	}
	return Because(err, Met(client))
}

// counted is how long librdkafka tried and how often it met the same.
var counted = regexp.MustCompile(` \(after \d+ms in state .*\)$`)

// Met returns what last kept a client from a broker, empty if nothing did. What a
// client meets again and again it says once in half a minute: who asks more often
// has to remember the answer.
func Met(client Client) string {
	met := ""
	for event := client.Poll(0); event != nil; event = client.Poll(0) {
		// That all brokers are down says less than why one of them is.
		if broken, ok := event.(kafka.Error); ok && broken.Code() != kafka.ErrAllBrokersDown {
			met = counted.ReplaceAllString(broken.Error(), "")
		}
	}
	return met
}

// Because returns an error with what [Met] has returned.
func Because(err error, met string) error {
	if met == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, met)
}
