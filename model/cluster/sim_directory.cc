#include "model/cluster/sim_directory.h"

#include <algorithm>
#include <utility>

namespace tidemark::model {
namespace {

void drop(std::vector<std::uint32_t>& copies, std::uint32_t process) {
  copies.erase(std::remove(copies.begin(), copies.end(), process), copies.end());
}

}  // namespace

void SimDirectory::add(std::uint32_t database, std::uint32_t process) {
  Routes& routes = routes_.at(database);
  if (std::find(routes.copies.begin(), routes.copies.end(), process) != routes.copies.end()) return;
  routes.copies.insert(process == routes.primary ? routes.copies.begin() : routes.copies.end(), process);
  routes.nearest.clear();
}

void SimDirectory::remove(std::uint32_t database, std::uint32_t process) {
  Routes& routes = routes_.at(database);
  drop(routes.copies, process);
  routes.nearest.clear();
}

void SimDirectory::set_primary(std::uint32_t database, std::uint32_t process) {
  Routes& routes = routes_.at(database);
  drop(routes.copies, std::exchange(routes.primary, process));
  drop(routes.copies, process);
  routes.copies.insert(routes.copies.begin(), process);
  routes.nearest.clear();
}

std::uint32_t SimDirectory::nearest_copy(std::uint32_t database, std::uint32_t worker) const {
  const Database& all = routes_.at(database);
  const std::uint32_t truth = nearest(all, worker);
  Frozen* const frozen = frozen_for(all, worker);
  if (frozen == nullptr) return truth;
  const std::uint32_t told = nearest(frozen->routes, worker);
  if (told != truth) ++frozen->stale;
  return told;
}

std::uint32_t SimDirectory::primary_of(std::uint32_t database, std::uint32_t asker) const {
  const Database& all = routes_.at(database);
  Frozen* const frozen = frozen_for(all, asker);
  if (frozen == nullptr) return all.primary;
  if (frozen->routes.primary != all.primary) ++frozen->stale;
  return frozen->routes.primary;
}

SimDirectory::Frozen* SimDirectory::frozen_for(const Database& database, std::uint32_t asker) {
  auto found = database.frozen.find(asker);
  if (found == database.frozen.end()) found = database.frozen.find(0);
  return found == database.frozen.end() ? nullptr : &found->second;
}

void SimDirectory::freeze(std::uint32_t database, std::uint32_t asker) {
  Database& all = routes_.at(database);
  const auto [found, fresh] = all.frozen.try_emplace(asker, Frozen{static_cast<const Routes&>(all)});
  if (!fresh) ++found->second.held;
}

std::uint64_t SimDirectory::thaw(std::uint32_t database, std::uint32_t asker) {
  auto& frozen = routes_.at(database).frozen;
  const auto found = frozen.find(asker);
  if (found == frozen.end()) return 0;
  const std::uint64_t stale = std::exchange(found->second.stale, 0);
  if (--found->second.held == 0) frozen.erase(found);
  return stale;
}

std::uint32_t SimDirectory::nearest(const Routes& routes, std::uint32_t worker) const {
  const auto [found, missing] = routes.nearest.try_emplace(worker, 0);
  if (missing) found->second = find_nearest(routes, worker);
  return found->second;
}

std::uint32_t SimDirectory::find_nearest(const Routes& routes, std::uint32_t worker) const {
  const sim::SiteId here = network_.site_of(worker);
  std::uint32_t best = 0;
  sim::Duration best_round_trip = sim::Duration::max();
  for (const std::uint32_t copy : routes.copies) {
    const sim::Duration round_trip = network_.round_trips().round_trip(here, network_.site_of(copy));
    if (round_trip >= best_round_trip) continue;
    best = copy;
    best_round_trip = round_trip;
  }
  return best;
}

}  // namespace tidemark::model
