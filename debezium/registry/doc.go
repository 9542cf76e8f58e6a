// Package registry fetches the schemas that Avro messages name by their id, from
// Confluent's registry, Apicurio's, or any other with one of their interfaces.
//
// Whoever reads messages never waits: [Client.Schema] answers from memory, and
// asks for what it does not know in the background ([Client.Run]). A schema never
// changes under its id, so it is asked for once. While the registry is away the
// schemas known go on serving; it is asked again, ever more slowly, until it
// answers. Only the registry's own word that it does not have a schema, given
// more than once, makes a message unreadable: all other trouble is waited out.
package registry
