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
	// Like names the room whose expectations hold here, unless a case has one
	// for this room.
	Like string
}

// Names of the rooms.
const (
	Main   = "main"
	second = "second"
	plain  = "plain"
	maria  = "MariaDB"
)

// Names of the rooms in Avro.
const (
	avro       = "Avro"
	avroMaria  = "Avro, MariaDB"
	avroSecond = "Avro, second"
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
		{Name: maria, Environment: "maria", Store: "maria", Schema: firstSchema, Flavor: MariaDB},
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

// AvroRooms lists the rooms of the exam in Avro: the main ones, with the same
// expectations, and a schema registry.
func AvroRooms() []Room {
	room := func(name, environment, store, schema string, flavor Flavor, like string) Room {
		return Room{
			Name: name, Environment: environment, Store: store, Schema: schema, Flavor: flavor, Avro: true, Like: like,
			Settings: map[string]string{
				"tombstones.on.delete": "true",
				// One table has columns a-b and a_b, which are the same in plain avro.
				"field.name.adjustment.mode": "avro_unicode",
				"table.exclude.list":         schema + `\.` + twoPoints + ".*",
			},
		}
	}
	return []Room{
		room(avro, "avro", "avro", firstSchema, MySQL, Main),
		room(avroSecond, "avro", "second", secondSchema, MySQL, second),
		room(avroMaria, "avromaria", "maria", firstSchema, MariaDB, maria),
	}
}

// twoPoints is how the names of tables begin at which Apicurio's converter fails:
// they have two columns of the type POINT.
const twoPoints = "t_point"

// leaves says whether a case of the room's schema is left out, and why.
func (r *Room) leaves(c *Case) (why string) {
	if r.Avro && strings.HasPrefix(c.Table, twoPoints) {
		return "Apicurio's converter fails at a table's second POINT column (\"Can't redefine\"), which preflight finds: one of them, or JSON"
	}
	return ""
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
	case r.leaves(c) != "":
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
