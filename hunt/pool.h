// Pool: worker processes that do jobs, each for as long and with as much memory as a job may take.
//
//   Pool pool(options, work);
//   for (std::size_t w = 0; w < pool.workers(); ++w) while (pool.has_room(w)) pool.give(w, id, request);
//   for (const Completion& done : pool.wait(0.1)) ...
//
// A job that crashes, hangs or fills the memory ends its worker and is completed as such; the jobs that waited behind
// it are done by the worker that takes its place. Everything is done by the caller's thread, in give() and wait().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hunt/worker_process.h"

namespace tidemark::hunt {

struct PoolOptions {
  std::size_t jobs = 1;                      // worker processes
  double seconds_per_job = 300;              // wall clock; 0 = any
  std::uint64_t bytes_per_job = 4ULL << 30;  // resident memory of a worker; 0 = any
  std::size_t jobs_ahead = 2;                // given to a worker at a time, so that it need not wait for the next
};

enum class JobEnd : std::uint8_t { kDone, kSignal, kExit, kHang, kMemory };

struct Completion {
  std::uint64_t id = 0;
  JobEnd end = JobEnd::kDone;
  int code = 0;               // of kSignal and kExit
  std::string answer;         // of kDone
  std::string message;        // else: the end of what the worker printed
  double seconds = 0;         // wall clock
  std::uint64_t process = 0;  // Pool::process() of the worker that did it
};

class Pool {
 public:
  /// Forks the workers. Throws std::system_error.
  Pool(PoolOptions options, Work work);
  /// Kills what runs.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  std::size_t workers() const;
  bool has_room(std::size_t worker) const;
  bool is_idle(std::size_t worker) const;
  /// Which process this worker is, counted from 1; another number after it was replaced.
  std::uint64_t process(std::size_t worker) const;
  /// There must be room. `id` is told back. The request is at most 40 kB.
  void give(std::size_t worker, std::uint64_t id, std::string request);
  /// A fresh process in place of an idle one.
  void replace(std::size_t worker);
  /// Returns as soon as anything is complete, or after `seconds`, or at a signal.
  std::vector<Completion> wait(double seconds);
  /// Jobs that were given and are not complete.
  std::vector<std::uint64_t> in_flight() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Seconds since some instant, for measuring.
double wall_seconds();

}  // namespace tidemark::hunt
