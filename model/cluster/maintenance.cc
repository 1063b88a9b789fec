// M6 and M7, what an administrator orders at a host or a replica and does not wait for: a checkpoint, a VACUUM, a
// change of the schema, a huge transaction, everything anew. The middle three are ordinary requests of nobody's
// session, on tables of their own; VACUUM, which users may not do, is run by the primary in the place of such a
// request.
#include <utility>

#include "base/assert.h"
#include "model/cluster/host_node.h"

namespace tidemark::model {
namespace {

boost::intrusive_ptr<const D1Request> maintenance_request(std::uint32_t database, std::string_view operation) {
  boost::intrusive_ptr<D1Request> request(new D1Request);
  request->database = database;
  request->batch = true;
  const auto add = [&](const char* sql) { request->statements.push_back({sql, {}}); };
  if (operation == "vacuum") {
    add("VACUUM");
  } else if (operation == "ddl") {
    add("DROP TABLE IF EXISTS maintenance");
    add("CREATE TABLE maintenance (id INTEGER PRIMARY KEY, note TEXT)");
    add("CREATE INDEX maintenance_by_note ON maintenance (note)");
    add("ALTER TABLE maintenance ADD COLUMN stamp INTEGER");
  } else {
    TIDEMARK_ASSERT(operation == "huge-transaction", "an operation of M7");
    add("CREATE TABLE IF NOT EXISTS maintenance_bulk (id INTEGER PRIMARY KEY, body BLOB)");
    add("DELETE FROM maintenance_bulk");
    add("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
        "INSERT INTO maintenance_bulk (id, body) SELECT i, randomblob(3000) FROM n");
  }
  return request;
}

}  // namespace

bool HostNode::maintain(std::string_view operation) {
  if (!serving()) return false;
  if (operation == "checkpoint") return storage_->checkpoint_now();
  boost::intrusive_ptr<const D1Request> request = maintenance_request(setup_.identity.database, operation);
  if (operation == "vacuum") vacuum_ = request;
  process().spawn(run_maintenance(std::move(request)));
  return true;
}

sim::Task<void> HostNode::run_maintenance(boost::intrusive_ptr<const D1Request> request) {
  ++open_;
  co_await object_->handle(request);
  if (vacuum_ == request) vacuum_.reset();
  if (--open_ == 0) drained_.notify_all();
}

/// The name is the identity of a database here. So its log goes on, with one entry that takes everything away:
/// bookmarks stay comparable, and replicas, followers and objects of the time before fit in.
bool HostNode::order_recreate(srs::PageTable fresh) {
  if (phase_ != LeaderPhase::kServing || travelling_) return false;
  travelling_ = true;
  process().spawn(recreate(std::move(fresh)));
  return true;
}

sim::Task<void> HostNode::recreate(srs::PageTable fresh) {
  boost::intrusive_ptr<RestoreResponse> response(new RestoreResponse);
  response->target = fresh.at();
  co_await go_back(std::move(fresh), response);
  travelling_ = false;
}

bool ReplicaNode::maintain(std::string_view operation) {
  TIDEMARK_ASSERT(operation != "vacuum", "only the primary can do that");
  if (!object_) return false;
  if (operation == "checkpoint") return leader_.checkpoint_now();
  setup_.relay.env.process().spawn(run_maintenance(maintenance_request(setup_.identity.database, operation)));
  return true;
}

/// It is forwarded to the primary.
sim::Task<void> ReplicaNode::run_maintenance(boost::intrusive_ptr<const D1Request> request) {
  co_await object_->handle(std::move(request));
}

}  // namespace tidemark::model
