// SimDirectory: which copies serve, which is nearest to a worker by base round trip, and where the primary is.
//
// How the news travels is not modelled: everybody knows at once. A stale route (a fault) is the exception: routes of a
// database that are frozen answer as they did at that instant, whatever changes meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/protocol/locator.h"
#include "model/worker/directory.h"
#include "sim/net/network.h"

namespace tidemark::model {

class SimDirectory final : public Directory, public Locator {
 public:
  /// `network` must outlive the directory. Process ids of workers are looked up in it.
  SimDirectory(sim::Network& network, std::size_t databases) : network_(network), routes_(databases) {}

  /// A copy serves from now on, or no longer. Adding one that is listed, or removing one that is not, changes nothing.
  void add(std::uint32_t database, std::uint32_t process);
  void remove(std::uint32_t database, std::uint32_t process);
  void add_worker(std::uint32_t process) { workers_.push_back(process); }
  /// The leader of a new epoch serves. It is listed first; the host before it is listed no longer.
  void set_primary(std::uint32_t database, std::uint32_t process);

  std::uint32_t nearest_copy(std::uint32_t database, std::uint32_t worker) const override;
  std::span<const std::uint32_t> workers() const override { return workers_; }
  std::uint32_t primary_of(std::uint32_t database, std::uint32_t asker) const override;
  /// Where the primary really is; 0 before the first.
  std::uint32_t primary(std::uint32_t database) const { return routes_.at(database).primary; }

  /// The routes of a database stay as they are for `asker` (0: for everybody) until as many thaw() with the same
  /// arguments. thaw() returns how many answers were not the truth, counted once. An asker's own freeze goes before
  /// that of everybody.
  void freeze(std::uint32_t database, std::uint32_t asker = 0);
  std::uint64_t thaw(std::uint32_t database, std::uint32_t asker = 0);

  /// The cluster is being destroyed: what programs do at their end is of no interest any more.
  void close() { closed_ = true; }
  bool closed() const { return closed_; }

 private:
  struct Routes {
    std::uint32_t primary = 0;
    std::vector<std::uint32_t> copies;  // process ids, the primary first, then in the order of adding
    mutable std::map<std::uint32_t, std::uint32_t> nearest;  // by worker; emptied by every change
  };
  struct Frozen {
    Routes routes;
    std::uint64_t stale = 0;
    std::uint32_t held = 1;  // freezes that are not thawed yet
  };
  struct Database : Routes {
    mutable std::map<std::uint32_t, Frozen> frozen;  // by asker
  };
  std::uint32_t nearest(const Routes& routes, std::uint32_t worker) const;
  std::uint32_t find_nearest(const Routes& routes, std::uint32_t worker) const;
  static Frozen* frozen_for(const Database& database, std::uint32_t asker);

  sim::Network& network_;
  std::vector<Database> routes_;
  std::vector<std::uint32_t> workers_;
  bool closed_ = false;
};

}  // namespace tidemark::model
