// What the programs of the database processes are made with, and the program of a replica: relay, SQLite and Durable
// Object put together. The program of a host is in host_node.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/cluster/sim_directory.h"
#include "model/durable_object/durable_object.h"
#include "model/srs/relay_setup.h"
#include "model/srs/replica_leader.h"
#include "sim/core/process.h"

namespace tidemark::model {

/// What both kinds of copies are made with; all of it outlives the programs.
struct CopySetup {
  srs::RelaySetup relay;
  DurableObjectIdentity identity;
  const DatabaseOptions& options;
  SimDirectory* directory = nullptr;  // nullptr: no request is routed here (idle replica). Never at a host.
  std::uint64_t sqlite_seed = 0;
};

class ReplicaNode final : public sim::Program {
 public:
  explicit ReplicaNode(const CopySetup& setup);
  ~ReplicaNode() override;
  srs::ReplicaLeader& leader() { return leader_; }
  /// nullptr while it boots.
  DurableObject* object() { return object_ ? &*object_ : nullptr; }
  /// Looks for pages that rotted unseen; a copy that has some is given up. True when all is well.
  bool scrub();
  /// M7 but for VACUUM, see maintenance.cc. False while it boots, or a checkpoint is under way.
  bool maintain(std::string_view operation);

 private:
  sim::Task<void> boot();
  sim::Task<void> run_maintenance(boost::intrusive_ptr<const D1Request> request);
  const CopySetup setup_;
  srs::ReplicaLeader leader_;
  std::optional<DatabaseCopy> copy_;
  std::optional<DurableObject> object_;
};

}  // namespace tidemark::model
