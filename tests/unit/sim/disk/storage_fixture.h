// One process with a disk and an object store whose every duration is fixed.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/disk/disk.h"
#include "sim/disk/object_store_sim.h"

namespace tidemark::sim {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline Instant at(Duration since_start) {
  return Instant{} + since_start;
}

/// fsync 100 us + 1 ns a byte.
inline DiskOptions fixed_disk() {
  DiskOptions options;
  options.fsync_median = 100_us;
  options.fsync_sigma = 0;
  options.fsync_tail_ratio = 0;
  options.bytes_per_second = 1'000'000'000;
  return options;
}

/// GET 30 ms, PUT 70 ms, LIST 20 ms, DELETE 10 ms, 1 us a byte.
inline ObjectStoreOptions fixed_store() {
  ObjectStoreOptions options;
  options.get_median = 30_ms;
  options.put_median = 70_ms;
  options.list_median = 20_ms;
  options.remove_median = 10_ms;
  options.get_sigma = options.put_sigma = options.list_sigma = options.remove_sigma = 0;
  options.bytes_per_second = 1'000'000;
  return options;
}

class StorageFixture : public testing::Test {
 protected:
  StorageFixture() {
    process.set_factory([](Process&) { return std::make_unique<Program>(); });
    process.start();
  }
  void run_to(Duration since_start) { scheduler.run_until(at(since_start)); }

  Scheduler scheduler;
  StreamRegistry streams{7};
  Process process{scheduler, 1, "follower-1"};
};

}  // namespace tidemark::sim
