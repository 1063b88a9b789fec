// What small worlds are made of: the Env of one simulated process, and a network without chance.
#pragma once

#include <string_view>

#include "model/env.h"
#include "sim/core/random.h"
#include "sim/net/options.h"

namespace tidemark::model::srs::test {

class TestEnv final : public Env {
 public:
  TestEnv(sim::Process& process, sim::StreamRegistry& streams, sim::Transport& transport, sim::FileSystem& files,
          sim::ObjectStore& cold)
      : process_(process), streams_(streams), transport_(transport), files_(files), cold_(cold) {}
  sim::Process& process() override { return process_; }
  sim::RandomStream& random(std::string_view purpose) override { return streams_.stream(process_.name(), purpose); }
  sim::Transport& network() override { return transport_; }
  sim::FileSystem& files() override { return files_; }
  sim::ObjectStore& cold() override { return cold_; }

 private:
  sim::Process& process_;
  sim::StreamRegistry& streams_;
  sim::Transport& transport_;
  sim::FileSystem& files_;
  sim::ObjectStore& cold_;
};

inline sim::NetworkOptions exact_network() {
  sim::NetworkOptions options;
  options.jitter_median = {};
  options.slow_path_share = 0;
  options.loss_ratio = 0;
  options.bandwidth_bits_per_second = 0;
  return options;
}

}  // namespace tidemark::model::srs::test
