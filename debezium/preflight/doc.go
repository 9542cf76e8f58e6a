// Package preflight finds out whether a store's MySQL or MariaDB server has
// what Debezium needs, before a connector is registered and also, because
// every setting can be changed back without an error, afterwards.
//
// Debezium itself checks three settings. The others show as a connector that
// runs and loses changes: this package knows them as a table of [Checks], each
// with why it matters, what it asks the server and what mends it. [Run] asks
// one store, [Fleet] many at a time, each within its own deadline so that one
// dead line does not hold up the rest; the fleet's reports are then compared
// with each other.
//
// Nothing here writes to a store.
package preflight
