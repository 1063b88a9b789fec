// WriteLoad: a program beside a primary that writes single rows at a rate (Poisson), each write on its own, as many
// under way as there are. Used where confirms are measured and no client is needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/env.h"
#include "model/protocol/http.h"
#include "model/protocol/rpc.h"
#include "sim/core/distribution.h"

namespace tidemark::model {

class WriteLoad final : public sim::Program {
 public:
  static constexpr std::int64_t kRows = 1024;  // ids are used in turn; the table has at most this many rows

  /// Begins at once. `worker` is the Process::id() of the worker in the primary's site.
  WriteLoad(Env& env, std::uint32_t database, std::uint32_t worker, double rate_per_second, std::uint32_t padding = 0);
  void stop() { stopping_ = true; }
  bool busy() const { return connection_.pending() > 0; }
  std::uint64_t confirmed() const { return confirmed_; }
  std::uint64_t failed() const { return failed_; }

 private:
  sim::Task<void> run();
  sim::Task<void> write_one();
  Env& env_;
  const std::uint32_t database_;
  const std::uint32_t padding_;
  sim::RandomStream& arrivals_;
  const sim::DurationDistribution between_;
  RpcClient connection_;
  bool stopping_ = false;
  std::int64_t written_ = 0;
  std::uint64_t confirmed_ = 0;
  std::uint64_t failed_ = 0;
};

/// Sends requests to one worker, one after the other; the cluster uses it to make the tables.
class SetupClient final : public sim::Program {
 public:
  struct Step {
    std::uint32_t worker = 0;
    HttpRequestRef request;  // its id is its position, from 1
  };
  SetupClient(Env& env, std::vector<Step> steps);
  bool done() const { return done_; }
  /// Status and text of the first answer that was not 200; empty when there was none.
  const std::string& problem() const { return problem_; }

 private:
  sim::Task<void> run();
  Env& env_;
  const std::vector<Step> steps_;
  bool done_ = false;
  std::string problem_;
};

}  // namespace tidemark::model
