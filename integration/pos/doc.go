// Package pos is a chain of shops that sell: the source side of the demo, the
// end-to-end tests and the failure tests.
//
// A [Store] is one database of four tables joined by foreign keys, with the
// column types such systems have. Every store numbers its rows from 1, so that
// two stores share nearly all of their keys: keeping them apart is the
// receiver's business. [Store.Sell] changes the store the way a shop changes:
// sales in transactions of several tables, returns that delete, prices,
// customers, stock, and now and then a changed primary key. What happens is
// drawn from a seed; how fast is a rate in changed rows a second.
package pos
