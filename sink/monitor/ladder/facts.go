package ladder

import (
	"time"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
)

// Facts are what was found out about one store. A part whose Unknown is set
// could not be asked, and Unknown says why; the rungs that need it are reported
// as unknown and never as sound.
type Facts struct {
	Store string
	// Table narrows the question to one central table; empty for the store.
	Table string
	// Now is when the facts were gathered.
	Now time.Time

	Inventory Inventory
	Server    Server
	Connector Connector
	Progress  Progress
	Heartbeat Heartbeat
	Kafka     Kafka
	// Topics are the store's row topics, of the one table if Table is set.
	Topics  []Topic
	Central Central
	// Registry is why the schema registry of a store with Avro does not
	// answer; empty if it does.
	Registry string
}

// Inventory is the store's line in stores.yaml.
type Inventory struct {
	// Listed says that there is one, in the file at Path. If not, Similar is
	// the store that was probably meant.
	Listed  bool
	Similar string
	Path    string
	// Disabled says that the line has enabled: false.
	Disabled bool
	// Excluded says that Table is one the line does not capture.
	Excluded bool
	Hours    fleet.Hours
}

// Server is what the store's database server said.
type Server struct {
	Unknown string
	// Address is "host:port".
	Address string
	// ReachError is why no TCP connection came about, LoginError why the
	// server or this machine refused the account's session. Empty is well.
	ReachError, LoginError string
	// LoginUnknown is why the login could not be tried at all.
	LoginUnknown string
	// BinlogUnknown is why the binary log could not be asked about.
	BinlogUnknown string
	// LogBin, Format and RowImage are the variables log_bin, binlog_format
	// and binlog_row_image.
	LogBin           bool
	Format, RowImage string
	// Oldest and Head are the first and the last binary log; Position is
	// where the head ends.
	Oldest, Head string
	Position     int64
	// Purged says that the log the connector has to go on from is gone.
	Purged bool
	// UntilPurge is how long the log the connector reads is still kept, if
	// Margin is set.
	UntilPurge time.Duration
	Margin     bool
	// HeadMovedAt is when the head was last seen to move; zero if unknown.
	HeadMovedAt time.Time
}

// Connector is what Kafka Connect says.
type Connector struct {
	Unknown string
	Name    string
	Exists  bool
	// State folds the connector's and its task's, Reported is its own.
	State, Reported connect.State
	Tasks           int
	// Reason is the first line of what failed.
	Reason string
	// Restarts is how often the guard has tried; GaveUp that it stopped.
	Restarts int
	GaveUp   bool
}

// Progress is what the connector has saved about where it stands.
type Progress struct {
	Unknown string
	// Saved says that there is anything, Snapshot that the first snapshot is
	// under way.
	Saved, Snapshot bool
	File            string
	Position        int64
}

// Heartbeat is the newest heartbeat of the store's connector.
type Heartbeat struct {
	Unknown string
	// At is when the connector sent it; zero if none within Window.
	At     time.Time
	Window time.Duration
}

// Kafka is the consumer group of the sink.
type Kafka struct {
	Unknown string
	Group   string
	Members int
	State   string
}

// Topic is one row topic of the store, all its partitions together.
type Topic struct {
	Name  string
	Table string
	// Start and End are the sums over the partitions of the offsets that can
	// be read.
	Start, End int64
	// NewestAt is the timestamp of the newest record, zero if there is none.
	NewestAt time.Time
	// Lag is how many events the sink has not written, Lost how many of them
	// Kafka has deleted already. OldestWaiting is the timestamp of the first
	// one that can be read; zero if unknown or Lag is 0.
	Lag, Lost     int64
	OldestWaiting time.Time
	// Unread says that neither the ledger nor the group has an offset.
	Unread bool
	// Gone says that events of it were written and that Kafka has it no more.
	Gone bool
	// SourceAt is the newest change written, as committed at the store, and
	// AppliedAt when rows were last written; zero if never.
	SourceAt, AppliedAt time.Time
	// Expected is how many events the last full hour used to bring at this
	// time, Got how many it brought; Habit says that they are known.
	Expected, Got float64
	Habit         bool
}

// Central is what the central database says.
type Central struct {
	Unknown string
	// Error is why it does not answer.
	Error string
	// Letters are the store's open dead letters; LetterReason is the newest
	// one's, of LetterTable.
	Letters                   int64
	LetterReason, LetterTable string
	// HeldTables is how many of its tables the sink holds: nothing more of them
	// is written until what HeldReason says is settled. It is that of HeldTable,
	// which is held for longest, since HeldSince.
	HeldTables            int
	HeldTable, HeldReason string
	HeldSince             time.Time
}

// asked says whether the central database told anything.
func (z Central) asked() bool { return z.Error == "" && z.Unknown == "" }

// Limits are the bounds beyond which a rung is broken.
type Limits struct {
	// Heartbeat is the oldest heartbeat that is well. An idle store beats
	// every 48 s, 0.8 of connect.keep.alive.interval.ms.
	Heartbeat time.Duration
	// Silence is how long a store that is open may send nothing.
	Silence time.Duration
	// SilenceWithoutHours is the same for a store without opening hours.
	SilenceWithoutHours time.Duration
	// Lag is how long an event may wait in Kafka.
	Lag time.Duration
	// Purge is the least time a connector's binary log must still be kept.
	Purge time.Duration
	// Habit is the share of the usual volume below which data is missing.
	Habit float64
}

// DefaultLimits returns the bounds used unless the settings say otherwise.
func DefaultLimits() Limits {
	return Limits{
		Heartbeat: 3 * time.Minute, Silence: time.Hour, SilenceWithoutHours: 24 * time.Hour,
		Lag: 5 * time.Minute, Purge: 24 * time.Hour, Habit: 0.2,
	}
}
