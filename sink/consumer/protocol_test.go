package consumer

import (
	"errors"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"
)

// Kafka may refuse the protocol, or not know it: there is another where nobody has
// chosen. Any other fatal error is the client's end.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		code   kafka.ErrorCode
		choice bool
		want   bool
	}{
		{"switched off", kafka.ErrUnsupportedVersion, true, true},
		{"not known", kafka.ErrUnsupportedFeature, true, true},
		{"the group has members of the classic one", kafka.ErrGroupIDNotFound, true, true},
		{"chosen", kafka.ErrUnsupportedVersion, false, false},
		{"another error", kafka.ErrGroupAuthorizationFailed, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &client{shared: &shared{}}
			if test.choice {
				c.joining.since = time.Now()
			}
			err := c.fatal(kafka.NewError(test.code, "no", true))
			require.Equal(t, test.want, errors.Is(err, errRefused))
			var reason kafka.Error
			require.ErrorAs(t, err, &reason)
		})
	}
}

// Kafka may lose the group of a member: there is no other protocol to go on by.
func TestForgotten(t *testing.T) {
	for _, choice := range []bool{true, false} {
		c := &client{shared: &shared{}}
		if choice {
			c.joining.since = time.Now()
		}
		c.outside.topic = "t"
		err := c.fatal(kafka.NewError(kafka.ErrGroupIDNotFound, "no", true))
		require.ErrorIs(t, err, errForgotten)
		require.NotErrorIs(t, err, errRefused)
		require.NotErrorIs(t, c.fatal(kafka.NewError(kafka.ErrUnsupportedVersion, "no", true)), errForgotten)
	}
}

// Brokers that do not know the protocol say nothing: a client that was given
// nothing for long takes that for a no, if Kafka is there at all.
func TestIgnored(t *testing.T) {
	begun := time.Now()
	ask := func(c *client, after time.Duration) bool {
		answer := c.ignored(t.Context(), begun.Add(after))
		c.aside.Wait() // for Kafka's answer
		return answer
	}
	ignored := func(facts facts) *client {
		c := &client{shared: &shared{}, facts: facts, source: &fetcher{}}
		c.joining.since = begun
		return c
	}
	c := ignored(topics{})
	require.False(t, ask(c, joinPatience-1))
	require.False(t, ask(c, joinPatience), "Kafka is asked")
	require.True(t, ask(c, joinPatience+1))

	c = ignored(awayFacts{})
	require.False(t, ask(c, joinPatience))
	require.False(t, ask(c, 10*joinPatience), "Kafka is away")
	c.facts = topics{}
	require.False(t, ask(c, 20*joinPatience))
	require.True(t, ask(c, 20*joinPatience+1))

	c = ignored(topics{})
	require.False(t, ask(c, joinPatience))
	c.given.Store(true) // another client of the process, say
	require.False(t, ask(c, 2*joinPatience))

	c = ignored(topics{})
	f := &fetcher{member: true} // without partitions
	c.source = f
	require.False(t, ask(c, joinPatience))
	require.False(t, ask(c, 2*joinPatience))
	f.member = false // its session ended, say
	require.False(t, ask(c, 3*joinPatience))
	require.False(t, ask(c, 4*joinPatience))

	c = &client{shared: &shared{}, facts: topics{}} // without a choice
	require.False(t, ask(c, joinPatience))
	require.False(t, ask(c, 2*joinPatience))
}
