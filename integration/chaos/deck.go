package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// kind is a kind of fault.
type kind struct {
	name string
	// target is what it strikes. Two faults that strike the same are never
	// dealt together.
	target string
	// weight is how often it lies in the deck.
	weight int
	// least and most bound how long it is held.
	least, most time.Duration
	// strike makes the fault, holds it and heals it. When the context ends
	// it is healed at once.
	strike func(ctx context.Context, c *Chaos, f fault) error
}

// fault is one fault as it was dealt: all that is left to chance is drawn
// before it strikes, so that a seed gives the same faults again.
type fault struct {
	*kind
	hold time.Duration
	pick int // chooses a replica or a store
}

func (f fault) String() string { return fmt.Sprintf("%s (%.1f s)", f.name, f.hold.Seconds()) }

func kinds() []*kind {
	const s = time.Second
	return []*kind{
		{"replica killed", "replicas", 3, 0, 3 * s, killReplica},
		// Longer than Kafka's session and the central one.
		{"replica frozen", "replicas", 3, 9 * s, 13 * s, freezeReplica},
		{"replicas rolled", "replicas", 2, 0, 2 * s, rollReplicas},
		{"replica added", "replicas", 1, 4 * s, 8 * s, addReplica},
		{"rebalance storm", "replicas", 1, 0, 1 * s, stormReplicas},

		{"central killed", "central", 2, 0, 4 * s, killCentral},
		{"central restarted", "central", 1, 0, 2 * s, restartCentral},
		{"central set back", "central", 1, 2 * s, 6 * s, setBackCentral},
		{"central frozen", "central", 2, 3 * s, 9 * s, freezeCentral},
		{"central disk full", "central", 2, 2 * s, 6 * s, fillDisk},
		{"central read-only", "central", 1, 2 * s, 6 * s, readOnlyCentral},
		{"central rows locked", "central", 2, 3 * s, 9 * s, lockRows},
		{"ledger row locked", "central", 1, 3 * s, 9 * s, lockLedger},

		{"broker killed", "kafka", 1, 0, 3 * s, killBroker},
		{"broker restarted", "kafka", 1, 0, 1 * s, restartBroker},
		{"broker frozen", "kafka", 1, 3 * s, 9 * s, freezeBroker},
		{"Connect restarted", "connect", 1, 0, 1 * s, restartConnect},
		{"Connect killed", "connect", 2, 0, 2 * s, killConnect},
		{"poison", "kafka", 2, 0, 1 * s, poison},

		{"central cut off", "central network", 1, 2 * s, 8 * s, central(cut)},
		{"central unreachable", "central network", 1, 3 * s, 12 * s, central(stall)},
		{"central half-open", "central network", 2, 1 * s, 3 * s, central(strand)},
		{"central slow", "central network", 1, 3 * s, 8 * s, central(slow)},
		{"Kafka cut off", "Kafka network", 1, 2 * s, 9 * s, kafka(cut)},
		{"Kafka unreachable", "Kafka network", 1, 3 * s, 12 * s, kafka(stall)},
		{"Kafka half-open", "Kafka network", 2, 1 * s, 3 * s, kafka(strand)},
		{"Kafka slow", "Kafka network", 1, 3 * s, 8 * s, kafka(slow)},
	}
}

// together is how many of a hundred rounds have two faults at once.
const together = 30

// deal draws the faults of one round.
func (c *Chaos) deal() []fault {
	faults := []fault{c.draw("")}
	if c.dice.IntN(100) < together && c.targets() > 1 {
		faults = append(faults, c.draw(faults[0].target))
	}
	return faults
}

// draw takes the next card that does not strike the given target, and draws
// the rest of it. The deck is shuffled again when all its cards were dealt: each
// kind has its turn.
func (c *Chaos) draw(not string) fault {
	for i := 0; ; i++ {
		if i == len(c.deck) {
			c.deck = append(c.deck, c.shuffled()...)
		}
		if k := c.deck[i]; k.target != not {
			c.deck = append(c.deck[:i:i], c.deck[i+1:]...)
			return fault{kind: k, hold: k.least + time.Duration(c.dice.Int64N(int64(k.most-k.least)+1)), pick: c.dice.IntN(1000)}
		}
	}
}

// targets is how many different ones the deck strikes.
func (c *Chaos) targets() int {
	found := map[string]bool{}
	for _, k := range c.cards() {
		found[k.target] = true
	}
	return len(found)
}

func (c *Chaos) shuffled() []*kind {
	deck := c.cards()
	c.dice.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return deck
}

// anyCards makes sure that there is something to deal.
func (c *Chaos) anyCards() error {
	if len(c.cards()) == 0 {
		return fmt.Errorf("there are no faults named %q here", c.options.Only)
	}
	return nil
}

// cards are all those of a deck.
func (c *Chaos) cards() []*kind {
	var deck []*kind
	for _, k := range kinds() {
		if only := c.options.Only; len(only) > 0 && !slices.Contains(only, k.name) {
			continue
		}
		if k.name == "central disk full" && c.noDisk {
			continue
		}
		for range k.weight {
			deck = append(deck, k)
		}
	}
	return deck
}
