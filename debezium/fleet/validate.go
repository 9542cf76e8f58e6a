package fleet

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a container may have no time zones of its own

	"tributary/debezium"
)

// withHint is the error's text with what to do about it.
func withHint(err error) string {
	var named *debezium.NameError
	if errors.As(err, &named) {
		return named.Error() + "; " + named.Hint()
	}
	return err.Error()
}

// inventory finishes the drafts: it puts in the ids and works out what
// follows from them.
func (f *file) inventory() *Inventory {
	inv := f.result
	for i := range f.drafts {
		d := &f.drafts[i]
		d.expand()
		d.Disabled = !d.enabled
		d.ServerID = uint32(d.serverID)
		if d.serverID == 0 {
			d.ServerID = deriveServerID(f.base, d.ID)
		}
		f.finishHours(d)
		inv.Stores = append(inv.Stores, d.Store)
	}
	return inv
}

func (f *file) finishHours(d *draft) {
	zone, err := time.LoadLocation(d.zone)
	if err != nil {
		f.findings.add(d.line("timezone"), "timezone %q is not known; write one such as Europe/Berlin", d.zone)
		return
	}
	if d.hours == "" {
		return
	}
	if d.Hours, err = ParseHours(d.hours, zone); err != nil {
		f.findings.add(d.line("hours"), "%v", err)
	}
}

// line is where a key stands, or the store if the key came from the defaults.
func (d *draft) line(key string) int {
	if line := d.lines[key]; line != 0 {
		return line
	}
	return d.Line
}

// validate reports what is missing and what does not go together.
func (f *findings) validate(inv *Inventory, file *file) {
	if inv.Environment == "" {
		f.add(1, "environment is missing; write the first part of the topic names, environment: prod")
	} else if err := debezium.ValidateEnvironment(inv.Environment); err != nil {
		f.add(file.lines["environment"], "%s", withHint(err))
	}
	if file.lines["stores"] == 0 {
		f.add(1, "stores is missing; list them, a line each: - {id: \"0001\", host: 10.1.0.5}")
	}
	ids, servers := map[string]*draft{}, map[uint32]*draft{}
	for i := range file.drafts {
		d := &file.drafts[i]
		f.validateStore(d)
		if d.ID == "" {
			continue
		}
		if other, ok := ids[d.ID]; ok {
			f.add(d.line("id"), "store %q is already in line %d; every store needs an id of its own", d.ID, other.Line)
			continue
		}
		ids[d.ID] = d
		if other, ok := servers[d.ServerID]; ok {
			f.add(d.line("server_id"), "store %q has the server id %d of store %q in line %d, and MySQL would throw out one of them again and again; give one a server_id of its own", d.ID, d.ServerID, other.ID, other.Line)
			continue
		}
		servers[d.ServerID] = d
		if d.Format == Avro && inv.Kafka.Registry == "" {
			f.add(d.line("format"), "format avro needs a schema registry; write its address under kafka: registry: http://…")
		}
	}
}

var plainName = regexp.MustCompile(`^[^\s,:;"'\x60.]+$`)

func (f *findings) validateStore(d *draft) {
	if d.ID == "" {
		f.add(d.Line, "the store has no id; write id: \"0001\"")
		return
	}
	if err := debezium.ValidateStore(d.ID); err != nil {
		f.add(d.line("id"), "%s", withHint(err))
	}
	missing := func(key, example string) {
		f.add(d.Line, "store %q has no %s; write it here or under defaults: %s", d.ID, key, example)
	}
	switch {
	case d.Host == "":
		missing("host", "host: 10.1.0.5")
	case strings.ContainsAny(d.Host, " /:") && strings.Count(d.Host, ":") < 2:
		f.add(d.line("host"), "host %q must be a name or an address alone; the port goes to port:", d.Host)
	}
	if len(d.Schemas) == 0 {
		missing("schemas", "schemas: [shop]")
	}
	if d.Password.IsZero() && d.passwordLine == 0 {
		missing("password", "password: {env: NAME} or {file: /path, key: NAME}")
	}
	for _, schema := range d.Schemas {
		if !plainName.MatchString(schema) {
			f.add(d.line("schemas"), "store %q: the schema %q must be one name without dots, commas or blanks", d.ID, schema)
		}
	}
	f.validateTables(d)
}

func (f *findings) validateTables(d *draft) {
	if len(d.Tables) > 0 && len(d.Exclude) > 0 {
		f.add(d.line("exclude"), "store %q has both tables and exclude, of which Debezium takes one; remove one of them", d.ID)
	}
	check := func(key string, names []string) {
		for _, name := range names {
			schema, _, qualified := cutTable(name)
			switch {
			case name == "" || strings.ContainsAny(name, " ,;\"'`") || strings.Contains(name, ".") && !qualified:
				f.add(d.line(key), "store %q: %q is no table; write table, schema.table or a pattern with *", d.ID, name)
			case qualified && !contains(d.Schemas, schema):
				f.add(d.line(key), "store %q: the table %q is in none of the store's schemas %s; add its schema there", d.ID, name, strings.Join(d.Schemas, ", "))
			}
		}
	}
	check("tables", d.Tables)
	check("exclude", d.Exclude)
	check("keys", sortedKeys(d.Keys))
	if _, _, ok := cutTable(d.HeartbeatTable); d.HeartbeatTable != "" && !ok {
		f.add(d.line("heartbeat_table"), "%s", fmt.Sprintf("heartbeat_table %q must be written schema.table", d.HeartbeatTable))
	}
}

// contains says whether the schema of a table's name, which may hold "*", can
// be one of the schemas.
func contains(schemas []string, schema string) bool {
	for _, s := range schemas {
		if MatchTable(schema, s) {
			return true
		}
	}
	return false
}
