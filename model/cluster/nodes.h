// The programs of the database processes: the relay, SQLite and the Durable Object of one copy, put together.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/cluster/sim_directory.h"
#include "model/durable_object/durable_object.h"
#include "model/srs/leader.h"
#include "model/srs/primary_storage.h"
#include "model/srs/relay_setup.h"
#include "model/srs/replica_leader.h"
#include "sim/core/process.h"

namespace tidemark::model {

/// What both kinds of copies are made with; all of it outlives the programs.
struct CopySetup {
  srs::RelaySetup relay;
  DurableObjectIdentity identity;
  const DatabaseOptions& options;
  SimDirectory* directory = nullptr;  // nullptr: no request is routed here (idle replica)
  std::uint64_t sqlite_seed = 0;
};

/// Gives accepted connections to whoever understands their first message: replicas register, everybody else asks.
class FrontDoor final : public sim::Acceptor, private sim::Receiver {
 public:
  FrontDoor(srs::SrsLeader& leader, DurableObject& object) : leader_(leader), object_(object) {}
  void on_accept(std::unique_ptr<sim::Connection> connection) override;

 private:
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  std::unique_ptr<sim::Connection> take(sim::Connection& connection);
  srs::SrsLeader& leader_;
  DurableObject& object_;
  std::vector<std::unique_ptr<sim::Connection>> silent_;  // accepted, nothing said yet
};

class PrimaryNode final : public sim::Program {
 public:
  PrimaryNode(const CopySetup& setup, const std::vector<std::uint32_t>& followers);
  ~PrimaryNode() override;
  srs::SrsLeader& leader() { return leader_; }
  srs::PrimaryStorage& storage() { return storage_; }
  DurableObject& object() { return object_; }

 private:
  /// SQLite with capture, as the Durable Object wants it.
  class Copy final : public DatabaseCopy {
   public:
    explicit Copy(srs::PrimaryStorage& storage) : DatabaseCopy(storage.database()), storage_(storage) {}
    bool has_pending() const override { return storage_.has_pending(); }
    Bookmark submit_pending() override { return storage_.submit_pending(); }
    sim::Task<void> until_room() override { return storage_.until_room(); }

   private:
    srs::PrimaryStorage& storage_;
  };
  const CopySetup setup_;
  srs::PrimaryStorage storage_;
  srs::SrsLeader leader_;
  Copy copy_;
  DurableObject object_;
  FrontDoor door_;
};

class ReplicaNode final : public sim::Program {
 public:
  explicit ReplicaNode(const CopySetup& setup);
  ~ReplicaNode() override;
  srs::ReplicaLeader& leader() { return leader_; }
  /// nullptr while it boots.
  DurableObject* object() { return object_ ? &*object_ : nullptr; }

 private:
  sim::Task<void> boot();
  const CopySetup setup_;
  srs::ReplicaLeader leader_;
  std::optional<DatabaseCopy> copy_;
  std::optional<DurableObject> object_;
};

}  // namespace tidemark::model
