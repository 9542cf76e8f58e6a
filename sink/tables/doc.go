// Package tables keeps the central tables fit for what the stores send: it
// derives what a row's schema asks for and has package central create or widen
// what is there, within what the operator allows. When a store adds or renames a
// column or gives one another type, it brings the rows that are there to the new
// version, as no event does.
package tables
