// SimObjectStore: the one object store of a run, and its client views (rules of the interface:
// sim/core/object_store.h).
//
// The course of an operation that starts at t, with the caller's round trip r to the bucket:
//
//   t                request leaves
//   takes effect     put: t + r/2 + transfer(size) + sample      get, list, remove: t + r/2 + sample
//   answer arrives   effect + (r - r/2), for a get + transfer(size) as well
//
// The sample is drawn when the request leaves, from the stream "object_store/<process name>" and the operation's name
// ("get", "put", "list", "remove"). A put or remove that has left takes effect even if its task is destroyed or its
// process crashes; the answer is then dropped. Puts of one key take effect in the order of their effect instants, which
// need not be the order in which they left. Every read sees all that took effect before it. Effect and answer are
// events of kind kObject: the effect of the world, the answer of the calling process (it waits while that is paused).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/object_store.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/disk/options.h"

namespace tidemark::sim {

struct ObjectStoreStatistics {
  std::uint64_t objects = 0;  // held now
  std::uint64_t bytes = 0;    // held now
  std::uint64_t puts = 0;     // that took effect
  std::uint64_t gets = 0;
  std::uint64_t lists = 0;
  std::uint64_t removes = 0;
};

class SimObjectStore {
 public:
  /// The references must outlive the store. The store must outlive the tasks of its clients.
  SimObjectStore(Scheduler& scheduler, StreamRegistry& streams, const ObjectStoreOptions& options);
  ~SimObjectStore();
  SimObjectStore(const SimObjectStore&) = delete;
  SimObjectStore& operator=(const SimObjectStore&) = delete;

  /// The store as `process` sees it, owned by the store: the same object for the same process. A later call changes the
  /// round trip of operations that have not started.
  ObjectStore& client(Process& process, Duration round_trip);

  // --- For observers and tests: no virtual time, no draws. ---

  /// nullptr when there is no such object. Valid until the next event.
  const ObjectBody* peek(std::string_view key) const;
  /// Sorted keys that start with `prefix`.
  std::vector<std::string> keys(std::string_view prefix = {}) const;
  const ObjectStoreStatistics& statistics() const { return statistics_; }
  /// Operations whose effect or answer is still to come.
  std::size_t pending() const { return pending_; }

 private:
  class Client;
  class Operation;

  void put_now(const std::string& key, ObjectBody body);
  void remove_now(std::string_view key);

  // Constant after construction.
  Scheduler& scheduler_;
  StreamRegistry& streams_;
  const std::uint64_t bytes_per_second_;
  const DurationDistribution get_time_;
  const DurationDistribution put_time_;
  const DurationDistribution list_time_;
  const DurationDistribution remove_time_;
  // The content.
  std::map<std::string, ObjectBody, std::less<>> objects_;
  ObjectStoreStatistics statistics_;
  // Operations under way: a circular list, so that the destructor can drop them.
  Operation* first_ = nullptr;
  std::size_t pending_ = 0;
  std::map<std::uint32_t, std::unique_ptr<Client>> clients_;  // by Process::id()
};

}  // namespace tidemark::sim
