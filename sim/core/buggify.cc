#include "sim/core/buggify.h"

#include "base/assert.h"

namespace tidemark::sim {

void Buggify::disable(BuggifyClass of) {
  TIDEMARK_ASSERT(enabled(of));
  --enabled_[static_cast<std::size_t>(of)];
}

bool Buggify::pass(std::string_view name, BuggifyClass of) {
  auto found = sites_.find(name);
  if (found == sites_.end()) {
    RandomStream& random = streams_.stream("buggify", name);
    const bool on = random.chance(1, 4);
    found = sites_.emplace(std::string(name), Site{random, on}).first;
  }
  Site& site = found->second;
  ++site.passes;
  if (!site.on || !site.random.chance(1, 4)) return false;
  ++site.fired;
  ++fired_[static_cast<std::size_t>(of)];
  return true;
}

Duration Buggify::delay(std::string_view site) {
  if (!fires(site, BuggifyClass::kDelay)) return {};
  const auto longest = static_cast<std::uint64_t>(longest_delay_.ns());
  return Duration::nanoseconds(static_cast<std::int64_t>(sites_.find(site)->second.random.below(longest + 1)));
}

std::vector<Buggify::SiteReport> Buggify::sites() const {
  std::vector<SiteReport> result;
  for (const auto& [name, site] : sites_) result.push_back({name, site.on, site.passes, site.fired});
  return result;
}

}  // namespace tidemark::sim
