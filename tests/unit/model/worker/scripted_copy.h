// A database copy that answers by script, and a worker's side to ask it.
#pragma once

#include <deque>
#include <optional>

#include "model/worker/session.h"
#include "path_world.h"

namespace tidemark::model::testing {

/// Answers every request with the next step of the script, after its delay; the last step stays.
class ScriptedCopy final : public RpcHandler {
 public:
  struct Step {
    bool success = true;
    SessionToken bookmark;
    std::string error;
    bool retryable = false;
    bool outcome_unknown = false;
    sim::Duration delay;
    std::int64_t changes = 0;
  };
  explicit ScriptedCopy(PathWorld::Node& node) : node_(node), server_(*this) { node.network().listen(&server_); }
  ~ScriptedCopy() override { node_.network().listen(nullptr); }

  std::deque<Step> script;
  std::vector<boost::intrusive_ptr<const D1Request>> seen;
  std::vector<std::string> sqls() const {
    std::vector<std::string> result;
    for (const auto& request : seen) result.push_back(request->statements.front().sql.substr(0, 6));
    return result;
  }

 private:
  void on_request(RpcPeer from, const sim::PayloadRef& message) override {
    auto request = boost::static_pointer_cast<const D1Request>(message);
    seen.push_back(request);
    Step step = script.empty() ? Step() : script.front();
    if (script.size() > 1) script.pop_front();
    node_.process().spawn(answer(from, std::move(request), std::move(step)));
  }
  sim::Task<void> answer(RpcPeer from, boost::intrusive_ptr<const D1Request> request, Step step) {
    co_await sim::sleep(node_.process(), step.delay);
    boost::intrusive_ptr<D1Response> response(new D1Response);
    response->id = request->id;
    response->success = step.success;
    response->error = step.error;
    response->retryable = step.retryable;
    response->outcome_unknown = step.outcome_unknown;
    response->bookmark = step.bookmark;
    for (std::size_t i = 0; step.success && i < request->statements.size(); ++i) {
      StatementResult& result = response->results.emplace_back();
      ResultSet::Builder rows(column_names({"v"}));
      rows.add_integer(1);
      result.rows = rows.finish();
      result.meta.served_by_region = "WEUR";
      result.meta.changes = step.changes;
    }
    server_.reply(from, std::move(response));
  }
  PathWorld::Node& node_;
  RpcServer server_;
};

class OneCopyDirectory final : public Directory {
 public:
  std::uint32_t nearest_copy(std::uint32_t, std::uint32_t) const override { return copy; }
  std::uint32_t primary_of(std::uint32_t, std::uint32_t) const override { return primary; }
  std::uint32_t copy = 0;
  std::uint32_t primary = 0;  // for Time Travel
};

struct WorkerSide {
  explicit WorkerSide(BugSet bugs = {}) : database(router, 0, options, bugs) {
    directory.copy = copy_node.process().id();
  }
  PathWorld world;
  PathWorld::Node& worker_node = world.node("worker/FRA", "FRA");
  PathWorld::Node& copy_node = world.node("db/replica", "FRA");
  ScriptedCopy copy{copy_node};
  OneCopyDirectory directory;
  WorkerOptions options;
  Router router{worker_node, directory};
  D1Database database;

  /// Runs one statement of the session to its end.
  QueryResult run(D1Session& session, std::string sql) {
    std::optional<QueryResult> result;
    start(session, std::move(sql), result);
    world.run_for(100_s);
    return *result;
  }
  /// Begins one and returns at once.
  void start(D1Session& session, std::string sql, std::optional<QueryResult>& result) {
    worker_node.process().spawn(query(session, std::move(sql), result));
  }

 private:
  static sim::Task<void> query(D1Session& session, std::string sql, std::optional<QueryResult>& result) {
    PreparedStatement statement = session.prepare(sql);
    QueryResult got = co_await statement.run();
    result.emplace(std::move(got));
  }
};

}  // namespace tidemark::model::testing
