// The log file: scanning, recovery, cuts, trimming, reading back.
#include <gtest/gtest.h>

#include "follower_world.h"
#include "sim/disk/survivor_modes.h"

namespace tidemark::model::srs::test {
namespace {

constexpr std::uint32_t kPage = EntryMaker::kPage;
constexpr LogIdentity kLog{kPage, 3};

/// A machine with a disk, for logs without a cluster around them.
struct Machine final : FollowerLog::Listener {
  explicit Machine(std::uint64_t seed = 1) : streams(seed) { process.start(); }
  ~Machine() override {
    if (process.running()) process.crash();
  }
  void on_log_durable(FollowerLog&) override { ++durable_calls; }
  void on_disk_failure() override { ++failures; }

  std::unique_ptr<FollowerLog> create(const BugSet& bugs = {}, const Bookmark& base = {}) {
    auto log =
        std::make_unique<FollowerLog>(disk, "log", kLog, LogStart{base}, FollowerLog::Begin::kCreate, bugs, *this);
    run();
    return log;
  }
  std::unique_ptr<FollowerLog> recover(const LogStart& start = {}, const BugSet& bugs = {}) {
    return std::make_unique<FollowerLog>(disk, "log", kLog, start, FollowerLog::Begin::kRecover, bugs, *this);
  }
  void run() { scheduler.run_until(scheduler.now() + 1_s); }
  std::vector<std::byte> bytes() {
    sim::File& file = disk.open("log");
    std::vector<std::byte> content(file.size());
    file.read(0, content);
    return content;
  }
  LogScan scan(std::span<const std::byte> content, const LogStart& start = {}, const BugSet& bugs = {}) {
    sim::File& file = disk.open("scanned");
    file.truncate(0);
    file.write(0, content);
    LogScan result = scan_log(file, kLog, start, bugs);
    disk.remove("scanned");
    return result;
  }

  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::Process process{scheduler, 1, "machine"};
  sim::Disk disk{scheduler, streams, sim::DiskOptions{}, process};
  EntryMaker maker;
  int durable_calls = 0;
  int failures = 0;
};

std::uint64_t record_bytes(int pages) {
  RecordHeader header;
  header.pages = static_cast<std::uint32_t>(pages);
  header.page_size = kPage;
  return header.bytes();
}

/// A log of four entries (1, 2, 3, 2 pages), each durable before the next is written.
struct WrittenLog {
  WrittenLog() {
    const auto log = machine.create();
    Bookmark position;
    ends.push_back(kLogPrefixBytes);
    for (const int pages : {1, 2, 3, 2}) {
      entries.push_back(machine.maker.next(position, 1, pages));
      log->append(*entries.back());
      position = entries.back()->bookmark();
      machine.run();
      ends.push_back(ends.back() + record_bytes(pages));
    }
    bytes = machine.bytes();
  }
  Machine machine;
  std::vector<EntryRef> entries;
  std::vector<std::uint64_t> ends;  // ends[i]: offset behind entry i - 1
  std::vector<std::byte> bytes;
};

TEST(LogScan, ReadsBackEveryEntryWithItsTimeAndKind) {
  WrittenLog log;
  const LogScan scan = log.machine.scan(log.bytes);
  EXPECT_EQ(scan.state, LogState::kClean) << scan.problem;
  ASSERT_EQ(scan.entries.size(), log.entries.size());
  for (std::size_t i = 0; i < log.entries.size(); ++i) {
    EXPECT_EQ(scan.entries[i].bookmark, log.entries[i]->bookmark());
    EXPECT_EQ(scan.entries[i].end, log.ends[i + 1]);
    const RecordRead read = read_record(log.machine.disk.open("log"), log.ends[i], log.ends[i + 1], kLog);
    ASSERT_EQ(read.status, RecordStatus::kGood) << read.problem;
    EXPECT_EQ(read.entry->committed(), log.entries[i]->committed());
    EXPECT_EQ(read.entry->kind(), log.entries[i]->kind());
    EXPECT_EQ(read.entry->frames().size(), log.entries[i]->frames().size());
  }
}

TEST(LogScan, KeepsWholeEntriesAtEveryTruncation) {
  WrittenLog log;
  for (std::size_t size = kLogPrefixBytes; size <= log.bytes.size(); ++size) {
    const LogScan scan = log.machine.scan(std::span(log.bytes).first(size));
    std::size_t whole = 0;
    while (whole < log.entries.size() && log.ends[whole + 1] <= size) ++whole;
    ASSERT_EQ(scan.entries.size(), whole) << size;
    // What remains of the entry that was cut says that everything before it was durable; only it is lost.
    ASSERT_EQ(scan.state, size == log.ends[whole] ? LogState::kClean : LogState::kTorn) << size << scan.problem;
    ASSERT_EQ(scan.good_end, log.ends[whole]) << size;
  }
}

TEST(LogScan, TheStateFilesWitnessTellsALostEndFromATornTail) {
  WrittenLog log;
  for (std::size_t size = 0; size <= log.bytes.size(); ++size) {
    for (const std::uint64_t durable_end : log.ends) {
      const LogScan scan = log.machine.scan(std::span(log.bytes).first(size), {{}, kLogPrefixBytes, durable_end});
      ASSERT_EQ(scan.state == LogState::kCorrupt, size < durable_end) << size << " " << durable_end;
    }
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
    ASSERT_EQ(scan.entries.size(), at < kLogPrefixBytes ? 0 : good) << at;
    // Nothing was written after the newest entry that could say that it was durable.
    ASSERT_EQ(scan.state, good + 1 == log.entries.size() ? LogState::kTorn : LogState::kCorrupt) << at;
    const LogScan told = log.machine.scan(bad, {{}, kLogPrefixBytes, log.bytes.size()});
    ASSERT_EQ(told.state, LogState::kCorrupt) << at;
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

TEST(LogScan, RefusesAnotherVersionAnotherGenerationAndAnotherPageSizeInClearWords) {
  WrittenLog log;
  sim::File& file = log.machine.disk.open("log");
  const auto problem = [&](const LogIdentity& identity) { return scan_log(file, identity, {}).problem; };
  EXPECT_NE(problem({kPage, 4}).find("generation 3"), std::string::npos) << problem({kPage, 4});
  EXPECT_NE(problem({4096, 3}).find("pages of 512 bytes"), std::string::npos) << problem({4096, 3});
  // The same prefix with version 1.
  ByteWriter writer;
  writer.u32(kLogMagic);
  writer.u32(1);
  writer.u32(kPage);
  while (writer.bytes().size() + 8 < kLogPrefixBytes) writer.u32(0);
  writer.u64(digest_bytes(writer.bytes(), {0, 0}).low);
  file.write(0, writer.bytes());
  EXPECT_NE(problem(kLog).find("format version 1"), std::string::npos) << problem(kLog);
  EXPECT_EQ(scan_log(file, kLog, {}).state, LogState::kCorrupt);
}

TEST(LogScan, GoesOnAfterTheEntryThatACutNames) {
  Machine machine;
  auto log = machine.create();
  const std::vector<EntryRef> old = machine.maker.run({}, 1, 5);
  for (const EntryRef& entry : old) log->append(*entry);
  machine.run();
  ASSERT_EQ(log->cut(old[1]->bookmark()), FollowerLog::Write::kDone);
  EXPECT_EQ(log->last(), old[1]->bookmark());
  EXPECT_EQ(log->durable(), old[1]->bookmark());
  const std::vector<EntryRef> fresh = machine.maker.run(old[1]->bookmark(), 2, 2, 2);
  for (const EntryRef& entry : fresh) log->append(*entry);
  machine.run();
  EXPECT_EQ(log->durable(), fresh[1]->bookmark());
  log.reset();
  log = machine.recover();
  EXPECT_EQ(log->state(), LogState::kClean) << log->problem();
  EXPECT_EQ(log->last(), fresh[1]->bookmark());
  EXPECT_EQ(log->entries(), 4U);
  EXPECT_FALSE(log->holds(old[2]->bookmark()));
  machine.run();
  std::vector<EntryRef> read;
  EXPECT_EQ(log->read_after({}, {}, read), RecordStatus::kGood);
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[2]->bookmark(), fresh[0]->bookmark());
}

TEST(FollowerLog, SurvivesPowerLossUpToTheDurableEntry) {
  Machine machine;
  auto log = machine.create();
  const std::vector<EntryRef> entries = machine.maker.run({}, 1, 4, 2);
  for (int i = 0; i < 3; ++i) log->append(*entries[static_cast<std::size_t>(i)]);
  machine.run();
  EXPECT_EQ(log->durable(), entries[2]->bookmark());
  log->append(*entries[3]);
  EXPECT_NE(log->durable(), log->last());
  log.reset();
  machine.process.crash();
  machine.disk.power_loss();
  machine.process.start();
  log = machine.recover();
  EXPECT_EQ(log->last(), entries[2]->bookmark());
  EXPECT_NE(log->state(), LogState::kCorrupt);
  EXPECT_EQ(log->append(*entries[3]), FollowerLog::Write::kDone);
  machine.run();
}

TEST(FollowerLog, GroupsCommitsIntoOneSyncAfterTheOneThatRuns) {
  Machine machine;
  const auto log = machine.create();
  const std::uint64_t before = machine.disk.statistics().syncs;
  machine.durable_calls = 0;
  const std::vector<EntryRef> entries = machine.maker.run({}, 1, 50);
  for (const EntryRef& entry : entries) log->append(*entry);
  machine.run();
  EXPECT_EQ(machine.disk.statistics().syncs, before + 2);
  EXPECT_EQ(machine.durable_calls, 2);
  EXPECT_EQ(log->durable(), entries.back()->bookmark());
}

TEST(FollowerLog, TrimsEverythingAndGoesOn) {
  Machine machine;
  auto log = machine.create();
  const std::vector<EntryRef> entries = machine.maker.run({}, 1, 20);
  for (const EntryRef& entry : entries) log->append(*entry);
  machine.run();
  const Bookmark end = entries.back()->bookmark();
  const std::uint64_t offset = log->offset_after(end);
  log->trim(end, offset);
  EXPECT_EQ(log->entries(), 0U);
  EXPECT_EQ(log->last(), end);
  const std::vector<std::byte> bytes = machine.bytes();
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
  const EntryRef more = machine.maker.next(end, 1);
  log->append(*more);
  machine.run();
  log.reset();
  log = machine.recover({end, offset, offset});
  EXPECT_EQ(log->state(), LogState::kClean) << log->problem();
  EXPECT_EQ(log->last(), more->bookmark());
  EXPECT_EQ(log->entries(), 1U);
  machine.run();
}

TEST(FollowerLog, ReadsBackInBoundedPiecesAndOnlyWhatIsDurable) {
  Machine machine;
  const auto log = machine.create();
  const std::vector<EntryRef> entries = machine.maker.run({}, 1, 10, 2);
  for (const EntryRef& entry : entries) log->append(*entry);
  std::vector<EntryRef> read;
  EXPECT_EQ(log->read_after({}, {}, read), RecordStatus::kGood);
  EXPECT_TRUE(read.empty());
  machine.run();
  EXPECT_EQ(log->read_after(entries[2]->bookmark(), {3, ~std::uint64_t{0}}, read), RecordStatus::kGood);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0]->bookmark(), entries[3]->bookmark());
  read.clear();
  EXPECT_EQ(log->read_after({}, {100, entries[0]->bytes() + 1}, read), RecordStatus::kGood);
  EXPECT_EQ(read.size(), 2U);
}

TEST(FollowerLog, ReadsAgainBeforeItBelievesThatARecordIsBad) {
  Machine machine;
  const auto log = machine.create();
  const std::vector<EntryRef> entries = machine.maker.run({}, 1, 3, 2);
  for (const EntryRef& entry : entries) log->append(*entry);
  machine.run();
  int good = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    sim::RandomStream& random = machine.streams.stream("flip", std::to_string(seed));
    const sim::DiskFaultId fault = machine.disk.inject(sim::FlipOnRead{sim::kAlways / 40}, random);
    std::vector<EntryRef> read;
    if (log->read_after({}, {}, read) == RecordStatus::kGood) ++good;
    machine.disk.end(fault);
  }
  EXPECT_GE(good, 38);
  sim::RandomStream& random = machine.streams.stream("flip", "rot");
  machine.disk.rot("log", 2, random);
  std::vector<EntryRef> read;
  EXPECT_EQ(log->read_after({}, {}, read), RecordStatus::kBad);
}

/// What a random history has left in the file, and what was claimed at each moment.
struct History {
  explicit History(std::uint64_t seed, const BugSet& bugs = {}) : machine(seed) {
    sim::RandomStream& random = machine.streams.stream("test", "history");
    log = machine.create(bugs);
    std::vector<EntryRef> kept;
    std::uint32_t epoch = 1;
    const std::uint64_t steps = 5 + random.below(20);
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (random.below(6) == 0 && !kept.empty()) {
        const std::size_t keep = random.below(kept.size() + 1);
        const Bookmark after = keep == 0 ? Bookmark{} : kept[keep - 1]->bookmark();
        if (after != log->last()) log->cut(after);
        kept.resize(keep);
        ++epoch;
      }
      const Bookmark previous = kept.empty() ? Bookmark{} : kept.back()->bookmark();
      kept.push_back(machine.maker.next(previous, epoch, static_cast<int>(random.below(4)) + 1));
      log->append(*kept.back());
      if (random.below(3) == 0) machine.scheduler.run_until(machine.scheduler.now() + 20_us);
      if (random.below(4) == 0) machine.run();
    }
    durable = log->durable();
    durable_end = log->durable_end();
  }
  Machine machine;
  std::unique_ptr<FollowerLog> log;
  Bookmark durable;
  std::uint64_t durable_end = 0;
};

TEST(FollowerLogProperty, EveryPrefixOfTheFileHoldsWhatWasAcknowledgedOrSaysThatItIsDamaged) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    History history(seed);
    const std::vector<std::byte> bytes = history.machine.bytes();
    const LogStart told{{}, kLogPrefixBytes, history.durable_end};
    for (std::size_t size = 0; size <= bytes.size(); size += size + 200 < history.durable_end ? 37 : 1) {
      const LogScan scan = history.machine.scan(std::span(bytes).first(size), told);
      const bool held = history.durable.is_origin() ||
                        std::any_of(scan.entries.begin(), scan.entries.end(),
                                    [&](const ScannedEntry& entry) { return entry.bookmark == history.durable; });
      ASSERT_TRUE(held || scan.state == LogState::kCorrupt) << seed << " " << size;
      // A legal power loss never takes what was durable: then nothing looks damaged, with the witness or without.
      if (size < history.durable_end) continue;
      ASSERT_TRUE(held && scan.state != LogState::kCorrupt) << seed << " " << size << scan.problem;
      ASSERT_NE(history.machine.scan(std::span(bytes).first(size)).state, LogState::kCorrupt) << seed << " " << size;
    }
  }
}

/// Loses power after a random history; true when the log then breaks a promise.
bool breaks_a_promise(std::uint64_t seed, const sim::SurvivorOptions& options, const BugSet& bugs) {
  History history(seed, bugs);
  Machine& machine = history.machine;
  history.log.reset();
  machine.process.crash();
  sim::RandomSurvivors survivors(machine.streams.stream("test", "survivors"), options, machine.disk.unsynced());
  machine.disk.power_loss(&survivors);
  machine.process.start();
  const auto log = machine.recover({}, bugs);
  machine.run();
  if (log->state() == LogState::kCorrupt || !log->settled() || !log->holds(history.durable)) return true;
  std::vector<EntryRef> read;
  if (log->read_after({}, {}, read) != RecordStatus::kGood) return true;
  Bookmark position;
  for (const EntryRef& entry : read) {
    if (entry->previous() != position) return true;
    position = entry->bookmark();
  }
  return position != log->last();
}

std::vector<sim::SurvivorOptions> survivor_modes() {
  using Mode = sim::SurvivorOptions::Mode;
  constexpr sim::Chance kOften = sim::kAlways / 3;
  std::vector<sim::SurvivorOptions> modes;
  for (const Mode mode : {Mode::kNone, Mode::kPrefix, Mode::kSubset, Mode::kAll}) {
    sim::SurvivorOptions plain;
    plain.mode = mode;
    modes.push_back(plain);
    plain.tear = plain.torn_sector = plain.garbage = kOften;
    modes.push_back(plain);
    plain.loose_length = kOften;
    modes.push_back(plain);
  }
  return modes;
}

TEST(FollowerLogProperty, AnyPowerLossLeavesAChainedLogWithAllThatWasDurable) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    for (const sim::SurvivorOptions& options : survivor_modes())
      ASSERT_FALSE(breaks_a_promise(seed, options, {})) << seed << " mode " << static_cast<int>(options.mode);
  }
}

TEST(FollowerMistakes, A17AcceptsEntriesAfterAHole) {
  int broken = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    for (const sim::SurvivorOptions& options : survivor_modes())
      broken += breaks_a_promise(seed, options, follower_bug(Bug::kA17)) ? 1 : 0;
  }
  EXPECT_GT(broken, 0);
}

TEST(FollowerMistakes, A16LosesGoodEntriesBehindAnAbortedOne) {
  for (const bool planted : {false, true}) {
    Machine machine;
    const BugSet bugs = planted ? follower_bug(Bug::kA16) : BugSet{};
    auto log = machine.create(bugs);
    const std::vector<EntryRef> entries = machine.maker.run({}, 1, 3);
    log->append(*entries[0]);
    machine.run();
    const sim::DiskFaultId full =
        machine.disk.inject(sim::NoSpace{machine.disk.open("log").size()}, machine.streams.stream("test", "full"));
    EXPECT_EQ(log->append(*entries[1]), FollowerLog::Write::kNoSpace);
    machine.disk.end(full);
    EXPECT_EQ(log->last() == entries[0]->bookmark(), !planted);
    if (!planted) log->append(*entries[1]);
    log->append(*entries[2]);
    machine.run();
    EXPECT_EQ(log->durable(), entries[2]->bookmark());
    log.reset();
    log = machine.recover({}, bugs);
    machine.run();
    EXPECT_EQ(log->holds(entries[2]->bookmark()), !planted) << log->problem();
  }
}

TEST(FollowerLog, DoesNotBelieveASyncThatFailed) {
  for (const bool planted : {false, true}) {
    Machine machine;
    const BugSet bugs = planted ? follower_bug(Bug::kA23) : BugSet{};
    const auto log = machine.create(bugs);
    const EntryRef entry = machine.maker.next({}, 1);
    machine.disk.inject(sim::IoErrors{sim::kIoSync, sim::kAlways}, machine.streams.stream("test", "errors"));
    log->append(*entry);
    machine.run();
    EXPECT_EQ(machine.failures, planted ? 0 : 1);
    EXPECT_EQ(log->durable() == entry->bookmark(), planted);
    log->detach();
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
