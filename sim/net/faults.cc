#include "sim/net/faults.h"

#include "sim/net/fault.h"

namespace tidemark::sim {

Paths one_way(const std::vector<std::uint32_t>& from, const std::vector<std::uint32_t>& to) {
  Paths paths;
  for (const std::uint32_t source : from)
    for (const std::uint32_t target : to) paths.push_back({source, target});
  return paths;
}

Paths both_ways(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  Paths paths = one_way(a, b);
  const Paths back = one_way(b, a);
  paths.insert(paths.end(), back.begin(), back.end());
  return paths;
}

Paths all_of(const std::vector<std::uint32_t>& processes) {
  return both_ways(processes, {0});
}

void NetworkFaults::end(FaultHandle fault) {
  table_.end(fault);
}
bool NetworkFaults::active(FaultHandle fault) const {
  return table_.active(fault);
}
std::uint64_t NetworkFaults::effects(FaultHandle fault) const {
  return table_.effects(fault);
}

}  // namespace tidemark::sim
