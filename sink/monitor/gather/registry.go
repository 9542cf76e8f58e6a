package gather

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tributary/debezium/fleet"
	"tributary/debezium/registry"
)

// askRegistry looks whether the schema registry of stores with Avro answers. A
// registry that wants another account than the inventory's is there.
func (g *Gatherer) askRegistry(ctx context.Context, p *Picture) {
	kafka := p.Inventory.Kafka
	avro := slices.ContainsFunc(p.Inventory.Stores, func(s fleet.Store) bool { return s.Format == fleet.Avro && !s.Disabled })
	if kafka.Registry == "" || !avro {
		return
	}
	password, err := kafka.RegistryPassword.Resolve()
	if err != nil {
		return // the connectors' secret need not be here
	}
	c, err := registry.New(registry.Config{
		URLs: strings.Split(kafka.Registry, ","), User: kafka.RegistryUser, Password: password, IDBytes: 4,
	})
	if err != nil {
		p.RegistryError = err.Error()
		return
	}
	defer c.Close()
	var refused *registry.RefusedError
	if _, err = c.Check(ctx); err != nil && !errors.As(err, &refused) {
		p.RegistryError = err.Error()
	}
}
