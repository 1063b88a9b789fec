// Dumps of Northwind: files of SQL that make the whole database anew, rows drawn from the edition's number.
//
// Each dump is an edition: categories, suppliers and employees carry its number in a text ("Edition 7: ..."), so that
// every state of the database shows of which dump it is. Those that cannot be imported have numbers below zero.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/protocol/messages.h"

namespace tidemark::model::northwind {

/// What is wrong with a dump.
enum class Flaw : std::uint8_t {
  kNone,
  kBadStatement,  // one in the middle names a table that is not there
  kDangling,      // the last detail is of a product that is not there: the foreign key fails at the commit
  kTooLong,       // a statement is longer than 100,000 bytes, the limit of D1
};
inline constexpr std::int64_t kFlaws = 4;

/// The statements of a dump: the tables are dropped and made again, then come the rows, those first that others refer
/// to. Several rows to a statement, each of them below D1's limit.
std::vector<std::string> dump_of(std::int64_t edition, Flaw flaw, bool with_references);

/// "Id" of the customer with this number, from 0; the same in every edition.
std::string customer_id(std::int64_t number);

/// SQL for the edition that a row is of, where `column` is the text that begins with it.
std::string edition_in(const std::string& column);

/// The queries of an export. Each gives statements as rows of one column; in this order they are a file that makes the
/// same database.
std::vector<Statement> export_queries();

}  // namespace tidemark::model::northwind
