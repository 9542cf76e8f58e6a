// Package fetch brings the software of the integration stack onto a bare
// machine: jars and plugins through Maven, servers through Debian's packages,
// and nothing else. Nothing is installed on the host.
//
// Everything lands in a [Cache], one folder a component, named after its
// version. A folder appears there complete or not at all, so a second start
// needs no network, and two processes that want the same component share one
// download.
package fetch
