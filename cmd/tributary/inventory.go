package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"sync"
	"time"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/topics"
	"tributary/sink"
)

// inventoryFlags say where the fleet is written down.
type inventoryFlags struct {
	Stores string `short:"f" default:"stores.yaml" env:"TRIBUTARY_STORES" help:"The inventory of stores."`
}

// load reads the inventory; its mistakes are the user's to mend.
func (f inventoryFlags) load() (*fleet.Inventory, error) {
	inv, err := fleet.Load(f.Stores)
	if err != nil {
		return nil, usageError{err}
	}
	return inv, nil
}

// selected reads the inventory and picks the named stores, all without names.
func (f inventoryFlags) selected(ids []string) (*fleet.Inventory, []fleet.Store, error) {
	inv, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	stores, err := inv.Select(ids)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return inv, stores, nil
}

// connectFlags say where Kafka Connect is.
type connectFlags struct {
	Connect string `env:"TRIBUTARY_CONNECT_URL" placeholder:"URL" help:"Kafka Connect's REST address, instead of the inventory's connect.url."`
}

func (f connectFlags) client(inv *fleet.Inventory) (*connect.Client, error) {
	address := cmp.Or(f.Connect, inv.Connect.URL)
	if address == "" {
		return nil, usageError{errors.New("the address of Kafka Connect is missing; write connect: {url: http://…:8083} into the inventory or give --connect")}
	}
	if err := fleet.CheckConnectURL(address); err != nil {
		return nil, usageError{fmt.Errorf("the address of Kafka Connect %w", err)}
	}
	vars, err := sink.Environment(os.Environ())
	if err != nil {
		return nil, err
	}
	return connect.New(address, connect.Options{
		User: vars["TRIBUTARY_CONNECT_USER"], Password: vars["TRIBUTARY_CONNECT_PASSWORD"],
		OnRetry: sayWaiting(os.Stderr),
	}), nil
}

// sayWaiting tells whoever sits before a command why nothing happens, now and
// then. The shortest pauses are those of Connect sharing out its connectors.
func sayWaiting(w io.Writer) func(err error, pause time.Duration) {
	var mu sync.Mutex
	var said time.Time
	return func(err error, pause time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if pause < time.Second || time.Since(said) < 20*time.Second {
			return
		}
		said = time.Now()
		fmt.Fprintf(w, "trying again for some minutes (Ctrl-C ends it): %v\n", err)
	}
}

// kafkaFlags say where Kafka is.
type kafkaFlags struct {
	Brokers   string            `env:"TRIBUTARY_KAFKA_BROKERS" placeholder:"HOST:PORT,…" help:"Kafka's bootstrap servers, instead of the inventory's kafka.brokers."`
	KafkaConf map[string]string `placeholder:"KEY=VALUE" help:"librdkafka's own properties, for TLS and authentication, beside those of the sink's TRIBUTARY_KAFKA_CONF_<PROPERTY>."`
}

func (f kafkaFlags) dial(inv *fleet.Inventory) (*topics.Kafka, error) {
	brokers := cmp.Or(f.Brokers, inv.Kafka.Brokers)
	if brokers == "" {
		return nil, usageError{errors.New("the address of Kafka is missing; write kafka: {brokers: host:9092} into the inventory or give --brokers")}
	}
	vars, err := sink.Environment(os.Environ())
	if err != nil {
		return nil, err
	}
	properties, err := sink.KafkaProperties(vars)
	if err != nil {
		return nil, err
	}
	maps.Copy(properties, f.KafkaConf)
	admin, err := topics.Dial(brokers, properties)
	if err != nil {
		return nil, usageError{fmt.Errorf("kafka: %w", err)}
	}
	return admin, nil
}
