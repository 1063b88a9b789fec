// StoreFaultSet: the active faults of the object store, and what they decide about each request. Private to sim/disk:
// the API is sim/disk/object_store_faults.h. It draws and decides; sim/disk/store_operation.h carries the decisions
// out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/disk/object_store_faults.h"

namespace tidemark::sim {

class StoreFaultSet {
 public:
  StoreFaultId inject(StoreFault fault, RandomStream& random, StoreScope scope);
  /// False when it has ended already.
  bool end(StoreFaultId id);
  void end_all() { active_.clear(); }
  bool active(StoreFaultId id) const;
  bool any() const { return !active_.empty(); }
  std::uint64_t effects(StoreFaultId id) const { return id == 0 || id > effects_.size() ? 0 : effects_[id - 1]; }
  void count(StoreFaultId id) { ++effects_[id - 1]; }

  struct Request {
    StoreOps operation;
    bool conditional;  // put_if_absent
    std::uint32_t process;
    std::string_view key;
    std::uint64_t bytes;  // of a put
  };
  /// A fault that strikes when the request takes effect.
  struct Strike {
    StoreFaultId id = 0;
    RandomStream* random = nullptr;
  };
  struct Decision {
    Duration service;  // until the effect, without the way
    bool takes_effect = true;
    bool refused = false;                // throttled: answered at once
    std::optional<ObjectStatus> answer;  // instead of the true one
    Duration timeout;                    // of an answer kTimeout, since the request left
    Duration late;                       // the effect comes so much later
    std::uint64_t page_keys = 0;         // at most; 0: no limit
    Strike truncates;
    Strike corrupts;
    Strike stale;
    Duration stale_window;
    Strike hides_winner;  // of a conditional put
    Strike hides_loser;
  };
  /// A request leaves. `service` is what it takes without faults.
  Decision on_request(const Request& request, Duration service);
  /// The timeout of the outages that cut the request's process off now; nothing when there is none. Counts.
  std::optional<Duration> outage(const Request& request);
  /// The caller of an upload is gone before the effect: is the upload dropped?
  bool drops_upload(const Request& request);
  /// The longest window of stale lists; nothing when there are none.
  std::optional<Duration> stale_window() const;

 private:
  struct Instance {
    StoreFaultId id;
    StoreFault fault;
    RandomStream* random;
    StoreScope scope;
  };
  bool matches(const Instance& instance, const Request& request) const;
  bool hits(Instance& instance, Chance chance) {
    return chance == kAlways || (chance != 0 && instance.random->chance_fixed(chance));
  }
  Duration draw_between(Instance& instance, Duration low, Duration high);
  struct Decider;

  std::vector<Instance> active_;        // in order of injection
  std::vector<std::uint64_t> effects_;  // of fault id at [id - 1]
};

}  // namespace tidemark::sim
