// Package proxy is a network that fails on request: a TCP relay between the
// sink and what it talks to. It can be cut, stalled, slowed, and it can lose
// one end of its connections without the other end noticing.
package proxy
