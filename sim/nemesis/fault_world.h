// FaultWorld: what the nemesis needs of the world that it strikes. model/cluster implements it; tests fake it.
//
// Two parts. The first gives access to the primitives of sim/: processes, disks, clocks, network, object store. The
// second is operations that only the model knows. Each returns how many things it changed; 0 says "no effect", which is
// what the defaults do, so a world that cannot do something says so by not overriding it. All are called from an event
// of the nemesis (EventKind::kNemesis of the world), never from code of a process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/buggify.h"
#include "sim/core/clock.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/disk/disk.h"
#include "sim/disk/object_store_sim.h"
#include "sim/nemesis/fault.h"
#include "sim/nemesis/topology.h"
#include "sim/net/network.h"

namespace tidemark::sim {

class FaultWorld {
 public:
  using ProcessId = std::uint32_t;  // Process::id()
  using Count = std::uint64_t;
  virtual ~FaultWorld() = default;

  // --- Primitives. Everything handed out lives as long as the world. ---

  virtual const Topology& topology() const = 0;
  virtual Scheduler& scheduler() = 0;
  virtual StreamRegistry& streams() = 0;
  virtual Network& network() = 0;
  virtual Process& process(ProcessId id) = 0;
  /// nullptr where there is none.
  virtual Disk* disk(ProcessId) { return nullptr; }
  virtual NodeClock* clock(ProcessId) { return nullptr; }
  virtual SimObjectStore* object_store() { return nullptr; }
  virtual Buggify* buggify() { return nullptr; }
  /// The host that leads now, or that is expected to lead; 0: none.
  virtual ProcessId primary(std::string_view database) const = 0;
  /// What the protocol does at this process just now, for the coverage table: "serving", "sealing", "booting", ...
  virtual std::string phase_of(ProcessId) const { return "unknown"; }
  /// Message types of the relay (Append, Ship, Ack, Confirm, ...); and those of a name, empty when unknown.
  virtual PayloadTypes relay_types() const { return {}; }
  virtual PayloadTypes payload_types(std::string_view) const { return {}; }
  /// Brings a stopped process up again.
  virtual void start(ProcessId id) { process(id).start(); }

  // --- Processes ---

  /// P3: asks it to stop by itself; it crashes itself when it is done.
  virtual Count stop_gracefully(ProcessId) { return 0; }
  /// P10: it moves to another machine with an empty disk. Called while it is stopped; started again afterwards.
  virtual Count restart_elsewhere(ProcessId, RandomStream&) { return 0; }
  /// P11: a second life begins (true) or ends (false) while the first goes on.
  virtual Count double_start(ProcessId, bool) { return 0; }
  /// D26: called between crash and restart.
  virtual Count lose_wal_index(ProcessId) { return 0; }
  /// R6: it never comes back.
  virtual void retire(ProcessId) {}
  /// P14: the engine permutes ties in this run. B2: how many knobs of this run are not at their default.
  virtual Count ties_permuted() const { return 0; }
  virtual Count knobs_drawn() const { return 0; }

  // --- Membership and operations ---

  virtual Count hand_over(std::string_view) { return 0; }                                  // M3
  virtual Count migrate_primary(std::string_view, ProcessId) { return 0; }                 // R7: to this host
  virtual Count evict(std::string_view) { return 0; }                                      // the object goes to sleep
  virtual Count replace_follower(std::string_view, ProcessId) { return 0; }                // M1
  virtual Count add_replica(std::string_view, RandomStream&) { return 0; }                 // M2
  virtual Count remove_replica(ProcessId) { return 0; }                                    // M2
  virtual Count restore(std::string_view, Duration /*back*/, bool /*undo*/) { return 0; }  // M5
  virtual Count recreate(std::string_view) { return 0; }                                   // M6
  /// M7: "checkpoint", "vacuum", "ddl", "huge-transaction".
  virtual Count maintain(ProcessId, std::string_view) { return 0; }
  /// N28: routers go on sending requests for this process to where it was before; the end returns how many did.
  virtual Count stale_route(ProcessId, bool) { return 0; }
  /// S6: objects of a neighbour with a longer name appear (true) or go.
  virtual Count neighbour_objects(RandomStream&, bool) { return 0; }

  // --- Clients: X1-X7, X9 ---

  struct ClientFault {
    const Fault& fault;  // kind and parameters
    ProcessId client;
    RandomStream& random;
    bool begin;  // false: the end of an interval; returns what it changed
  };
  virtual Count client_fault(const ClientFault&) { return 0; }
  /// What the client has done of it since, besides what client_fault() returned.
  virtual Count client_effects(const Fault&, ProcessId) const { return 0; }
};

}  // namespace tidemark::sim
