// Package monitor watches the whole way from every store to its rows in the
// central database, and says in one sentence where it is broken.
//
// [Run] is the long-running process: round after round it gathers facts
// (package gather), judges every store (package ladder), and shows the outcome
// as a status page (package page) over a JSON API, as Prometheus metrics and,
// for those who have no Alertmanager, as calls of a webhook. It restarts
// connectors whose task has failed. [Explain] does one round for one store and
// needs no running monitor.
//
// The monitor keeps nothing on disk. What it remembers, an hour or two of
// history and who was told what, it finds again or does without after a
// restart.
package monitor
