// Northwind: the example of D1's announcement, a dashboard over a shop's 13 tables (docs/apps/northwind.md).
//
//   list(table, page)                 count and page, one batch
//   search(table, word)               products or customers
//   customer(id) employee(id) product(id) order(id)
//   place(order, customer, employee, product, product, quantity)   an order with two details, one batch
//   cancel(order)
//   import(edition, flaw)             a whole dump, one batch: everything is made anew
//   export()                          the whole database as a file of SQL, one batch of reads
//   remember()                        how many orders there are, and the bookmark of that
//   slip()                            DELETE without WHERE
//   restore(bookmark, time)           Time Travel; the time is for the mistake restore-by-clock
#pragma once

#include "model/apps/application.h"

namespace tidemark::model {

inline constexpr std::string_view kNorthwind = "northwind";

ApplicationInfo northwind_application();

}  // namespace tidemark::model
