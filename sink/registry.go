package sink

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/debezium/registry"
)

// schemaRegistry returns a client of the registry the settings name, nil if they
// name none.
func (c *Config) schemaRegistry(log *zap.Logger) (*registry.Client, error) {
	if len(c.RegistryURL) == 0 {
		return nil, nil
	}
	return registry.New(registry.Config{
		URLs: c.RegistryURL, User: c.RegistryUser, Password: c.RegistryPassword, Token: c.RegistryToken,
		CA: []byte(c.RegistryCA), IDBytes: c.RegistryIDBytes, IDKind: registry.IDKind(c.RegistryIDKind), Log: log,
	})
}

// asRegistry keeps a client that is not there from looking like one that is.
func asRegistry(client *registry.Client) debezium.Registry {
	if client == nil {
		return nil
	}
	return client
}

// checkRegistry looks at the registry's settings.
func (c *Config) checkRegistry() error {
	if len(c.RegistryURL) == 0 {
		if c.RegistryUser+c.RegistryPassword+c.RegistryToken+c.RegistryCA != "" {
			return &SettingError{Name: Prefix + "REGISTRY_URL", Err: errors.New("must be set where other settings of the registry are")}
		}
		return nil
	}
	if _, err := c.schemaRegistry(nil); err != nil {
		return &SettingError{Name: Prefix + "REGISTRY_URL", Err: err}
	}
	return nil
}

// registryTrouble says what the registry's absence holds up, nil if nothing.
func registryTrouble(client *registry.Client, awaiting int) error {
	state := client.State()
	if state.Trouble == nil || awaiting == 0 {
		return nil
	}
	return fmt.Errorf("%d partitions wait for the schema registry, which has not answered for %s (%w); all others flow",
		awaiting, time.Since(state.AwaySince).Round(time.Second), state.Trouble)
}
