#include "sim/disk/store_fault_set.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace tidemark::sim {

StoreFaultId StoreFaultSet::inject(StoreFault fault, RandomStream& random, StoreScope scope) {
  effects_.push_back(0);
  active_.push_back({effects_.size(), std::move(fault), &random, std::move(scope)});
  return effects_.size();
}

bool StoreFaultSet::end(StoreFaultId id) {
  return std::erase_if(active_, [id](const Instance& instance) { return instance.id == id; }) != 0;
}

bool StoreFaultSet::active(StoreFaultId id) const {
  return std::any_of(active_.begin(), active_.end(), [id](const Instance& instance) { return instance.id == id; });
}

bool StoreFaultSet::matches(const Instance& instance, const Request& request) const {
  return (instance.scope.process == 0 || instance.scope.process == request.process) &&
         request.key.starts_with(instance.scope.key_prefix);
}

Duration StoreFaultSet::draw_between(Instance& instance, Duration low, Duration high) {
  if (high <= low) return low;
  return low + Duration::nanoseconds(static_cast<std::int64_t>(
                   instance.random->below(static_cast<std::uint64_t>((high - low).ns()) + 1)));
}

/// One visit per active instance that matches the request. Outcomes have ranks; the highest wins.
struct StoreFaultSet::Decider {
  StoreFaultSet& set;
  const Request& request;
  Decision& decision;
  Instance* instance = nullptr;
  int rank = 0;

  bool is(std::uint8_t operations) const { return (operations & request.operation) != 0; }
  bool struck(Chance chance) {
    const bool hit = set.hits(*instance, chance);
    if (hit) set.count(instance->id);
    return hit;
  }
  void answer(int of_rank, ObjectStatus status, Duration timeout, bool takes_effect) {
    if (of_rank < rank) return;
    decision.timeout = of_rank == rank ? std::max(decision.timeout, timeout) : timeout;
    rank = of_rank;
    decision.answer = status;
    decision.takes_effect = decision.takes_effect && takes_effect;
  }
  Strike strike() const { return {instance->id, instance->random}; }

  void operator()(const SlowStore& fault) {
    if (!is(fault.operations)) return;
    __extension__ using Wide = __int128;
    decision.service =
        Duration::nanoseconds(static_cast<std::int64_t>(Wide{decision.service.ns()} * fault.factor_permille / 1000)) +
        fault.constant;
    set.count(instance->id);
  }
  void operator()(const ThrottledStore& fault) {
    if (!is(fault.operations) || !struck(fault.chance)) return;
    answer(2, ObjectStatus::kThrottled, {}, false);
  }
  void operator()(const StoreOutage& fault) {
    set.count(instance->id);
    answer(3, ObjectStatus::kTimeout, fault.timeout, false);
  }
  void operator()(const AmbiguousPut& fault) {
    if (!is(kStorePut) || !struck(fault.chance)) return;
    decision.late += set.draw_between(*instance, fault.late_min, fault.late_max);
    answer(1, fault.answer, fault.timeout, true);
  }
  void operator()(const PartialUpload& fault) {
    if (!is(kStorePut) || request.bytes <= fault.part_bytes || !struck(fault.chance)) return;
    answer(1, fault.answer, fault.timeout, false);
  }
  void operator()(const LateRemove& fault) {
    if (!is(kStoreRemove) || !struck(fault.chance)) return;
    decision.late += set.draw_between(*instance, fault.late_min, fault.late_max);
    answer(1, fault.answer, fault.timeout, true);
  }
  void operator()(const ConditionalTimeout& fault) {
    if (!request.conditional || !set.hits(*instance, fault.chance)) return;
    if (fault.winner) decision.hides_winner = strike();
    if (fault.loser) decision.hides_loser = strike();
    if (rank == 0) decision.timeout = std::max(decision.timeout, fault.timeout);
  }
  // Struck when they take effect, and counted then.
  void operator()(const StaleList& fault) {
    if (!is(kStoreList) || !set.hits(*instance, fault.chance)) return;
    decision.stale = strike();
    decision.stale_window = std::max(decision.stale_window, fault.window);
  }
  void operator()(const SmallPages& fault) {
    if (!is(kStoreList)) return;
    set.count(instance->id);
    decision.page_keys = decision.page_keys == 0 ? fault.keys : std::min<std::uint64_t>(decision.page_keys, fault.keys);
    if (decision.page_keys == 0) decision.page_keys = 1;
  }
  void operator()(const TruncatedBody& fault) {
    if (is(kStoreGet) && set.hits(*instance, fault.chance)) decision.truncates = strike();
  }
  void operator()(const CorruptBody& fault) {
    if (is(kStoreGet) && set.hits(*instance, fault.chance)) decision.corrupts = strike();
  }
};

StoreFaultSet::Decision StoreFaultSet::on_request(const Request& request, Duration service) {
  Decision decision;
  decision.service = service;
  Decider decider{*this, request, decision};
  for (Instance& instance : active_) {
    if (!matches(instance, request)) continue;
    decider.instance = &instance;
    std::visit(decider, instance.fault);
  }
  decision.refused = decision.answer == ObjectStatus::kThrottled;
  return decision;
}

std::optional<Duration> StoreFaultSet::outage(const Request& request) {
  std::optional<Duration> timeout;
  for (const Instance& instance : active_) {
    const auto* fault = std::get_if<StoreOutage>(&instance.fault);
    if (fault == nullptr || !matches(instance, request)) continue;
    count(instance.id);
    timeout = std::max(timeout.value_or(Duration{}), fault->timeout);
  }
  return timeout;
}

bool StoreFaultSet::drops_upload(const Request& request) {
  bool drops = false;
  for (Instance& instance : active_) {
    const auto* fault = std::get_if<PartialUpload>(&instance.fault);
    if (fault == nullptr || !matches(instance, request) || request.bytes <= fault->part_bytes) continue;
    if (!hits(instance, fault->chance)) continue;
    count(instance.id);
    drops = true;
  }
  return drops;
}

std::optional<Duration> StoreFaultSet::stale_window() const {
  std::optional<Duration> window;
  for (const Instance& instance : active_) {
    const auto* fault = std::get_if<StaleList>(&instance.fault);
    if (fault != nullptr) window = std::max(window.value_or(Duration{}), fault->window);
  }
  return window;
}

}  // namespace tidemark::sim
