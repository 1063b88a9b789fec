// SimDirectory: which copies serve, and which is nearest to a worker, by base round trip.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/worker/directory.h"
#include "sim/net/network.h"

namespace tidemark::model {

class SimDirectory final : public Directory {
 public:
  /// `network` must outlive the directory. Process ids of workers are looked up in it.
  SimDirectory(sim::Network& network, std::size_t databases)
      : network_(network), copies_(databases), nearest_(databases) {}

  /// A copy serves from now on, or no longer. The primary is added first.
  void add(std::uint32_t database, std::uint32_t process);
  void remove(std::uint32_t database, std::uint32_t process);
  std::uint32_t nearest_copy(std::uint32_t database, std::uint32_t worker) const override;

 private:
  std::uint32_t find_nearest(std::uint32_t database, std::uint32_t worker) const;
  sim::Network& network_;
  std::vector<std::vector<std::uint32_t>> copies_;                       // process ids, in the order of adding
  mutable std::vector<std::map<std::uint32_t, std::uint32_t>> nearest_;  // by worker; emptied by every change
};

}  // namespace tidemark::model
