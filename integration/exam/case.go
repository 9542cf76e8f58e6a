package exam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Case is one table of a store and what happens to it.
type Case struct {
	// Group is the part of the result the case is listed under, Name its
	// line there.
	Group, Name string
	// Table is the table's name in the store.
	Table string
	// Steps are the statements run in the store's schema: the first step
	// before the connector starts, each other one after everything before
	// it has arrived.
	Steps [][]string
	// Second are the steps of a second store with another version of the
	// table, captured with the settings of [Main].
	Second [][]string
	// Schema is the store's database the table is in; empty means the one
	// most are in.
	Schema string
	// Stops lists the values of time.precision.mode that have no form for
	// some value of the table: the connector fails, so that the table is not
	// captured in those modes.
	Stops []string
	// Lax runs the statements without a strict sql_mode.
	Lax bool
	// Only restricts the case to stores of one flavor; zero means both.
	Only Flavor
	// Modes says that the settings of the connector's modes matter here.
	Modes bool
	// Expect holds what is expected in rooms, by name, where that is not
	// Equal. The key "" stands for every room not named.
	Expect map[string]Expectation
}

// Flavor is whose server a store runs.
type Flavor string

// The flavors.
const (
	MySQL   Flavor = "MySQL"
	MariaDB Flavor = "MariaDB"
)

// Verdict is how a case ended.
type Verdict string

// The verdicts.
const (
	// Equal means that all values and the columns' definitions are.
	Equal Verdict = "equal"
	// Wider means that all values are equal and the central columns hold
	// more than the store's.
	Wider Verdict = "wider"
	// Different means that the central table is silently not the store's.
	Different Verdict = "different"
	// Reported means that rows are missing or old, and that the sink says
	// so: dead letters, or a table that is held.
	Reported Verdict = "reported"
	// Warned means that values differ, and that the sink says of the column
	// that they may: what it was sent is more likely right than wrong, so
	// that it was written and counted, not set aside.
	Warned Verdict = "warned"
	// Foretold means that the central table is silently not the store's, as
	// with Different, and that `tributary preflight` names the table, why,
	// and what to do.
	Foretold Verdict = "foretold"
	// Stopped means that the connector failed.
	Stopped Verdict = "stopped"
)

// nullReplaced is why NULLs arrive as something else in Avro.
const nullReplaced = "Apicurio's converter writes a column's default where the store has NULL, and nothing in the event tells the two apart:" +
	" the sink warns of the column"

// Expectation is a verdict other than Equal, and the reason for it.
type Expectation struct {
	Verdict Verdict
	Why     string
}

// expected is what a case should come to in a room.
func (c *Case) expected(r *Room) Expectation {
	for _, name := range []string{r.Name, r.Like, ""} {
		if e, ok := c.Expect[name]; ok {
			return e
		}
	}
	return Expectation{Verdict: Equal}
}

// but returns the case with an expectation for some rooms, separated by |;
// "" is every room.
func (c Case) but(rooms string, v Verdict, why string) Case {
	expect := map[string]Expectation{}
	for room, e := range c.Expect {
		expect[room] = e
	}
	for _, room := range strings.Split(rooms, "|") {
		expect[room] = Expectation{v, why}
	}
	c.Expect = expect
	return c
}

func (c Case) on(f Flavor) Case           { c.Only = f; return c }
func (c Case) inModes() Case              { c.Modes = true; return c }
func (c Case) stops(modes ...string) Case { c.Stops = modes; return c }
func (c Case) lax() Case                  { c.Lax = true; return c }
func (c Case) named(n string) Case        { c.Name = n; return c }

var noWord = regexp.MustCompile(`[^a-z0-9]+`)

func tableName(name string) string {
	name = noWord.ReplaceAllString(strings.ToLower(name), "_")
	return "t_" + strings.Trim(name[:min(len(name), 60)], "_")
}

// typed is the case of a column type: a column that may be NULL and one that may
// not, every value in a row that the snapshot reads and in one that is inserted
// later. They are there twice: half of them stay as they came, of the others every row
// gets another row's values, with NULLs coming and going, and two are deleted.
func typed(group, column string, values ...string) Case {
	table := tableName(column)
	n := len(values)
	insert := func(first int) (statements []string) {
		for i, v := range values {
			statements = append(statements, fmt.Sprintf("INSERT INTO %s (id, v, w) VALUES (%d, %s, %s)", table, first+i, v, v))
		}
		return append(statements, fmt.Sprintf("INSERT INTO %s (id, v, w) VALUES (%d, NULL, %s)", table, first+n, values[0]))
	}
	var change []string
	for _, first := range []int{1, 101} {
		for i := range n + 1 {
			next := values[(i+1)%n]
			change = append(change, fmt.Sprintf("UPDATE %s SET v = %s, w = %s WHERE id = %d", table, next, next, first+i))
		}
		change = append(change,
			fmt.Sprintf("UPDATE %s SET v = NULL WHERE id = %d", table, first),
			fmt.Sprintf("INSERT INTO %s (id, v, w) VALUES (%d, %s, %s)", table, first+50, values[n-1], values[n-1]),
			fmt.Sprintf("DELETE FROM %s WHERE id = %d", table, first+50),
			fmt.Sprintf("DELETE FROM %s WHERE id = %d", table, first+n))
	}
	create := fmt.Sprintf("CREATE TABLE %s (id INT PRIMARY KEY, v %s NULL, w %s NOT NULL)", table, column, column)
	return Case{
		Group: group, Name: column, Table: table,
		Steps: [][]string{slices.Concat([]string{create}, insert(1), insert(201)), slices.Concat(insert(101), insert(301)), change},
	}
}

// shape is the case of a table that is told step by step.
func shape(group, name, table string, steps ...[]string) Case {
	return Case{Group: group, Name: name, Table: table, Steps: steps}
}

// keyed is the case of a key: rows with these keys before and after the
// connector starts, which are then updated, moved to a new key and deleted. The
// key's columns are given as DDL and by name; each key is a list of values.
func keyed(name, columns, key string, before, after []string) Case {
	table := tableName(name)
	insert := func(keys []string, label string) (statements []string) {
		for i, k := range keys {
			statements = append(statements, fmt.Sprintf("INSERT INTO %s (%s, label) VALUES (%s, '%s %d')", table, key, k, label, i))
		}
		return statements
	}
	match := func(k string) string { return fmt.Sprintf("(%s) = (%s)", key, k) }
	create := fmt.Sprintf("CREATE TABLE %s (%s, label VARCHAR(30), PRIMARY KEY (%s))", table, columns, key)
	last := after[len(after)-1]
	return shape("Keys", name, table,
		append([]string{create}, insert(before, "snapshot")...),
		insert(after, "streamed"),
		[]string{
			fmt.Sprintf("UPDATE %s SET label = CONCAT(label, ' changed')", table),
			fmt.Sprintf("DELETE FROM %s WHERE %s", table, match(before[0])),
			fmt.Sprintf("DELETE FROM %s WHERE %s", table, match(last)),
		},
		[]string{fmt.Sprintf("INSERT INTO %s (%s, label) VALUES (%s, 'again')", table, key, last)},
	)
}
