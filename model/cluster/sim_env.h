// SimEnv: the world as one simulated process sees it. Lives as long as the cluster, over all incarnations of the
// process.
#pragma once

#include <memory>
#include <string_view>

#include "base/assert.h"
#include "model/env.h"
#include "sim/core/clock.h"
#include "sim/core/random.h"
#include "sim/disk/disk.h"

namespace tidemark::model {

class SimEnv final : public Env {
 public:
  /// Nothing is owned but `disk`, which may be nullptr, as may `cold`: then the process has none and must not ask.
  SimEnv(sim::Process& process, sim::StreamRegistry& streams, sim::Transport& network, std::unique_ptr<sim::Disk> disk,
         sim::ObjectStore* cold, sim::Buggify& buggify)
      : process_(process),
        streams_(streams),
        network_(network),
        disk_(std::move(disk)),
        cold_(cold),
        clock_(process.scheduler()) {
    buggify_ = &buggify;
  }

  sim::Process& process() override { return process_; }
  sim::RandomStream& random(std::string_view purpose) override { return streams_.stream(process_.name(), purpose); }
  sim::Transport& network() override { return network_; }
  sim::FileSystem& files() override {
    TIDEMARK_ASSERT(disk_ != nullptr);
    return *disk_;
  }
  sim::ObjectStore& cold() override {
    TIDEMARK_ASSERT(cold_ != nullptr);
    return *cold_;
  }
  sim::Instant wall_now() override { return clock_.now(); }

  // For the nemesis. nullptr when the process has none.
  sim::Disk* disk() { return disk_.get(); }
  sim::NodeClock& clock() { return clock_; }

 private:
  sim::Process& process_;
  sim::StreamRegistry& streams_;
  sim::Transport& network_;
  std::unique_ptr<sim::Disk> disk_;
  sim::ObjectStore* cold_;
  sim::NodeClock clock_;
};

}  // namespace tidemark::model
