package gather

import (
	"cmp"
	"slices"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink/monitor/ladder"
)

// Facts returns what the picture says about one store, or about one of its
// central tables. Flows are the store's of [Picture.Flows].
func (p *Picture) Facts(s *Servers, id, table string, flows []Flow) ladder.Facts {
	f := ladder.Facts{Store: id, Table: table, Now: p.At}
	store, listed := p.Inventory.Store(id)
	f.Inventory = ladder.Inventory{Listed: listed, Path: p.Inventory.Path, Disabled: store.Disabled, Hours: store.Hours}
	if !listed {
		f.Inventory.Similar = p.Inventory.Similar(id)
	}
	f.Topics = p.topics(store, table, flows)
	if listed && table != "" && len(f.Topics) == 0 {
		f.Inventory.Excluded = !slices.ContainsFunc(store.Schemas, func(schema string) bool { return store.IncludesTable(schema, table) })
	}
	f.Progress = p.progress(id)
	f.Server = p.server(s, id, f.Progress.File)
	f.Connector = p.connector(id)
	f.Heartbeat = p.heartbeat(id)
	f.Kafka = ladder.Kafka{Unknown: p.KafkaError, Group: p.Group, Members: p.Cluster.Members, State: p.Cluster.State}
	f.Central = p.central(id, table)
	if store.Format == fleet.Avro {
		f.Registry = p.RegistryError
	}
	return f
}

func (p *Picture) server(s *Servers, id, file string) ladder.Server {
	a, asked := p.Servers[id]
	switch {
	case p.ServersUnknown != "":
		return ladder.Server{Unknown: p.ServersUnknown}
	case !asked:
		return ladder.Server{Unknown: "its server has not been asked yet"}
	}
	server := ladder.Server{
		Address: a.Address, ReachError: a.ReachError, LoginError: a.LoginError, LoginUnknown: a.LoginUnknown,
		BinlogUnknown: a.LogError, LogBin: a.LogBin, Format: a.Format, RowImage: a.RowImage,
		Head: a.head().Name, Position: a.head().Size, HeadMovedAt: s.movedAt(id),
	}
	if len(a.Logs) == 0 {
		return server
	}
	server.Oldest = a.Logs[0].Name
	server.Purged = file != "" && !slices.ContainsFunc(a.Logs, func(l BinaryLog) bool { return l.Name == file }) && isOlder(file, server.Oldest)
	server.UntilPurge, server.Margin = s.margin(id, a, file, p.At)
	return server
}

func (p *Picture) connector(id string) ladder.Connector {
	name := connect.DefaultsOf(p.Inventory).Name(id)
	if p.ConnectError != "" {
		return ladder.Connector{Unknown: p.ConnectError, Name: name}
	}
	c, exists := p.Connectors[name]
	return ladder.Connector{
		Name: name, Exists: exists, State: c.State, Reported: c.Reported, Tasks: len(c.Tasks), Reason: c.Reason(),
	}
}

func (p *Picture) progress(id string) ladder.Progress {
	g, asked := p.Progress[id]
	switch {
	case !asked:
		return ladder.Progress{Unknown: "the connector's position has not been asked for"}
	case g.Error != "":
		return ladder.Progress{Unknown: "the connector's position cannot be read (" + g.Error + ")"}
	}
	return ladder.Progress{Saved: g.Saved, Snapshot: g.Offset.Snapshot, File: g.Offset.File, Position: g.Offset.Position}
}

func (p *Picture) heartbeat(id string) ladder.Heartbeat {
	switch {
	case p.KafkaError != "" || p.BeatsError != "":
		return ladder.Heartbeat{Unknown: "heartbeats cannot be read (" + cmp.Or(p.KafkaError, p.BeatsError) + ")"}
	case !p.Beats.Topics:
		return ladder.Heartbeat{Unknown: "there is no topic with heartbeats (heartbeat.interval.ms is not set)"}
	}
	return ladder.Heartbeat{At: p.Beats.At[connect.DefaultsOf(p.Inventory).Name(id)], Window: HeartbeatWindow}
}

// topics leaves out the heartbeat table: its rows come while nothing is sold.
func (p *Picture) topics(store fleet.Store, table string, flows []Flow) []ladder.Topic {
	var topics []ladder.Topic
	for _, f := range flows {
		if f.Topic.Schema+"."+f.Topic.Table == store.HeartbeatTable || table != "" && f.Table != table {
			continue
		}
		// A topic may be deleted on purpose, with the table's line.
		if f.Gone && !store.IncludesTable(f.Topic.Schema, f.Topic.Table) {
			continue
		}
		t := ladder.Topic{
			Name: f.Topic.String(), Table: f.Table, Start: f.Start, End: f.End, NewestAt: f.NewestAt,
			Lag: f.Lag, Lost: f.Lost, OldestWaiting: f.OldestWaiting, Unread: f.Unread, Gone: f.Gone,
			SourceAt: f.SourceAt, AppliedAt: f.AppliedAt,
		}
		if habit, ok := p.Habits[t.Name]; ok {
			t.Habit, t.Expected, t.Got = true, habit.Expected, habit.Got
		}
		topics = append(topics, t)
	}
	slices.SortFunc(topics, func(a, b ladder.Topic) int { return cmp.Compare(a.Name, b.Name) })
	return topics
}

// noTable stands for the table of what is about none: a store's schema changes.
const noTable = "(schema changes)"

func (p *Picture) central(id, table string) ladder.Central {
	c := ladder.Central{Unknown: cmp.Or(p.CentralUnknown, p.CentralDenied), Error: p.CentralError}
	for _, l := range p.Book.Letters { // newest first
		if l.Store != id || table != "" && l.Table != table {
			continue
		}
		if c.Letters == 0 {
			c.LetterReason, c.LetterTable = l.Reason, cmp.Or(l.Table, noTable)
		}
		c.Letters += l.Count
	}
	for _, h := range p.Book.Held {
		if h.Store == id && (table == "" || h.Table == table) {
			c.HeldTables++
			if c.HeldTables == 1 {
				c.HeldTable, c.HeldSince, c.HeldReason = cmp.Or(h.Table, noTable), h.Since, h.Reason
			}
		}
	}
	return c
}
