#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <memory>
#include <tuple>

#include "file_reference.h"
#include "sim/core/process.h"
#include "sim/disk/disk.h"

namespace tidemark::sim {
namespace {

constexpr std::size_t kFiles = 3;

/// A disk that is plain: files as bytes, the queue as one number.
struct ReferenceFile {
  Bytes written;
  Bytes durable;
  std::uint64_t unsynced_bytes = 0;
  std::vector<std::pair<Instant, Bytes>> syncs;  // completion, content at the start
};

class Rig final : IoCompletion {
 public:
  explicit Rig(std::uint64_t seed) : streams_(seed), same_draws_(seed) {
    process_.set_factory([](Process&) { return std::make_unique<Program>(); });
    process_.start();
  }

  using Step = std::tuple<int, std::uint32_t, std::uint32_t>;
  void apply(const Step& step) {
    const auto [kind, a, b] = step;
    const std::size_t which = a % kFiles;
    ReferenceFile& expected = expected_[which];
    File& file = disk_.open(names_[which]);
    switch (kind) {
      case 0:
      case 1: {
        const Bytes bytes = filler(1 + b % 300, ++salt_);
        const std::uint64_t offset = b % (expected.written.size() + 20);
        file.write(offset, bytes);
        expected.written.resize(std::max(expected.written.size(), offset + bytes.size()));
        std::copy(bytes.begin(), bytes.end(), expected.written.begin() + static_cast<std::ptrdiff_t>(offset));
        expected.unsynced_bytes += bytes.size();
        return;
      }
      case 2:
        file.truncate(b % 500);
        expected.written.resize(b % 500);
        return;
      case 3:
      case 4:
        return sync(file, expected, b % 2 == 0);
      case 5:
        return advance(Duration::nanoseconds(b % 200'000));
      case 6:
        process_.crash();
        callbacks_.clear();
        return process_.start();
      default:
        process_.crash();
        disk_.power_loss();
        callbacks_.clear();
        settle();
        for (ReferenceFile& lost : expected_) {
          lost.written = lost.durable;
          lost.unsynced_bytes = 0;
          lost.syncs.clear();
        }
        free_at_ = scheduler_.now();
        return process_.start();
    }
  }

  void check() {
    settle();
    for (std::size_t i = 0; i < kFiles; ++i) {
      File& file = disk_.open(names_[i]);
      Bytes written(file.size());
      RC_ASSERT(file.read(0, written) == written.size());
      RC_ASSERT(written == expected_[i].written);
      RC_ASSERT(disk_.durable_image(names_[i]) == expected_[i].durable);
      RC_ASSERT(file.durable_size() == expected_[i].durable.size());
    }
  }

 private:
  void sync(File& file, ReferenceFile& expected, bool with_callback) {
    const Duration service = fsync_.sample(same_draws_.stream("disk/p", "fsync")) +
                             transfer_time(expected.unsynced_bytes, options_.bytes_per_second);
    free_at_ = std::max(free_at_, scheduler_.now()) + service;
    RC_ASSERT(file.sync(with_callback ? this : nullptr) == free_at_);
    expected.syncs.emplace_back(free_at_, expected.written);
    expected.unsynced_bytes = 0;
    if (with_callback) callbacks_.push_back(free_at_);
  }
  void advance(Duration duration) {
    const Instant until = scheduler_.now() + duration;
    scheduler_.run_until(until);
    RC_ASSERT(callbacks_.empty() || callbacks_.front() > until);
  }
  void settle() {
    for (ReferenceFile& file : expected_) {
      while (!file.syncs.empty() && file.syncs.front().first <= scheduler_.now()) {
        file.durable = file.syncs.front().second;
        file.syncs.erase(file.syncs.begin());
      }
    }
  }
  void on_io(IoStatus status) override {
    RC_ASSERT(status == IoStatus::kOk);
    RC_ASSERT(!callbacks_.empty());
    RC_ASSERT(callbacks_.front() == scheduler_.now());
    callbacks_.pop_front();
  }

  const DiskOptions options_;
  const DurationDistribution fsync_ = options_.fsync();
  Scheduler scheduler_;
  StreamRegistry streams_;
  StreamRegistry same_draws_;
  Process process_{scheduler_, 1, "p"};
  Disk disk_{scheduler_, streams_, options_, process_};
  const std::array<std::string, kFiles> names_ = {"db", "db-wal", "log"};
  std::array<ReferenceFile, kFiles> expected_;
  std::deque<Instant> callbacks_;
  Instant free_at_;
  std::uint64_t salt_ = 0;
};

TEST(DiskProperty, FilesAndInstantsEqualAPlainDiskUnderCrashesAndPowerLosses) {
  EXPECT_TRUE(rc::check([] {
    const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1000);
    const auto steps = *rc::gen::scale(2.0, rc::gen::container<std::vector<Rig::Step>>(rc::gen::tuple(
                                                rc::gen::inRange(0, 8), rc::gen::inRange<std::uint32_t>(0, 1U << 20),
                                                rc::gen::inRange<std::uint32_t>(0, 1U << 20))));
    Rig rig(seed);
    for (const Rig::Step& step : steps) {
      rig.apply(step);
      rig.check();
    }
  }));
}

}  // namespace
}  // namespace tidemark::sim
