// Package topics keeps a fleet's topics as the inventory's policy wants them:
// named {environment}.{store}.{schema}.{table}, with the partitions, the
// retention and the cleanup that each table is to have, and a schema history
// that is never forgotten.
//
// [NewPlan] compares the topics there should be with those there are; [Plan.Apply]
// creates what is missing and changes settings. It deletes nothing and never
// adds partitions, which would scatter the events of one row over two
// partitions and lose their order: both are left to a person.
package topics
