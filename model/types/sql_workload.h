// SqlWorkload: an application written as SQL in a scenario file: [sql], [[statement]], [[assertion]]
// (docs/apps/sql.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/types/value.h"

namespace tidemark::model {

/// Where the value of a parameter comes from.
struct SqlGenerator {
  enum class Kind : std::uint8_t {
    kUniform,   // low to high
    kZipf,      // low to high, low the most frequent
    kSequence,  // 1, 2, 3, ... of this client and parameter
    kUnique,    // a number that no client gets twice
    kText,      // so many lower-case letters, low to high
    kChoice,    // one of `choices`
    kClient,    // the client's number, from 0
    kNow,       // milliseconds of virtual time since the run began
  };
  Kind kind = Kind::kUniform;
  std::int64_t low = 0;
  std::int64_t high = 0;
  double exponent = 1;  // kZipf
  std::vector<SqlValue> choices;
  friend bool operator==(const SqlGenerator&, const SqlGenerator&) = default;
};

struct SqlParameter {
  std::string name;  // without the colon
  SqlGenerator generator;
  friend bool operator==(const SqlParameter&, const SqlParameter&) = default;
};

/// One thing that clients do.
struct SqlStatement {
  std::string name;
  std::uint32_t weight = 1;
  /// Several: one batch. Parameters are written as :name.
  std::vector<std::string> sql;
  bool is_batch = false;
  /// In the order in which they are drawn and bound; every :name of `sql` is one of them.
  std::vector<SqlParameter> parameters;
  bool writes = false;  // by SQLite's own flag
  friend bool operator==(const SqlStatement&, const SqlStatement&) = default;
};

/// What must hold in every state that an answer was served from.
struct Assertion {
  std::string name;
  /// A query for the rows that break it: it holds when there are none.
  std::string sql;
  /// A sentence; {column} stands for the value of the first such row.
  std::string says;
  friend bool operator==(const Assertion&, const Assertion&) = default;
};

struct SqlWorkload {
  /// Runs as one unit before the clients start: tables and their first rows.
  std::vector<std::string> schema;
  std::vector<SqlStatement> statements;
  std::vector<Assertion> assertions;
  friend bool operator==(const SqlWorkload&, const SqlWorkload&) = default;
};

/// A text with :names as D1 takes it: ?1, ?2, ... (D1 has no named parameters).
struct OrderedSql {
  std::string text;
  /// names[i] is bound to ?(i + 1). Each once, in the order of their first mention.
  struct Name {
    std::string name;
    std::size_t at = 0;  // where it is first mentioned: the offset of its colon in the text that was given
  };
  std::vector<Name> names;
};
/// Leaves literals, quoted names and comments as they are.
OrderedSql ordered_sql(std::string_view sql);

/// The statements of a schema as one text.
std::string joined(const std::vector<std::string>& schema);

}  // namespace tidemark::model
