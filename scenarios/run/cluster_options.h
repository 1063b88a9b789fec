// From what a scenario file says to what a cluster is made of. The only place that knows both.
#pragma once

#include "model/cluster/options.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

/// The cluster that a valid scenario describes.
model::ClusterOptions cluster_options(const Scenario& scenario, std::uint64_t seed);

}  // namespace tidemark::scenarios
