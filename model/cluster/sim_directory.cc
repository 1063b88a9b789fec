#include "model/cluster/sim_directory.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::model {

void SimDirectory::add(std::uint32_t database, std::uint32_t process) {
  std::vector<std::uint32_t>& copies = copies_.at(database);
  TIDEMARK_ASSERT(std::find(copies.begin(), copies.end(), process) == copies.end());
  copies.push_back(process);
  nearest_[database].clear();
}

void SimDirectory::remove(std::uint32_t database, std::uint32_t process) {
  std::vector<std::uint32_t>& copies = copies_.at(database);
  copies.erase(std::remove(copies.begin(), copies.end(), process), copies.end());
  nearest_[database].clear();
}

std::uint32_t SimDirectory::nearest_copy(std::uint32_t database, std::uint32_t worker) const {
  const auto [found, missing] = nearest_.at(database).try_emplace(worker, 0);
  if (missing) found->second = find_nearest(database, worker);
  return found->second;
}

std::uint32_t SimDirectory::find_nearest(std::uint32_t database, std::uint32_t worker) const {
  const sim::SiteId here = network_.site_of(worker);
  std::uint32_t best = 0;
  sim::Duration best_round_trip = sim::Duration::max();
  for (const std::uint32_t copy : copies_[database]) {
    const sim::Duration round_trip = network_.round_trips().round_trip(here, network_.site_of(copy));
    if (round_trip >= best_round_trip) continue;
    best = copy;
    best_round_trip = round_trip;
  }
  return best;
}

}  // namespace tidemark::model
