// Package central reads the central server's tables from information_schema
// and changes them.
//
// A [Catalog] makes tables what [schema.Derive] asks for. Several replicas may
// ask at once: changes are made under the server's GET_LOCK, after reading
// again what is there, so that each is made once. Where the lock does not reach
// (several primaries of a cluster), a change that somebody else has made first
// is recognised by the server's error and by reading again.
package central
