#include "model/durable_object/sql_copy.h"

#include "base/assert.h"

namespace tidemark::model {

StatementClass DatabaseCopy::classify(const D1Request& request) {
  StatementClass found = StatementClass::kReads;
  for (const Statement& statement : request.statements) {
    bool writes = false;
    if (database_.is_write(statement.sql, writes)) {
      if (found == StatementClass::kReads) found = StatementClass::kInvalid;
    } else if (writes) {
      found = StatementClass::kWrites;
    }
  }
  return found;
}

sqlite::Outcome DatabaseCopy::run(const D1Request& request) {
  TIDEMARK_ASSERT(!request.statements.empty());
  if (!request.batch) {
    const Statement& only = request.statements.front();
    return database_.execute(only.sql, only.params);
  }
  views_.clear();
  for (const Statement& statement : request.statements) views_.push_back({statement.sql, statement.params});
  return database_.batch(views_);
}

}  // namespace tidemark::model
