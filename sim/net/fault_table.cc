#include <algorithm>

#include "sim/net/core.h"

namespace tidemark::sim::detail {
namespace {

/// 1 - (1 - p)(1 - q) in 2^-64.
std::uint64_t either(std::uint64_t p, std::uint64_t q) {
  __extension__ using Wide = unsigned __int128;
  if (p == 0) return q;
  if (q == 0) return p;
  return ~static_cast<std::uint64_t>(static_cast<Wide>(~p) * static_cast<Wide>(~q) >> 64);
}

}  // namespace

PathSet::PathSet(Paths paths) : paths_(std::move(paths)) {
  std::sort(paths_.begin(), paths_.end());
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
  wild_ = std::any_of(paths_.begin(), paths_.end(), [](const Path& path) { return path.from == 0 || path.to == 0; });
}

bool PathSet::has(Path path) const {
  return std::binary_search(paths_.begin(), paths_.end(), path);
}

bool PathSet::has_wildcard() const {
  return wild_;
}

bool PathSet::contains(std::uint32_t from, std::uint32_t to) const {
  if (has({from, to})) return true;
  return wild_ && from != to && (has({from, 0}) || has({0, to}) || has({0, 0}));
}

std::uint64_t type_bits(const PayloadTypes& types) {
  if (types.empty()) return ~std::uint64_t{0};
  std::uint64_t bits = 0;
  for (const std::uint16_t type : types) bits |= std::uint64_t{1} << type % 64;
  return bits;
}

bool matches(const PayloadTypes& types, std::uint16_t type) {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

FaultHandle FaultTable::begin(std::unique_ptr<Fault> fault) {
  Fault& begun = *fault;
  entries_.push_back({std::move(fault), 0});
  begun.id = entries_.size();
  active_.push_back(&begun);
  core.each_link([&](Link& link) {
    if (!begun.paths.contains(link.from, link.to)) return;
    refresh(link);
    begun.joins(link);
  });
  return {begun.id};
}

FaultHandle FaultTable::struck(std::uint64_t effects) {
  entries_.push_back({nullptr, effects});
  return {entries_.size()};
}

void FaultTable::end(FaultHandle handle) {
  Entry& ending = entry(handle);
  if (ending.fault == nullptr) return;
  const std::unique_ptr<Fault> fault = std::move(ending.fault);
  active_.erase(std::find(active_.begin(), active_.end(), fault.get()));
  drop_copies(*fault);
  core.each_link([&](Link& link) {
    if (!fault->paths.contains(link.from, link.to)) return;
    refresh(link);
    fault->leaves(link);
  });
  entry(handle).effects = fault->effects;
}

/// Makes Link::faults what the active instances say.
void FaultTable::refresh(Link& link) {
  LinkFaults now;
  for (Fault* fault : active_) {
    if (!fault->paths.contains(link.from, link.to)) continue;
    now.active.push_back(fault);
    now.clogged_since = std::min(now.clogged_since, fault->clogs_since().value_or(Instant::max()));
    if (fault->loss_ratio() > 0 && now.loss_random == nullptr) now.loss_random = &fault->random();
    now.loss = either(now.loss, fault->loss_ratio());
  }
  now.loss_with_link = link.loss == nullptr ? now.loss : either(now.loss, core.parameters.loss.ratio);
  LinkFaults& kept = links_[{link.from, link.to}];
  now.displaced = kept.displaced;
  kept = std::move(now);
  link.faults = &kept;
  if (kept.active.empty()) settle(link);
}

/// No instance strikes the link any more; messages that were put back may still be on their way.
void FaultTable::settle(Link& link) {
  if (link.faults->displaced)
    for (const Channel* channel = core.first; channel != nullptr; channel = channel->next)
      if (channel->has_displaced(link)) return;
  link.faults = nullptr;
  links_.erase({link.from, link.to});
}

void FaultTable::link_made(Link& link) {
  if (active_.empty()) return;
  refresh(link);
  if (link.faults == nullptr) return;
  for (Fault* fault : link.faults->active) fault->joins(link);
}

FaultTable::Entry& FaultTable::entry(FaultHandle handle) {
  TIDEMARK_ASSERT(handle.value >= 1 && handle.value <= entries_.size(), "no such fault");
  return entries_[handle.value - 1];
}
const FaultTable::Entry& FaultTable::entry(FaultHandle handle) const {
  return const_cast<FaultTable*>(this)->entry(handle);
}
Fault* FaultTable::find(FaultHandle handle) const {
  return entry(handle).fault.get();
}
bool FaultTable::active(FaultHandle handle) const {
  return find(handle) != nullptr;
}
std::uint64_t FaultTable::effects(FaultHandle handle) const {
  const Entry& found = entry(handle);
  return found.fault != nullptr ? found.fault->effects : found.effects;
}

void FaultTable::block(Link& link, InFlight in_flight) {
  const Path path{link.from, link.to};
  blocks_[path].push_back(core.faults.partition({path}, in_flight));
}

void FaultTable::unblock(Link& link) {
  const auto found = blocks_.find({link.from, link.to});
  TIDEMARK_ASSERT(found != blocks_.end(), "unblock() without block()");
  const FaultHandle last = found->second.back();
  found->second.pop_back();
  if (found->second.empty()) blocks_.erase(found);
  end(last);
}

}  // namespace tidemark::sim::detail
