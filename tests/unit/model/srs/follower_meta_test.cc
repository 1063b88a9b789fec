// The state file: power loss at any point leaves the old content or the new one.
#include <gtest/gtest.h>

#include "model/srs/follower_meta.h"
#include "sim/disk/disk.h"
#include "sim/disk/survivor_modes.h"

namespace tidemark::model::srs::test {
namespace {

using namespace sim::literals;

struct Machine final : FollowerMeta::Listener {
  explicit Machine(std::uint64_t seed = 1) : streams(seed) { process.start(); }
  ~Machine() override {
    if (process.running()) process.crash();
  }
  void on_meta_durable() override { ++durable_calls; }
  void on_disk_failure() override { ++failures; }
  std::unique_ptr<FollowerMeta> open() { return std::make_unique<FollowerMeta>(disk, "orders.meta", BugSet{}, *this); }
  void run() { scheduler.run_until(scheduler.now() + 1_s); }

  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::Process process{scheduler, 1, "machine"};
  sim::Disk disk{scheduler, streams, sim::DiskOptions{}, process};
  int durable_calls = 0;
  int failures = 0;
};

FollowerRecord record(std::uint32_t promise) {
  FollowerRecord out;
  out.promise = promise;
  out.state = FollowerState::kLearner;
  out.generation = (std::uint64_t{promise} << 32) | 7;
  out.base = {promise, 5, 20000, {1, 2}};
  out.begin = 1234 + promise;
  out.target = {promise, 9, 20001, {3, 4}};
  out.durable_end = 9999;
  out.confirmed = {promise, 6, 20000, {5, 6}};
  return out;
}

TEST(FollowerMeta, ReadsBackWhatItSaved) {
  Machine machine;
  auto meta = machine.open();
  EXPECT_EQ(meta->found(), FollowerMeta::Found::kNothing);
  EXPECT_EQ(meta->durable(), FollowerRecord{});
  meta->save(record(3));
  EXPECT_EQ(meta->newest(), record(3));
  EXPECT_EQ(meta->durable(), FollowerRecord{});
  machine.run();
  EXPECT_EQ(meta->durable(), record(3));
  meta = machine.open();
  EXPECT_EQ(meta->found(), FollowerMeta::Found::kRecord);
  EXPECT_EQ(meta->durable(), record(3));
}

TEST(FollowerMeta, WritesOnlyTheLastOfSeveralThatWait) {
  Machine machine;
  const auto meta = machine.open();
  for (std::uint32_t i = 1; i <= 10; ++i) meta->save(record(i));
  machine.run();
  EXPECT_EQ(meta->durable(), record(10));
  EXPECT_EQ(machine.durable_calls, 2);
}

TEST(FollowerMeta, LosesPowerAtEveryEventAndKeepsTheOldContentOrTheNew) {
  using Mode = sim::SurvivorOptions::Mode;
  for (const Mode mode : {Mode::kNone, Mode::kPrefix, Mode::kSubset, Mode::kAll}) {
    for (const bool loose : {false, true}) {
      for (int events = 0; events < 8; ++events) {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
          Machine machine(seed);
          auto meta = machine.open();
          meta->save(record(1));
          machine.run();
          if (loose) machine.disk.inject(sim::LooseDirectory{}, machine.streams.stream("test", "directory"));
          meta->save(record(2));
          meta->save(record(3));
          for (int i = 0; i < events; ++i) machine.scheduler.step(machine.scheduler.now() + 1_s);
          const FollowerRecord durable = meta->durable();
          machine.process.crash();
          sim::SurvivorOptions options;
          options.mode = mode;
          options.tear = options.garbage = options.loose_length = sim::kAlways / 2;
          sim::RandomSurvivors survivors(machine.streams.stream("test", "survivors"), options, machine.disk.unsynced());
          machine.disk.power_loss(&survivors);
          machine.process.start();
          meta = machine.open();
          ASSERT_EQ(meta->found(), FollowerMeta::Found::kRecord);
          ASSERT_GE(meta->durable().promise, durable.promise);
          ASSERT_EQ(meta->durable(), record(meta->durable().promise));
        }
      }
    }
  }
}

TEST(FollowerMeta, SurvivesOneBadSectorAndSaysSoWhenBothCopiesAreBad) {
  Machine machine;
  auto meta = machine.open();
  meta->save(record(3));
  machine.run();
  for (std::size_t at = 0; at < 512; ++at) {
    sim::File& file = machine.disk.open("orders.meta");
    std::byte byte{};
    file.read(at, {&byte, 1});
    const std::byte flipped = byte ^ std::byte{1};
    file.write(at, {&flipped, 1});
    meta = machine.open();
    ASSERT_EQ(meta->durable(), record(3)) << at;
    file.write(at, {&byte, 1});
  }
  machine.disk.open("orders.meta").truncate(100);
  meta = machine.open();
  EXPECT_EQ(meta->found(), FollowerMeta::Found::kDamaged);
  EXPECT_FALSE(meta->problem().empty());
}

TEST(FollowerMeta, ReportsAFailedSyncAndKeepsTheOldContent) {
  Machine machine;
  auto meta = machine.open();
  meta->save(record(1));
  machine.run();
  machine.disk.inject(sim::IoErrors{sim::kIoSync, sim::kAlways}, machine.streams.stream("test", "errors"));
  meta->save(record(2));
  machine.run();
  EXPECT_EQ(machine.failures, 1);
  EXPECT_EQ(meta->durable(), record(1));
  machine.disk.end_all_faults();
  meta = machine.open();
  EXPECT_EQ(meta->durable(), record(1));
}

}  // namespace
}  // namespace tidemark::model::srs::test
