package exam

import (
	"cmp"
	"slices"
	"strings"
)

// Room is a way to take the exam: one connector and the sink behind it.
type Room struct {
	// Name is the column of the result.
	Name string
	// Environment and Store name the topics. Rooms of one environment share
	// a sink and a central database.
	Environment, Store string
	// Schema is the store's database.
	Schema string
	Flavor Flavor
	// Settings are the connector's beyond those a fleet's connectors have;
	// an empty value takes a property away.
	Settings map[string]string
	// Plain says that the store's types are not sent along, so that central
	// definitions cannot be the store's.
	Plain bool
	// Modes restricts the room to cases that its settings matter to.
	Modes bool
	// Avro says that the events come in Avro, by way of a schema registry.
	Avro bool
}

// Names of the rooms.
const (
	Main   = "main"
	second = "second"
	plain  = "plain"
	avro   = "Avro"
)

const (
	firstSchema  = "exam"
	secondSchema = "exam2"
	refused      = "refused"
)

// Rooms lists all rooms, the main one first. The second belongs to it.
func Rooms() []Room {
	untyped := func(more map[string]string) map[string]string {
		more["column.propagate.source.type"] = ""
		return more
	}
	mode := func(name, times, decimals, bigints, binaries string) Room {
		return Room{
			Name: name, Environment: "modes", Store: times, Schema: firstSchema, Flavor: MySQL, Modes: true,
			Settings: map[string]string{
				"time.precision.mode": times, "decimal.handling.mode": decimals,
				"bigint.unsigned.handling.mode": bigints, "binary.handling.mode": binaries,
			},
		}
	}
	return []Room{
		{Name: Main, Environment: "exam", Store: "main", Schema: firstSchema, Flavor: MySQL, Settings: map[string]string{"tombstones.on.delete": "true"}},
		{Name: second, Environment: "exam", Store: "second", Schema: secondSchema, Flavor: MySQL},
		{Name: plain, Environment: "plain", Store: "plain", Schema: firstSchema, Flavor: MySQL, Plain: true, Settings: untyped(map[string]string{})},
		{Name: "MariaDB", Environment: "maria", Store: "maria", Schema: firstSchema, Flavor: MariaDB},
		{Name: "MySQL, refused", Environment: "exam", Store: "refused", Schema: refused, Flavor: MySQL},
		{Name: "MariaDB, refused", Environment: "maria", Store: "refused", Schema: refused, Flavor: MariaDB},
		mode("adaptive_time_microseconds, string, long, base64", "adaptive_time_microseconds", "string", "long", "base64"),
		mode("microseconds, precise, precise, base64-url-safe", "microseconds", "precise", "precise", "base64-url-safe"),
		mode("nanoseconds, double, long, hex", "nanoseconds", "double", "long", "hex"),
		mode("isostring, string, precise, bytes", "isostring", "string", "precise", "bytes"),
		mode("connect, precise, long, base64", "connect", "precise", "long", "base64"),
		{
			Name: "plain long", Environment: "plainmodes", Store: "long", Schema: firstSchema, Flavor: MySQL, Plain: true, Modes: true,
			Settings: untyped(map[string]string{"time.precision.mode": "microseconds", "decimal.handling.mode": "string", "bigint.unsigned.handling.mode": "long"}),
		},
	}
}

// Avro is the main room with events in Avro. It is none of [Rooms]: it takes a
// schema registry, and the expectations are the main room's.
func Avro() Room {
	return Room{
		Name: avro, Environment: "avro", Store: "avro", Schema: firstSchema, Flavor: MySQL, Avro: true,
		// One table has columns a-b and a_b, which are the same in plain avro.
		// Apicurio's converter fails at two POINT columns.
		Settings: map[string]string{
			"tombstones.on.delete": "true", "field.name.adjustment.mode": "avro_unicode", "table.exclude.list": firstSchema + `\.t_point.*`,
		},
	}
}

// takes says whether a case is part of the exam in this room.
func (r *Room) takes(c *Case) bool {
	switch {
	case cmp.Or(c.Schema, firstSchema) != r.Schema && r.Schema != secondSchema, slices.Contains(c.Stops, r.Settings["time.precision.mode"]):
		return false
	case c.Only != "" && c.Only != r.Flavor, r.Modes && !c.Modes:
		return false
	case r.Schema == secondSchema:
		return c.Second != nil
	case r.Avro && strings.HasPrefix(c.Table, "t_point"):
		return false
	}
	return true
}

// steps are a case's in this room's schema.
func (r *Room) steps(c *Case) [][]string {
	if r.Schema == secondSchema {
		return c.Second
	}
	return c.Steps
}

// environments lists those of the rooms, once each.
func environments(rooms []Room) []string {
	var list []string
	for _, r := range rooms {
		if !slices.Contains(list, r.Environment) {
			list = append(list, r.Environment)
		}
	}
	return list
}
