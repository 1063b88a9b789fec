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
// A list takes one such request per page of ObjectStoreOptions::list_page_keys keys.
//
// What can go wrong is injected: sim/disk/object_store_faults.h says what each fault means.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/object_store.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/disk/object_store_faults.h"
#include "sim/disk/options.h"

namespace tidemark::sim {

class StoreFaultSet;

struct ObjectStoreStatistics {
  std::uint64_t objects = 0;  // held now
  std::uint64_t bytes = 0;    // held now
  std::uint64_t puts = 0;     // that took effect
  std::uint64_t gets = 0;
  std::uint64_t lists = 0;
  std::uint64_t removes = 0;
};

/// Told at the instant of the effect, before the answer leaves. May look at the store; must not change it.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;
  virtual void on_put(std::string_view key, const ObjectBody& body) = 0;
  /// Of a key that was there.
  virtual void on_remove(std::string_view key) = 0;
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

  // --- Faults: sim/disk/object_store_faults.h. ---

  /// `random` must outlive the instance and the requests that it has struck.
  StoreFaultId inject(StoreFault fault, RandomStream& random, StoreScope scope = {});
  /// No effect when it has ended already. Requests that it has struck stay struck.
  void end(StoreFaultId id);
  void end_all_faults();
  bool active(StoreFaultId id) const;
  /// Requests changed so far, also after the end.
  std::uint64_t effects(StoreFaultId id) const;
  /// One bit of the stored object flips (S8) or only a drawn prefix of it is left (S7), for good; readers that hold its
  /// buffers keep the good ones. False when there is no such object or it is empty.
  bool corrupt_object(std::string_view key, RandomStream& random);
  bool truncate_object(std::string_view key, RandomStream& random);

  /// Somebody else's objects appear and go at once (S6).
  void place_object(const std::string& key, ObjectBody body) { put_now(key, std::move(body)); }
  void take_object_away(std::string_view key) { remove_now(key); }

  // --- For observers and tests: no virtual time, no draws. ---

  /// nullptr = nobody. Not owned. Objects that a fault places, damages or takes away are not told.
  void observe(StoreObserver* observer) { observer_ = observer; }
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
  ListResult page_now(const std::string& prefix, const std::string& start_after, std::uint64_t limit) const;
  ListResult page_of(std::vector<std::string> keys, const std::string& start_after, std::uint64_t limit) const;
  /// Fills the ages of the page's keys.
  void tell_ages(ListResult& page) const;
  /// Sorted keys with the prefix as they were at `when`.
  std::vector<std::string> keys_at(Instant when, std::string_view prefix) const;
  void remember_change(std::string_view key, bool existed);
  void faults_changed();

  // Constant after construction.
  Scheduler& scheduler_;
  StreamRegistry& streams_;
  const std::uint64_t bytes_per_second_;
  const std::uint64_t list_page_keys_;
  const DurationDistribution get_time_;
  const DurationDistribution put_time_;
  const DurationDistribution list_time_;
  const DurationDistribution remove_time_;
  // The content.
  struct Object {
    ObjectBody body;
    Instant stored;  // by the last put
  };
  std::map<std::string, Object, std::less<>> objects_;
  ObjectStoreStatistics statistics_;
  StoreObserver* observer_ = nullptr;
  // Operations under way: a circular list, so that the destructor can drop them.
  Operation* first_ = nullptr;
  std::size_t pending_ = 0;
  std::map<std::uint32_t, std::unique_ptr<Client>> clients_;  // by Process::id()
  // Faults.
  struct Change {
    Instant when;
    std::string key;
    bool existed;  // before
  };
  std::unique_ptr<StoreFaultSet> faults_;  // made by the first injection
  StoreFaultSet* active_ = nullptr;        // faults_ while any instance is active
  std::deque<Change> changes_;             // of the set of keys, oldest first, while lists may be stale
};

}  // namespace tidemark::sim
