// Faults of the object store. As for disks (disk_faults.h): an instance strikes what its scope matches from injection
// to end, counts the requests that it changed, and draws only from the RandomStream given with it. With no active
// instance a request costs one branch and nothing is drawn or scheduled.
//
// An instance is asked when a request leaves, and again (outage only) when it takes effect. Delays add, factors
// multiply, a list page has the smallest limit. Of several outcomes of one request the harshest wins: outage >
// throttled > partial or ambiguous > delay. An answer kTimeout comes `timeout` after the request left, kError and kOk
// when the answer would have come without the fault.
//
// There is no multi-part call, so a partial upload (S9) leaves no object. Prefix neighbours (S6) need no fault: list()
// is by plain string prefix.
//
// The calls are members of sim::SimObjectStore (object_store_sim.h): inject(fault, random, scope) .. end(id),
// effects(id). Damage for good to stored objects: corrupt_object(), truncate_object().
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "sim/core/object_store.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/time.h"
#include "sim/disk/disk_faults.h"

namespace tidemark::sim {

/// Counts from 1 per store; 0 is no fault.
using StoreFaultId = std::uint64_t;

/// Requests of this process (0: of all; Process::id()) for keys that start with `key_prefix`. A list matches when its
/// prefix starts with `key_prefix`.
struct StoreScope {
  std::uint32_t process = 0;
  std::string key_prefix{};
};

/// Kinds of requests, as a mask.
enum StoreOps : std::uint8_t { kStorePut = 1, kStoreGet = 2, kStoreList = 4, kStoreRemove = 8, kStoreAll = 15 };

/// S1. The time at the store (sample and a put's transfer) becomes time * factor_permille / 1000 + constant.
struct SlowStore {
  std::uint8_t operations = kStoreAll;
  std::int64_t factor_permille = 1000;
  Duration constant{};
};
/// S1. 429 / 503: kThrottled after one round trip; nothing takes effect.
struct ThrottledStore {
  std::uint8_t operations = kStoreAll;
  Chance chance = kAlways;
};
/// R5 (scope: the processes of a region) or the whole store. A request that leaves never arrives; one that is on its
/// way takes effect, but its answer is lost. Both end with kTimeout.
struct StoreOutage {
  Duration timeout = Duration::seconds(10);
};
/// S2. A put, conditional or not, takes effect, but its caller gets `answer` (kError or kTimeout).
/// S3. With late_max > 0 the effect comes a time drawn from [late_min, late_max] later than it would, so that it may
/// overwrite a newer put or undo a delete of the same key.
struct AmbiguousPut {
  Chance chance = kAlways;
  ObjectStatus answer = ObjectStatus::kTimeout;
  Duration timeout = Duration::seconds(10);
  Duration late_min{};
  Duration late_max{};
};
/// S4. A list shows the keys as they were `window` ago: without objects put since, with those deleted since (at most
/// back to the injection).
struct StaleList {
  Chance chance = kAlways;
  Duration window = Duration::seconds(5);
};
/// S5. At most `keys` (>= 1) per page of a list.
struct SmallPages {
  std::size_t keys = 1;
};
/// S7. A get returns only a drawn prefix (0 to n-1 bytes) of the object, with kOk.
struct TruncatedBody {
  Chance chance = kAlways;
};
/// S8. One bit of what a get returns is flipped, this once; the object stays good.
struct CorruptBody {
  Chance chance = kAlways;
};
/// S9. A put of more than `part_bytes` is killed midway: no object, `answer` (kError or kTimeout). When the caller
/// crashes during such a put (before its effect) the put is dropped with the same chance.
struct PartialUpload {
  Chance chance = kAlways;
  std::uint64_t part_bytes = 8U << 20;
  ObjectStatus answer = ObjectStatus::kTimeout;
  Duration timeout = Duration::seconds(10);
};
/// S10. A remove takes effect a time drawn from [late_min, late_max] later than it would, so perhaps after a re-create,
/// which it deletes. `answer`: kError, kTimeout, or kOk (a store that is not strongly consistent).
struct LateRemove {
  Chance chance = kAlways;
  ObjectStatus answer = ObjectStatus::kTimeout;
  Duration timeout = Duration::seconds(10);
  Duration late_min{};
  Duration late_max = Duration::seconds(30);
};
/// S11. A put_if_absent is decided as ever (exactly one wins), but its caller sees kTimeout.
struct ConditionalTimeout {
  bool winner = true;
  bool loser = true;
  Chance chance = kAlways;
  Duration timeout = Duration::seconds(10);
};

using StoreFault = std::variant<SlowStore, ThrottledStore, StoreOutage, AmbiguousPut, StaleList, SmallPages,
                                TruncatedBody, CorruptBody, PartialUpload, LateRemove, ConditionalTimeout>;

}  // namespace tidemark::sim
