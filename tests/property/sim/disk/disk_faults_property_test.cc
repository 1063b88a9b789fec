// A disk under random faults, against one that is plain bytes. Only faults that a promise of durability may meet strike
// (D1-D5, D8-D15, D29, and D6 and D7, whose syncs promise nothing): what a true sync has stored is never lost by a
// power loss, and what was written is read until then.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <optional>
#include <set>
#include <tuple>

#include "file_reference.h"
#include "sim/core/process.h"
#include "sim/disk/disk.h"
#include "sim/disk/survivor_modes.h"

namespace tidemark::sim {
namespace {

constexpr std::array<const char*, 3> kNames = {"db", "db-wal", "log"};
constexpr std::array<FileLayout, 3> kLayouts = {{{0, 0, 4096}, {32, 24, 512}, {0, 0, 0}}};
constexpr Chance kThird = ~Chance{0} / 3;

/// For each byte, what it may be after a power loss: what it was at the last true sync or at any time after.
struct ReferenceFile {
  Bytes written;
  std::vector<std::set<std::byte>> allowed;  // of each byte; a missing byte is a zero
  std::set<std::size_t> lengths{0};
  struct PendingSync {
    Instant when;
    std::vector<std::set<std::byte>> allowed;  // of writes after its start, with the content at its start
    std::set<std::size_t> lengths;
  };
  std::vector<PendingSync> syncs;
};

void permit(std::vector<std::set<std::byte>>& allowed, const Bytes& content, std::size_t from, std::size_t to) {
  if (allowed.size() < to) allowed.resize(to, {std::byte{0}});
  for (std::size_t i = from; i < to; ++i) allowed[i].insert(i < content.size() ? content[i] : std::byte{0});
}

class Rig final {
 public:
  using Step = std::tuple<int, std::uint32_t, std::uint32_t>;

  explicit Rig(std::uint64_t seed) : streams_(seed) {
    process_.set_factory([](Process&) { return std::make_unique<Program>(); });
    process_.start();
    for (std::size_t i = 0; i < kNames.size(); ++i) disk_.open(kNames[i], kLayouts[i]);
  }

  void apply(const Step& step) {
    const auto [kind, a, b] = step;
    const std::size_t which = a % kNames.size();
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return write(which, b % 9000, filler(1 + a % 1500, ++salt_), a % 4 == 0);
      case 3:
        return truncate(which, b % 9000);
      case 4:
      case 5:
        return sync(which);
      case 6:
        scheduler_.run_until(scheduler_.now() + Duration::nanoseconds(b % 400'000));
        return;
      case 7:
        return inject(a, b);
      case 8:
        if (!ids_.empty()) disk_.end(ids_[b % ids_.size()]);
        return;
      case 9:
        process_.crash();
        process_.start();
        // Hung syncs are given up, lost bytes may be gone: take what is there, it was permitted.
        return after_restart();
      default:
        return lose_power(a, b);
    }
  }

  void check() {
    settle();
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (uncertain_.count(i) == 0) RC_ASSERT(written(i) == files_[i].written);
      check_allowed(i, disk_.durable_image(kNames[i]));
    }
  }

 private:
  File& file(std::size_t which) { return disk_.open(kNames[which], kLayouts[which]); }
  Bytes written(std::size_t which) {
    Bytes bytes(file(which).size());
    RC_ASSERT(file(which).read(0, bytes) == bytes.size());
    return bytes;
  }
  void check_allowed(std::size_t which, const Bytes& left) {
    const ReferenceFile& reference = files_[which];
    // Write-back of a page makes the file as long as the page's end, if not longer.
    const bool page_end = flushes_ && left.size() % 4096 == 0 && left.size() <= *reference.lengths.rbegin();
    RC_ASSERT((page_end || reference.lengths.count(left.size()) == 1));
    for (std::size_t i = 0; i < left.size(); ++i) {
      const bool permitted =
          i < reference.allowed.size() ? reference.allowed[i].count(left[i]) == 1 : left[i] == std::byte{0};
      RC_ASSERT(permitted);
    }
  }
  /// The written image has changed to `next` in [from, to).
  void changed(ReferenceFile& reference, Bytes next, std::size_t from, std::size_t to) {
    reference.written = std::move(next);
    const auto note = [&](std::vector<std::set<std::byte>>& allowed, std::set<std::size_t>& lengths) {
      permit(allowed, reference.written, from, std::max(to, from));
      lengths.insert(reference.written.size());
    };
    note(reference.allowed, reference.lengths);
    for (ReferenceFile::PendingSync& sync : reference.syncs) note(sync.allowed, sync.lengths);
  }
  void write(std::size_t which, std::uint64_t offset, const Bytes& bytes, bool shared) {
    ReferenceFile& reference = files_[which];
    const std::size_t size_before = file(which).size();
    const IoStatus status =
        shared ? file(which).write_shared(offset, Buffer::copy(bytes)) : file(which).write(offset, bytes);
    Bytes next = written(which);
    if (status == IoStatus::kOk) RC_ASSERT(next.size() == std::max<std::size_t>(size_before, offset + bytes.size()));
    // Whatever the status: a prefix of the bytes is there, and nothing else has changed.
    std::size_t stored = status == IoStatus::kOk ? bytes.size() : 0;
    while (stored < bytes.size() && offset + stored < next.size() && next[offset + stored] == bytes[stored]) ++stored;
    Bytes expected = uncertain_.count(which) == 0 ? reference.written : next;
    if (stored != 0) expected.resize(std::max<std::size_t>(expected.size(), offset + stored));
    std::copy_n(bytes.begin(), stored,
                expected.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(offset, expected.size())));
    RC_ASSERT(next == expected);
    changed(reference, std::move(next), std::min<std::size_t>(offset, size_before), offset + stored);
  }
  void truncate(std::size_t which, std::uint64_t size) {
    ReferenceFile& reference = files_[which];
    const std::size_t before = file(which).size();
    const IoStatus status = file(which).truncate(size);
    Bytes next = written(which);
    RC_ASSERT(next.size() == (status == IoStatus::kOk ? size : before));
    const std::size_t to = std::max<std::size_t>(before, next.size());
    changed(reference, std::move(next), std::min<std::size_t>(before, reference.written.size()), to);
    // What is cut off reads as zeros if the file grows again.
    permit(reference.allowed, {}, std::min<std::size_t>(size, to), to);
    for (ReferenceFile::PendingSync& sync : reference.syncs)
      permit(sync.allowed, {}, std::min<std::size_t>(size, to), to);
  }
  void sync(std::size_t which) {
    ReferenceFile& reference = files_[which];
    const std::uint64_t lies = lies_ != 0 ? disk_.effects(lies_) : 0;
    const Instant when = file(which).sync(nullptr);
    if (file(which).sync_status() != IoStatus::kOk) {
      if (forgets_ != 0 && disk_.active(forgets_)) uncertain_.insert(which);
      reference.written = written(which);
      return;
    }
    const bool lied = lies_ != 0 && disk_.effects(lies_) != lies;
    // After D6 the bytes that count as clean are not stored by a sync that tells the truth either.
    if (lied || uncertain_.count(which) != 0 || when == Instant::max()) return;
    ReferenceFile::PendingSync pending{when, {}, {reference.written.size()}};
    permit(pending.allowed, reference.written, 0, reference.written.size());
    for (std::size_t i = 0; i < reference.written.size(); ++i) pending.allowed[i] = {reference.written[i]};
    reference.syncs.push_back(std::move(pending));
  }
  void settle() {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      ReferenceFile& reference = files_[i];
      while (!reference.syncs.empty() && reference.syncs.front().when <= scheduler_.now()) {
        reference.allowed = std::move(reference.syncs.front().allowed);
        reference.lengths = std::move(reference.syncs.front().lengths);
        reference.syncs.erase(reference.syncs.begin());
      }
    }
  }
  void inject(std::uint32_t a, std::uint32_t b) {
    const FileFilter filter{"", b % 3 == 0 ? "-wal" : ""};
    const auto add = [&](DiskFault fault) {
      ids_.push_back(disk_.inject(std::move(fault), random_, filter));
      return ids_.back();
    };
    switch (a % 10) {
      case 0:
        add(SlowDisk{1000 + b % 5000, Duration::nanoseconds(b % 100'000), b % 2 == 0 ? 1'000'000U : 0U});
        return;
      case 1:
        add(StalledDisk{scheduler_.now() + Duration::nanoseconds(b % 1'000'000)});
        return;
      case 2:
        add(HungDisk{});
        return;
      case 3:
        add(IoErrors{static_cast<std::uint8_t>(1 + b % 7), kThird});
        return;
      case 4:
        add(StickyIoErrors{kIoWrite | kIoSync, kThird});
        return;
      case 5:
        add(NoSpace{b % 20'000, kThird});
        return;
      case 6:
        add(ShortIo{kIoWrite, kThird});
        return;
      case 7:
        add(EarlyFlush{kThird, kThird});
        flushes_ = true;
        return;
      case 8:
        if (lies_ == 0) lies_ = add(LyingSync{kThird, kIoSync});
        return;
      default:
        if (forgets_ == 0) forgets_ = add(ForgetfulSync{kThird, kThird});
        return;
    }
  }
  void after_restart() {
    settle();
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const Bytes now = written(i);
      if (uncertain_.count(i) == 0) RC_ASSERT(now == files_[i].written);
      files_[i].written = now;
    }
  }
  void lose_power(std::uint32_t a, std::uint32_t b) {
    process_.crash();
    settle();
    SurvivorOptions options;
    options.mode = static_cast<SurvivorOptions::Mode>(a % 4);
    options.tear = b % 2 == 0 ? kThird : 0;
    options.torn_sector = b % 3 == 0 ? kThird : 0;
    options.garbage_rest = 0;  // garbage is no content that was ever written; see the test of its own
    options.loose_length = b % 5 == 0 ? kThird : 0;
    RandomSurvivors survivors(random_, options, disk_.unsynced());
    disk_.power_loss(&survivors);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const Bytes left = written(i);
      RC_ASSERT(left == disk_.durable_image(kNames[i]));
      check_allowed(i, left);
      ReferenceFile fresh;
      fresh.written = left;
      fresh.lengths = {left.size()};
      permit(fresh.allowed, left, 0, left.size());
      for (std::size_t at = 0; at < left.size(); ++at) fresh.allowed[at] = {left[at]};
      files_[i] = std::move(fresh);
    }
    uncertain_.clear();
    process_.start();
  }

  Scheduler scheduler_;
  StreamRegistry streams_;
  RandomStream& random_ = streams_.stream("nemesis", "disk");
  Process process_{scheduler_, 1, "p"};
  Disk disk_{scheduler_, streams_, DiskOptions{}, process_};
  std::array<ReferenceFile, kNames.size()> files_;
  std::set<std::size_t> uncertain_;  // files with bytes that a D6 has made clean
  std::vector<DiskFaultId> ids_;
  bool flushes_ = false;
  DiskFaultId lies_ = 0;
  DiskFaultId forgets_ = 0;
  std::uint64_t salt_ = 0;
};

TEST(DiskFaultsProperty, WhatASyncStoredTruthfullySurvivesEveryPowerLoss) {
  EXPECT_TRUE(rc::check([] {
    const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
    const auto steps = *rc::gen::scale(2.0, rc::gen::container<std::vector<Rig::Step>>(rc::gen::tuple(
                                                rc::gen::inRange(0, 11), rc::gen::inRange<std::uint32_t>(0, 1U << 20),
                                                rc::gen::inRange<std::uint32_t>(0, 1U << 20))));
    Rig rig(seed);
    for (const Rig::Step& step : steps) {
      rig.apply(step);
      rig.check();
    }
  }));
}

TEST(DiskFaultsProperty, GarbageNeverTouchesSyncedBytes) {
  EXPECT_TRUE(rc::check([] {
    Scheduler scheduler;
    StreamRegistry streams(*rc::gen::inRange<std::uint64_t>(0, 1'000'000));
    Process process(scheduler, 1, "p");
    Disk disk(scheduler, streams, DiskOptions{}, process);
    File& log = disk.open("log", *rc::gen::element(FileLayout{}, FileLayout{0, 0, 512}, FileLayout{32, 24, 100}));
    const auto synced = *rc::gen::inRange<std::size_t>(0, 3000);
    const auto more = *rc::gen::inRange<std::size_t>(1, 3000);
    const Bytes before = filler(synced, 1);
    log.write(0, before);
    log.sync(nullptr);
    scheduler.run_until(scheduler.now() + 1_s);
    log.write(synced, filler(more, 2));
    SurvivorOptions options;
    options.mode = *rc::gen::element(SurvivorOptions::Mode::kPrefix, SurvivorOptions::Mode::kSubset);
    options.tear = options.garbage = options.torn_sector = kThird;
    RandomSurvivors survivors(streams.stream("nemesis", "disk"), options, disk.unsynced());
    disk.power_loss(&survivors);
    Bytes left(synced);
    RC_ASSERT(log.size() >= synced);
    RC_ASSERT(log.read(0, left) == synced);
    RC_ASSERT(left == before);
  }));
}

/// Faults that are injected and do nothing (a chance of zero, a filter that matches no file, ended ones) change
/// nothing.
TEST(DiskFaultsProperty, FaultsWithoutEffectChangeNoInstantAndNoDraw) {
  EXPECT_TRUE(rc::check([] {
    const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint32_t>>>(
        rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<std::uint32_t>(0, 1U << 20)));
    const auto run = [&](bool with_faults) {
      Scheduler scheduler;
      StreamRegistry streams(seed);
      Process process(scheduler, 1, "p");
      Disk disk(scheduler, streams, DiskOptions{}, process);
      RandomStream none(seed, "none");
      if (with_faults) {
        disk.inject(SlowDisk{9000, 1_s, 1}, none, {"no such file", ""});
        disk.inject(IoErrors{kIoRead | kIoWrite | kIoSync, 0}, none);
        disk.inject(LooseDirectory{0, 0}, none);
        disk.end(disk.inject(HungDisk{}, none));
      }
      std::vector<Instant> instants;
      for (const auto& [kind, a] : steps) {
        File& file = disk.open(kNames[a % kNames.size()]);
        if (kind == 0) file.write(a % 5000, filler(a % 900, a));
        if (kind == 1) file.truncate(a % 5000);
        if (kind == 2) instants.push_back(file.sync(nullptr));
        if (kind == 3) disk.power_loss();
        scheduler.run_until(scheduler.now() + Duration::nanoseconds(a % 100'000));
      }
      return std::tuple(instants, disk.durable_image("db"), disk.durable_image("log"), none.draws());
    };
    RC_ASSERT(run(false) == run(true));
  }));
}

}  // namespace
}  // namespace tidemark::sim
