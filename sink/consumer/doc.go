// Package consumer brings records from Kafka to the lanes.
//
// A [Group] is this process's part of the consumer group: a few librdkafka
// clients, since one client must not own thousands of topics (it looks topics
// up in lists). Each client has one poll loop, which only routes: it cuts a
// message where librdkafka holds it (see package inbox), finds its lane and hands
// it over. Decoding runs in the lanes.
//
// A partition is read from where the ledger stands, given to librdkafka as an
// absolute offset when the partition is assigned. While it is held a
// [ledger.Tenure] stands for it; revoking, holding or re-reading a partition
// ends the tenure, and whatever refers to it is dropped where it is met. Kafka's
// own offsets are stored behind the database's commit, for lag dashboards.
package consumer
