// Shipped scenarios for tests of steering.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/shipped.h"

namespace tidemark::steer {

inline scenarios::Scenario shipped(const std::string& name, const std::vector<std::string>& sets = {}) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, sets);
  EXPECT_TRUE(loaded.ok()) << name;
  return std::move(loaded.scenario);
}

/// One that draws everything from its seed, one that draws faults alone, one whose faults are random processes.
inline const std::vector<std::string> kScenarios = {"faults/swarm", "faults/mistakes/swarm",
                                                    "faults/mistakes/takeovers"};

}  // namespace tidemark::steer
