// PointTally: which named points of the code (model/types/points.h) are passed in runs. Changes nothing in them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "scenarios/run/runner.h"
#include "sim/core/process.h"

namespace tidemark::cli {

/// A process at whose acts a fault looks is the fault's from then on: what it passes then is not counted.
class PointTally final : public scenarios::RunWatcher, private sim::ActWatch {
 public:
  void on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) override;
  /// All points, with how often they were passed.
  const std::map<std::string, std::uint64_t, std::less<>>& passed() const { return passed_; }
  PointTally();

 private:
  bool on_act(sim::Process& process, sim::ProcessAct act, std::string_view what) override;
  std::map<std::string, std::uint64_t, std::less<>> passed_;
};

}  // namespace tidemark::cli
