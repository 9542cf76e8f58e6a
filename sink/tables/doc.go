// Package tables keeps the central tables fit for what the stores send: it
// derives what a row's schema asks for and has package central create or widen
// what is there, within what the operator allows.
package tables
