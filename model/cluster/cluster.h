// Cluster: the whole world of one run, wired: scheduler, random streams, network, disks, object store, and the
// processes of every hop. The only code that knows all rooms.
//
// Life: construct -> setup() -> run() as often as you like -> quiesce() -> look at it -> destroy. The same options give
// the same events, whatever ran before in this program (SQLite's generator is reset by the constructor). One cluster at
// a time.
//
// Names of processes: "db-a/primary", "db-a/follower-1" to "-5", "db-a/replica-weur" (kOnePerRegion) or
// "db-a/replica-FRA" (by site), "db-a/idle-FRA", "worker/IAD", "client-7", "db-a/write-load", "setup", "control",
// "db-a/standby-1" and the spare followers "db-a/follower-6" and on; with ClusterOptions::reserves also the second
// lives "db-a/primary-again", "db-a/replica-FRA-again" and the replicas to come "db-a/replica-added-1". Ids count from
// 1 in a fixed order in which idle replicas and, behind them, the control plane with the reserves come last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/client/client_observer.h"
#include "model/cluster/options.h"
#include "model/types/observer.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"

namespace tidemark::sim {
class Buggify;
class Disk;
class Network;
class NodeClock;
class SimObjectStore;
class SiteTable;
}  // namespace tidemark::sim

namespace tidemark::model {

class Client;
class DurableObject;
class HostNode;
struct ClientLedger;
class PrimaryRelay;
class ReplicaRelay;
namespace control {
class DatabaseControl;
}
namespace sqlite {
class Vfs;
class Database;
}  // namespace sqlite
namespace srs {
class FollowerNode;
}

/// Both may be nullptr. Not owned; must outlive the cluster.
struct ClusterObservers {
  Observer* replication = nullptr;  // ground truth at the nodes
  ClientObserver* clients = nullptr;
};

enum class NodeRole : std::uint8_t {
  kPrimary,  // the home host: where the primary is at first
  kFollower,
  kReplica,
  kWorker,
  kClient,
  kWriteLoad,
  kSetup,
  kControl,
  kHost,  // a standby host
};

/// One process of the cluster, for reports and checkers.
struct NodeInfo {
  std::uint32_t process = 0;  // Process::id()
  std::string name;
  NodeRole role = NodeRole::kPrimary;
  std::uint32_t database = 0;  // index; of database nodes and write loads
  /// Followers: 0 to 4, spares from 5; standby hosts: from 1; replicas: position in the database; clients: number.
  std::uint32_t index = 0;
  std::string site;    // "IAD", "IAD/2"
  std::string region;  // "ENAM"
  /// Takes part only when a fault brings it in (ClusterOptions::reserves).
  bool reserve = false;
};

struct ClusterStatistics {
  std::uint64_t operations_ok = 0;  // of clients
  std::uint64_t operations_fail = 0;
  std::uint64_t operations_info = 0;
  std::uint64_t write_loads = 0;  // rows confirmed to write loads
  std::uint64_t queries = 0;      // requests executed at copies
  std::uint64_t forwarded = 0;
  std::uint64_t bookmark_waits = 0;  // reads that had to wait at a replica
  std::uint64_t overloaded = 0;
  std::uint64_t entries = 0;  // log entries made, over all databases
};

/// The files of one copy of a database as they lie on its disk, to be opened by the stock sqlite3 command. The WAL ends
/// behind the visible position and has to stand beside the database file under its name plus "-wal".
struct ExportedCopy {
  std::string node;  // "db-a/replica-weur"
  bool primary = false;
  std::vector<std::byte> database;
  std::vector<std::byte> wal;
};
class ExportSink {
 public:
  virtual ~ExportSink() = default;
  virtual void on_copy(const ExportedCopy& copy) = 0;
};

class Cluster {
 public:
  /// `options.problem()` must be empty (assert).
  Cluster(ClusterOptions options, ClusterObservers observers);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Starts databases, makes the applications' tables through a worker, waits until every replica but the late ones
  /// serves them, then starts clients and write loads. kIdle on success (the clock stands where the clients start);
  /// kLimit when `limit` of virtual time was not enough; kStuck or kStopped as run().
  sim::RunEnd setup(sim::Duration limit = sim::Duration::seconds(120));
  /// Runs for `duration` of virtual time. kLimit is the normal end.
  sim::RunEnd run(sim::Duration duration);
  /// Clients and write loads finish what they have begun and begin nothing new.
  void stop_clients();
  /// stop_clients(), then runs until quiet or until `limit` has passed. True when quiet: no request open, every
  /// replica shows all that its primary has committed and confirmed, and no copy has a page that rotted.
  bool quiesce(sim::Duration limit);
  bool quiet() const;
  /// What quiet() misses, one line for people; empty when quiet.
  std::string unfinished() const;

  /// Hands out the files of every copy, databases in order, the primary first. Only when quiet.
  void export_databases(ExportSink& sink);

  const ClusterOptions& options() const;
  sim::Scheduler& scheduler();
  sim::StreamRegistry& streams();
  sim::Network& network();
  const sim::SiteTable& sites() const;
  ClusterStatistics statistics() const;

  /// In the order of process ids.
  const std::vector<NodeInfo>& nodes() const;
  /// nullptr when there is none of this name.
  const NodeInfo* find(std::string_view name) const;
  sim::Process& process(std::uint32_t id);

  // --- For the nemesis. ---

  /// nullptr for a process without a disk.
  sim::Disk* disk(std::uint32_t process);
  sim::NodeClock& clock(std::uint32_t process);
  sim::SimObjectStore& object_store();
  sim::Buggify& buggify();
  /// The program of a client; nullptr while it is down, or for a process that is none.
  Client* client(std::uint32_t process);
  /// Of all lives of a client (asserts that it is one).
  ClientLedger& client_ledger(std::uint32_t process);
  /// The routes of a database stay as they are, for `asker` (0: everybody), until thawed; see sim_directory.h.
  void freeze_routes(std::uint32_t database, std::uint32_t asker = 0);
  std::uint64_t thaw_routes(std::uint32_t database, std::uint32_t asker = 0);
  /// False for reserves that no fault has brought in, and for what a fault took away for good.
  bool takes_part(std::uint32_t process) const;
  /// It never comes back, or not before join(): its process is stopped, and a replica is not waited for any more.
  void leave(std::uint32_t process);
  /// A replica that does not take part starts on an empty disk and is waited for from now on.
  void join(std::uint32_t replica);
  /// M7 at a replica (maintenance.cc). False when it cannot now.
  bool maintain(std::uint32_t replica, std::string_view operation);
  /// Replicas of a database that do not take part.
  std::vector<std::uint32_t> absent_replicas(std::uint32_t database) const;
  /// The reserve that can be a second life of this process, and the process whose second life this is; 0: none.
  std::uint32_t second_life_of(std::uint32_t process) const;
  std::uint32_t first_life_of(std::uint32_t process) const;

  // --- Direct access for stories and checkers: the program of a running node; nullptr while it is down or boots. ---
  DurableObject* durable_object(std::uint32_t process);
  /// Of the host that serves.
  PrimaryRelay* primary_relay(std::uint32_t database);
  /// Process::id() of the host where the routes lead: it serves, or did last; 0 before the first.
  std::uint32_t primary_host(std::uint32_t database) const;
  /// The program of a host; nullptr while it is down, or for a process that is none.
  HostNode* host(std::uint32_t process);
  /// The program of a durability follower; likewise.
  srs::FollowerNode* follower(std::uint32_t process);
  /// What the control plane thinks of a database; nullptr while it is down.
  control::DatabaseControl* control(std::uint32_t database);
  ReplicaRelay* replica_relay(std::uint32_t process);
  sqlite::Vfs* vfs(std::uint32_t process);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::model
