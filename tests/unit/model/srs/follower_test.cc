#include <gtest/gtest.h>

#include "model/srs/log_format.h"
#include "model/srs/log_scan.h"
#include "world.h"

namespace tidemark::model::srs::test {
namespace {

constexpr std::uint32_t kSmallPage = 512;

/// A machine with a disk, for logs without a cluster around them.
struct Machine final : FollowerLog::Listener {
  Machine() : process(scheduler, 1, "machine"), disk(scheduler, streams, sim::DiskOptions{}, process) {
    process.start();
  }
  ~Machine() override {
    if (process.running()) process.crash();
  }
  void on_durable() override { ++durable_calls; }
  void on_disk_failure() override { ++failures; }

  EntryRef next(const Bookmark& previous, int pages, std::uint32_t epoch = 1) {
    CommittedTransaction transaction;
    transaction.database_pages = 9;
    for (int page = 1; page <= pages; ++page) {
      std::vector<std::byte> bytes(kSmallPage, static_cast<std::byte>(++filler));
      transaction.frames.push_back({static_cast<std::uint32_t>(page), sim::Buffer::copy(bytes)});
    }
    return Entry::make(previous, epoch, 20000, std::move(transaction));
  }
  std::vector<std::byte> bytes_of(const std::string& name) {
    sim::File& file = disk.open(name);
    std::vector<std::byte> bytes(file.size());
    file.read(0, bytes);
    return bytes;
  }
  LogScan scan(std::span<const std::byte> bytes) {
    sim::File& file = disk.open("scanned");
    file.truncate(0);
    file.write(0, bytes);
    LogScan result = scan_log(file, kSmallPage);
    disk.remove("scanned");
    return result;
  }

  sim::Scheduler scheduler;
  sim::StreamRegistry streams{1};
  sim::Process process;
  sim::Disk disk;
  int filler = 0;
  int durable_calls = 0;
  int failures = 0;
};

/// A log of four entries (1, 2, 3, 2 pages), each durable before the next is written.
struct WrittenLog {
  WrittenLog() {
    FollowerLog log(machine.disk, "log", kSmallPage, machine);
    Bookmark position;
    ends.push_back(kLogPrefixBytes);
    for (const int pages : {1, 2, 3, 2}) {
      entries.push_back(machine.next(position, pages));
      log.append(*entries.back());
      position = entries.back()->bookmark();
      machine.scheduler.run_until(machine.scheduler.now() + 1_s);
      ends.push_back(ends.back() +
                     RecordHeader{static_cast<std::uint32_t>(pages), 9, kSmallPage, {}, {}, 0, 0}.bytes());
    }
    bytes = machine.bytes_of("log");
  }
  Machine machine;
  std::vector<EntryRef> entries;
  std::vector<std::uint64_t> ends;  // ends[i]: offset behind entry i - 1
  std::vector<std::byte> bytes;
};

TEST(LogScan, ReadsBackEveryEntry) {
  WrittenLog log;
  const LogScan scan = log.machine.scan(log.bytes);
  EXPECT_EQ(scan.state, LogState::kClean);
  ASSERT_EQ(scan.entries.size(), log.entries.size());
  for (std::size_t i = 0; i < log.entries.size(); ++i) {
    EXPECT_EQ(scan.entries[i].entry->bookmark(), log.entries[i]->bookmark());
    EXPECT_EQ(scan.entries[i].end, log.ends[i + 1]);
  }
}

TEST(LogScan, KeepsWholeEntriesAtEveryTruncation) {
  WrittenLog log;
  for (std::size_t size = 0; size <= log.bytes.size(); ++size) {
    const LogScan scan = log.machine.scan(std::span(log.bytes).first(size));
    std::size_t whole = 0;
    while (whole < log.entries.size() && log.ends[whole + 1] <= size) ++whole;
    ASSERT_EQ(scan.entries.size(), whole) << size;
    const bool clean = size == 0 || size == log.ends[whole];
    // What remains of the entry that was cut says that everything before it was durable; only it is lost.
    ASSERT_EQ(scan.state, clean ? LogState::kClean : LogState::kTorn) << size << scan.problem;
    ASSERT_EQ(scan.good_end, size < kLogPrefixBytes ? 0 : log.ends[whole]) << size;
    ASSERT_EQ(scan.problem.empty(), clean);
  }
}

TEST(LogScan, FindsEveryFlippedByteAndTellsCorruptionFromATornTail) {
  WrittenLog log;
  for (std::size_t at = 0; at < log.bytes.size(); ++at) {
    std::vector<std::byte> bad = log.bytes;
    bad[at] ^= std::byte{0x40};
    const LogScan scan = log.machine.scan(bad);
    std::size_t good = 0;
    while (good < log.entries.size() && log.ends[good + 1] <= at) ++good;
    const std::size_t expected = at < kLogPrefixBytes ? 0 : good;
    ASSERT_EQ(scan.entries.size(), expected) << at;
    // Nothing was written after the newest entry that could say that it was durable.
    ASSERT_EQ(scan.state, good + 1 == log.entries.size() ? LogState::kTorn : LogState::kCorrupt) << at;
  }
}

TEST(LogScan, FindsAHoleInWhatWasDurable) {
  WrittenLog log;
  std::vector<std::byte> bad = log.bytes;
  std::fill(bad.begin() + static_cast<std::ptrdiff_t>(log.ends[1]),
            bad.begin() + static_cast<std::ptrdiff_t>(log.ends[2]), std::byte{0});
  const LogScan scan = log.machine.scan(bad);
  EXPECT_EQ(scan.entries.size(), 1U);
  EXPECT_EQ(scan.state, LogState::kCorrupt);
}

TEST(FollowerLog, SurvivesPowerLossUpToTheDurableEntry) {
  Machine machine;
  Bookmark position;
  auto log = std::make_unique<FollowerLog>(machine.disk, "log", kSmallPage, machine);
  for (int i = 0; i < 3; ++i) {
    const EntryRef entry = machine.next(position, 2);
    log->append(*entry);
    position = entry->bookmark();
  }
  machine.scheduler.run_until(machine.scheduler.now() + 1_s);
  EXPECT_EQ(log->durable(), position);
  log->append(*machine.next(position, 2));
  EXPECT_NE(log->durable(), log->last());
  log.reset();
  machine.process.crash();
  machine.disk.power_loss();
  machine.process.start();
  FollowerLog again(machine.disk, "log", kSmallPage, machine);
  EXPECT_EQ(again.last(), position);
  EXPECT_TRUE(again.holds(position));
  EXPECT_NE(again.state(), LogState::kCorrupt);
  EXPECT_TRUE(again.append(*machine.next(position, 1)));
}

TEST(FollowerLog, GroupsCommitsIntoOneSyncAfterTheOneThatRuns) {
  Machine machine;
  Bookmark position;
  FollowerLog log(machine.disk, "log", kSmallPage, machine);
  for (int i = 0; i < 50; ++i) {
    const EntryRef entry = machine.next(position, 1);
    log.append(*entry);
    position = entry->bookmark();
  }
  machine.scheduler.run_until(machine.scheduler.now() + 1_s);
  EXPECT_EQ(machine.disk.statistics().syncs, 2U);
  EXPECT_EQ(machine.durable_calls, 2);
  EXPECT_EQ(log.durable(), position);
}

TEST(FollowerLog, StillKnowsItsPlaceAfterTrimmingEverything) {
  Machine machine;
  Bookmark position;
  {
    FollowerLog log(machine.disk, "log", kSmallPage, machine);
    for (int i = 0; i < 20; ++i) {
      const EntryRef entry = machine.next(position, 1);
      log.append(*entry);
      position = entry->bookmark();
      machine.scheduler.run_until(machine.scheduler.now() + 1_s);
    }
    log.trim(position);
    EXPECT_EQ(log.entries(), 1U);
  }
  const std::vector<std::byte> bytes = machine.bytes_of("log");
  const std::size_t last_record = RecordHeader{1, 9, kSmallPage, {}, {}, 0, 0}.bytes();
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(last_record),
                          [](std::byte b) { return b == std::byte{0}; }));
  FollowerLog again(machine.disk, "log", kSmallPage, machine);
  EXPECT_EQ(again.state(), LogState::kClean);
  EXPECT_EQ(again.last(), position);
  EXPECT_EQ(again.entries(), 1U);
  machine.scheduler.run_until(machine.scheduler.now() + 1_s);
}

/// Speaks to a follower as a leader would.
struct FakeLeader final : sim::Receiver {
  FakeLeader(World& world) {
    World::Node& node = world.add(50, "fake", "IAD");
    node.process.start();
    connection = node.env->network().connect(World::kFirstFollowerId, this);
    world.run(100_ms);
  }
  void on_message(sim::Connection&, const sim::PayloadRef& message) override {
    acks.push_back(boost::intrusive_ptr<const Ack>(static_cast<const Ack*>(message.get())));
  }
  void on_close(sim::Connection&, sim::CloseReason) override {}
  void append(std::uint32_t epoch, const EntryRef& entry) {
    auto* message = new Append;
    const sim::PayloadRef shared(message);
    message->epoch = epoch;
    message->entries.push_back(entry);
    connection->send(shared);
  }
  std::unique_ptr<sim::Connection> connection;
  std::vector<boost::intrusive_ptr<const Ack>> acks;
};

EntryRef big_entry(const Bookmark& previous, std::uint32_t epoch) {
  return Entry::make(previous, epoch, 20000, {{{1, sim::Buffer::zeros(4096)}}, 1});
}

TEST(Follower, StoresNoGapAndRefusesOlderEpochs) {
  World world;
  world.run(1_s);
  FakeLeader fake(world);
  ASSERT_EQ(fake.acks.size(), 1U);  // what it holds: nothing
  const EntryRef first = big_entry({}, 5);
  const EntryRef second = big_entry(first->bookmark(), 5);
  const EntryRef third = big_entry(second->bookmark(), 5);
  fake.append(5, first);
  fake.append(5, third);  // a gap
  world.run(100_ms);
  EXPECT_EQ(world.follower(0).log().last(), first->bookmark());
  EXPECT_EQ(fake.acks.back()->bookmark, first->bookmark());
  fake.append(4, second);  // an older epoch
  world.run(100_ms);
  EXPECT_EQ(world.follower(0).log().last(), first->bookmark());
  EXPECT_EQ(fake.acks.back()->epoch, 5U);
  fake.append(5, second);
  fake.append(5, second);  // sent again
  fake.append(5, third);
  world.run(100_ms);
  EXPECT_EQ(world.follower(0).log().durable(), third->bookmark());
  EXPECT_EQ(fake.acks.back()->bookmark, third->bookmark());
}

TEST(Follower, StopsALeaderOfAnOlderEpoch) {
  World world;
  world.run(1_s);
  FakeLeader fake(world);
  fake.append(5, big_entry({}, 5));
  world.run(100_ms);
  world.create_table();
  world.run(1_s);
  EXPECT_TRUE(world.leader().broken());
}

}  // namespace
}  // namespace tidemark::model::srs::test
