package fleet

import (
	"maps"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"
)

// file is the inventory as it is being read.
type file struct {
	findings *findings
	result   *Inventory
	base     int // of the server ids
	defaults draft
	drafts   []draft
	lines    map[string]int
}

// draft is a store while its keys are read.
type draft struct {
	Store
	enabled      bool
	hours, zone  string
	serverID     int
	lines        map[string]int
	passwordLine int
}

// Values that hold where the inventory says nothing. The policy for topics
// needs three brokers; one partition keeps the order of a table's events even
// when a primary key changes.
func newInventory(path string) *Inventory {
	return &Inventory{
		Path:    path,
		Connect: Connect{Wave: 5},
		Outage:  7 * 24 * time.Hour,
		Topics: Topics{Replication: 3, TopicPolicy: TopicPolicy{
			Partitions: 1, Retention: 7 * 24 * time.Hour, Cleanup: "delete",
			Compression: "producer", MaxMessageBytes: 4 << 20,
		}},
	}
}

const defaultServerIDBase = 100_000_000

func readFile(path string, text []byte) (*file, error) {
	f := &file{findings: &findings{path: path, known: map[string][]string{}}, result: newInventory(path), base: defaultServerIDBase}
	f.defaults = draft{enabled: true, Store: Store{
		Port: 3306, Flavor: MySQL, User: "debezium", TLS: TLSPreferred, Format: JSON,
	}}
	root, line, err := readNode(text)
	if err != nil {
		f.findings.add(line, "this is not YAML: %v", err)
		return nil, f.findings.err()
	}
	if root == nil {
		f.findings.add(1, "the inventory is empty; it needs at least environment and stores")
		return nil, f.findings.err()
	}
	f.readRoot(root)
	return f, nil
}

func (f *file) readRoot(root *yaml.Node) {
	inv, check := f.result, f.findings
	var stores *yaml.Node
	f.lines = check.mapping(root, "the inventory", fields{
		"environment":    check.text(&inv.Environment, "environment"),
		"kafka":          f.readKafka,
		"connect":        f.readConnect,
		"topics":         f.readTopics,
		"settings":       check.pairs(&inv.Settings, "settings", CheckSetting),
		"outage":         check.duration(&inv.Outage, "outage", false),
		"server_id_base": check.integer(&f.base, "server_id_base", 1, 3_000_000_000),
		"defaults":       func(node *yaml.Node) { f.readStore(&f.defaults, node, "defaults") },
		"stores":         func(node *yaml.Node) { stores = resolve(node) },
	})
	if stores == nil {
		return
	}
	if stores.Kind != yaml.SequenceNode {
		check.add(stores.Line, `stores must be a list, a line each: - {id: "0001", host: 10.1.0.5}`)
		return
	}
	for _, node := range stores.Content { // after the defaults, wherever those stand
		d := f.defaults.clone()
		d.Line = node.Line
		f.readStore(&d, node, "a store")
		f.drafts = append(f.drafts, d)
	}
}

func (d draft) clone() draft {
	d.Labels = maps.Clone(d.Labels)
	d.Settings = maps.Clone(d.Settings)
	d.Keys = maps.Clone(d.Keys)
	return d
}

func (f *file) readStore(d *draft, node *yaml.Node, what string) {
	check := f.findings
	known := fields{
		"port":            check.integer(&d.Port, "port", 1, 65535),
		"flavor":          choice(check, &d.Flavor, "flavor", MySQL, MariaDB),
		"host":            check.text(&d.Host, "host"),
		"schemas":         check.texts(&d.Schemas, "schemas"),
		"tables":          check.texts(&d.Tables, "tables"),
		"exclude":         check.texts(&d.Exclude, "exclude"),
		"keys":            f.readKeys(d),
		"user":            check.text(&d.User, "user"),
		"password":        f.readPassword(d),
		"tls":             choice(check, &d.TLS, "tls", TLSDisabled, TLSPreferred, TLSRequired, TLSVerify),
		"format":          choice(check, &d.Format, "format", JSON, Avro),
		"heartbeat_table": check.text(&d.HeartbeatTable, "heartbeat_table"),
		"labels":          check.pairs(&d.Labels, "labels", func(string, string) error { return nil }),
		"hours":           check.text(&d.hours, "hours"),
		"timezone":        check.text(&d.zone, "timezone"),
		"settings":        check.pairs(&d.Settings, "settings", CheckSetting),
		"enabled":         check.boolean(&d.enabled, "enabled"),
	}
	if what != "defaults" {
		known["id"] = check.text(&d.ID, "id")
		known["server_id"] = check.integer(&d.serverID, "server_id", 1, 1<<32-1)
	}
	d.lines = check.mapping(node, what, known)
}

// readPassword reads a store's password.
func (f *file) readPassword(d *draft) func(*yaml.Node) {
	return func(node *yaml.Node) {
		d.passwordLine = resolve(node).Line
		d.Password = f.readSecret(node)
	}
}

// readSecret reads a reference; a password itself is refused.
func (f *file) readSecret(node *yaml.Node) (s Secret) {
	node = resolve(node)
	if node.Kind == yaml.ScalarNode {
		f.findings.add(node.Line, "a password must not stand in this file; write password: {env: NAME} or password: {file: /path/to/file.properties, key: NAME}")
		return s
	}
	f.findings.mapping(node, "password", fields{
		"env":  f.findings.text(&s.Env, "env"),
		"file": f.findings.text(&s.File, "file"),
		"key":  f.findings.text(&s.Key, "key"),
	})
	switch {
	case (s.Env == "") == (s.File == ""):
		f.findings.add(node.Line, "password needs either env or file; write {env: NAME} or {file: /path/to/file.properties, key: NAME}")
	case s.Env != "" && s.Key != "":
		f.findings.add(node.Line, "password: key belongs to a file; remove it")
	case s.File != "" && !strings.HasPrefix(s.File, "/"):
		f.findings.add(node.Line, "password: the file %q must be an absolute path, because Kafka Connect reads it too", s.File)
	}
	return s
}

// readKeys reads the key columns of tables without a primary key.
func (f *file) readKeys(d *draft) func(*yaml.Node) {
	return func(node *yaml.Node) {
		node = resolve(node)
		if node.Kind != yaml.MappingNode {
			f.findings.add(node.Line, "keys must name the key columns by table: keys: {shop.log: [day, number]}")
			return
		}
		keys := map[string][]string{}
		maps.Copy(keys, d.Keys)
		for i := 0; i+1 < len(node.Content); i += 2 {
			var columns []string
			f.findings.texts(&columns, "keys")(node.Content[i+1])
			if _, _, ok := cutTable(node.Content[i].Value); !ok {
				f.findings.add(node.Content[i].Line, "keys: %q must be written schema.table", node.Content[i].Value)
			}
			keys[node.Content[i].Value] = columns
		}
		d.Keys = keys
	}
}

// expand puts the store's id in the place of {id}.
func (d *draft) expand() {
	replace := func(s *string) { *s = strings.ReplaceAll(*s, "{id}", d.ID) }
	list := func(in []string) []string {
		out := make([]string, len(in))
		for i := range in {
			out[i] = in[i]
			replace(&out[i])
		}
		return out
	}
	for _, s := range []*string{&d.Host, &d.User, &d.Password.Env, &d.Password.File, &d.Password.Key, &d.HeartbeatTable} {
		replace(s)
	}
	d.Schemas, d.Tables, d.Exclude = list(d.Schemas), list(d.Tables), list(d.Exclude)
	keys := map[string][]string{}
	for table, columns := range d.Keys {
		replace(&table)
		keys[table] = columns
	}
	d.Keys = keys
}

// deriveServerID gives a store a replication client id of its own that stays
// the same whatever else is added to the inventory: base + 10 × the number
// that its id is, or a hash of an id that is no number. Steps of ten leave
// room for a connector's other clients.
func deriveServerID(base int, id string) uint32 {
	if n, err := strconv.Atoi(id); err == nil && n >= 0 && n < 10_000_000 {
		return uint32(base + 10*n)
	}
	hash := uint32(2166136261) // FNV-1a
	for i := range len(id) {
		hash = (hash ^ uint32(id[i])) * 16777619
	}
	return uint32(base + 100_000_000 + 10*int(hash%100_000_000))
}
