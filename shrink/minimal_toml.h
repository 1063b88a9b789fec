// The shortest file of a scenario: the keys that are not at their default, its faults and its operations.
#pragma once

#include <cstddef>
#include <string>

#include "scenarios/scenario.h"

namespace tidemark::shrink {

/// Loading it gives an equal scenario.
std::string minimal_toml(const scenarios::Scenario& scenario);

/// How large a scenario is: what shrinking makes smaller.
struct Sizes {
  std::size_t faults = 0;
  std::size_t operations = 0;  // as a history counts them; 0 as well when they are drawn
  std::size_t clients = 0;
  std::size_t replicas = 0;
  std::size_t regions = 0;  // with a primary, a replica or a client
  double seconds = 0;       // of load, and healed load
  std::size_t lines = 0;    // of the file
};
Sizes sizes_of(const scenarios::Scenario& scenario);

}  // namespace tidemark::shrink
