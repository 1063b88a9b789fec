// The answer of a Durable Object: rows, meta, errors, and what observers are told.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/durable_object/durable_object.h"

namespace tidemark::model {
namespace {

class CostsOfResponse final : public StatementCosts {
 public:
  CostsOfResponse(const D1Request& request, const D1Response& response) : request_(request), response_(response) {}
  std::size_t count() const override { return std::min(request_.statements.size(), response_.results.size()); }
  StatementCost at(std::size_t statement) const override {
    const ResultMeta& meta = response_.results.at(statement).meta;
    return {request_.statements.at(statement).sql, sim::Duration::nanoseconds(meta.sql_duration_ns), meta.rows_read,
            meta.rows_written};
  }

 private:
  const D1Request& request_;
  const D1Response& response_;
};

}  // namespace

sim::Duration DurableObject::cost_of(const sqlite::Outcome& outcome) const {
  return options_.query_overhead + options_.vm_step_cost * static_cast<std::int64_t>(outcome.cost.vm_steps) +
         options_.page_read_cost * static_cast<std::int64_t>(outcome.cost.pages_read) +
         options_.page_write_cost * static_cast<std::int64_t>(outcome.cost.pages_written);
}

DurableObject::ResponseRef DurableObject::fail(const D1Request& request, std::string_view error) const {
  ResponseRef response(new D1Response);
  response->id = request.id;
  response->error = error;
  return response;
}

namespace {

constexpr int kSqliteNoMemory = 7;
constexpr int kSqliteInterrupt = 9;

/// D1's own words for limits, SQLite's for the rest.
std::string error_text(const sqlite::SqlError& error) {
  if (error.code == kSqliteInterrupt) return "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.";
  if (error.code == kSqliteNoMemory) return "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.";
  return "D1_ERROR: " + error.text;
}

}  // namespace

// A statement's share of the SQL time is that of its virtual machine steps; overhead and pages belong to the first.
DurableObject::ResponseRef DurableObject::respond(const D1Request& request, const sqlite::Outcome& outcome) const {
  if (!outcome.ok()) return fail(request, error_text(outcome.error));
  ResponseRef response(new D1Response);
  response->id = request.id;
  response->success = true;
  response->results.reserve(outcome.statements.size());
  std::int64_t rest_ns = cost_of(outcome).ns();
  for (const sqlite::StatementOutcome& statement : outcome.statements) {
    rest_ns -= options_.vm_step_cost.ns() * static_cast<std::int64_t>(statement.vm_steps);
  }
  for (const sqlite::StatementOutcome& statement : outcome.statements) {
    StatementResult& result = response->results.emplace_back();
    result.rows = statement.rows;
    ResultMeta& meta = result.meta;
    meta.served_by_region = identity_.region;
    meta.served_by_colo = identity_.colo;
    meta.served_by_primary = is_primary() || bugs_.has(Bug::kM1);
    meta.sql_duration_ns = options_.vm_step_cost.ns() * static_cast<std::int64_t>(statement.vm_steps) + rest_ns;
    rest_ns = 0;
    meta.duration_ns = meta.sql_duration_ns;
    meta.changes = statement.changes;
    meta.last_row_id = statement.last_row_id;
    meta.changed_db = statement.changed_db;
    meta.size_after = statement.size_after;
    meta.rows_read = statement.rows_read;
    meta.rows_written = statement.rows_written;
  }
  return response;
}

void DurableObject::report(const D1Request& request, const D1Response& response, sim::Instant arrived) const {
  if (parts_.observer == nullptr) return;
  TIDEMARK_ASSERT(response.truth.node != 0, "a success was executed somewhere");
  ResponseTruth truth;
  truth.database = identity_.database;
  truth.session = request.session;
  truth.node = response.truth.node;
  truth.node_is_primary = response.truth.primary;
  truth.region = response.truth.region;
  if (!response.results.empty()) {
    truth.claimed_region = response.results.front().meta.served_by_region;
    truth.claimed_primary = response.results.front().meta.served_by_primary;
  }
  truth.asked = &request.token;
  const bool has_bookmark = response.bookmark.kind() == SessionToken::Kind::kBookmark;
  truth.returned = has_bookmark ? &response.bookmark.bookmark() : nullptr;
  truth.state = response.truth.state;
  truth.created = response.truth.created;
  truth.started = arrived;
  truth.sent = response.truth.sent;
  if (!request.statements.empty()) {
    truth.sql = request.statements.front().sql;
    truth.params = request.statements.front().params;
  }
  const CostsOfResponse costs(request, response);
  truth.costs = &costs;
  parts_.observer->on_response(truth);
}

}  // namespace tidemark::model
