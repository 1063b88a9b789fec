// Faults that strike while a disk works: D1-D9, D16, D17, D21, D29. What a power loss and the machine's end can do is
// in disk_loss_test.cc.
#include "sim/disk/disk_faults.h"

#include <gtest/gtest.h>

#include "sim/core/sync_wait.h"
#include "sim/disk/disk.h"
#include "storage_fixture.h"

namespace tidemark::sim {
namespace {

class Recorder final : public IoCompletion {
 public:
  explicit Recorder(Scheduler& scheduler) : scheduler_(scheduler) {}
  void on_io(IoStatus status) override {
    when.push_back(scheduler_.now());
    last = status;
  }
  std::vector<Instant> when;
  IoStatus last = IoStatus::kOk;

 private:
  Scheduler& scheduler_;
};

/// fsync 100 us + 1 ns a byte.
class DiskFaultsTest : public StorageFixture {
 protected:
  std::string durable(std::string_view name) const {
    const std::vector<std::byte> image = disk.durable_image(name);
    return {reinterpret_cast<const char*>(image.data()), image.size()};
  }
  static std::string written(const File& file) {
    std::string text(file.size(), '?');
    EXPECT_EQ(file.read(0, std::as_writable_bytes(std::span(text))), text.size());
    return text;
  }
  static std::string tried(const File& file, IoStatus& status) {
    std::string text(file.size(), '?');
    text.resize(file.try_read(0, std::as_writable_bytes(std::span(text)), status));
    return text;
  }
  void wait(Duration duration) { run_to(scheduler.now().since_start() + duration); }
  void sync(File& file) {
    file.sync(nullptr);
    wait(1_s);
  }
  void restart() {
    process.crash();
    process.start();
  }
  void lose_power() {
    process.crash();
    disk.power_loss();
    process.start();
  }
  RandomStream& random = streams.stream("nemesis", "test");
  Disk disk{scheduler, streams, fixed_disk(), process};
  Recorder done{scheduler};
};

TEST_F(DiskFaultsTest, SlowDisksMultiplyAddAndTakeTheSmallestBandwidth) {
  File& log = disk.open("log");
  const DiskFaultId first = disk.inject(SlowDisk{2000, 50_us, 500'000'000}, random);
  const DiskFaultId second = disk.inject(SlowDisk{1500, 7_us, 250'000'000}, random);
  log.write(0, bytes_of(std::string(1000, 'x')));
  EXPECT_EQ(log.sync(nullptr), at(300_us + 57_us + 4_us));
  disk.end(second);
  wait(1_s);
  EXPECT_EQ(log.sync(nullptr), at(1_s + 200_us + 50_us));
  EXPECT_EQ(disk.effects(first), 2U);
  EXPECT_EQ(disk.effects(second), 1U);
  disk.end(first);
  wait(1_s);
  EXPECT_EQ(log.sync(nullptr), at(2_s + 100_us));
}

TEST_F(DiskFaultsTest, FaultStrikesOnlyFilesThatItsFilterMatches) {
  disk.inject(SlowDisk{1000, 1_ms, 0}, random, {"db", "-wal"});
  EXPECT_EQ(disk.open("db").sync(nullptr), at(100_us));
  EXPECT_EQ(disk.open("db-wal").sync(nullptr), at(1200_us));
  EXPECT_EQ(disk.open("x-wal").sync(nullptr), at(1300_us));
}

TEST_F(DiskFaultsTest, StalledSyncsAllCompleteAtItsEnd) {
  File& log = disk.open("log");
  const DiskFaultId stall = disk.inject(StalledDisk{at(5_ms)}, random);
  log.write(0, bytes_of("one"));
  EXPECT_EQ(log.sync(&done), at(5_ms));
  log.write(3, bytes_of("two"));
  EXPECT_EQ(log.sync(&done), at(5_ms));
  run_to(4999_us);
  EXPECT_EQ(durable("log"), "");
  EXPECT_TRUE(done.when.empty());
  run_to(5_ms);
  EXPECT_EQ(durable("log"), "onetwo");
  EXPECT_EQ(done.when, (std::vector<Instant>{at(5_ms), at(5_ms)}));
  EXPECT_EQ(disk.effects(stall), 2U);
}

TEST_F(DiskFaultsTest, StallHoldsTheAnswersOfSyncsUnderWayButNotTheirPromise) {
  File& log = disk.open("log");
  log.write(0, bytes_of("x"));
  EXPECT_EQ(log.sync(&done), at(100'001_ns));
  const DiskFaultId stall = disk.inject(StalledDisk{at(5_ms)}, random);
  EXPECT_EQ(disk.effects(stall), 1U);
  run_to(1_ms);
  EXPECT_EQ(durable("log"), "x");
  EXPECT_TRUE(done.when.empty());
  run_to(5_ms);
  EXPECT_EQ(done.when, std::vector<Instant>{at(5_ms)});
}

TEST_F(DiskFaultsTest, StallThatEndsEarlyLetsSyncsGoThenAndALongerOneHoldsThem) {
  File& log = disk.open("log");
  File& other = disk.open("other");
  const DiskFaultId one = disk.inject(StalledDisk{at(9_ms)}, random);
  const DiskFaultId two = disk.inject(StalledDisk{at(7_ms)}, random, {"log", ""});
  log.write(0, bytes_of("a"));
  log.sync(&done);
  other.write(0, bytes_of("b"));
  other.sync(&done);
  run_to(3_ms);
  disk.end(one);
  run_to(3_ms);
  EXPECT_EQ(durable("other"), "b");
  EXPECT_EQ(durable("log"), "");
  EXPECT_EQ(done.when, std::vector<Instant>{at(3_ms)});
  run_to(10_ms);
  EXPECT_EQ(done.when, (std::vector<Instant>{at(3_ms), at(7_ms)}));
  EXPECT_EQ(disk.effects(two), 1U);
}

TEST_F(DiskFaultsTest, WaiterWithoutACallbackGoesOnSoonAfterAStallOfUnknownLengthEnds) {
  struct Waiting {
    static Task<void> run(Process& owner, File& file, Instant& woke) {
      file.sync(nullptr);
      co_await until_synced(owner, file);
      woke = owner.scheduler().now();
    }
  };
  File& log = disk.open("log");
  Instant plain;
  process.spawn(Waiting::run(process, log, plain));
  run_to(1_s);
  EXPECT_EQ(plain, at(100_us));  // one sleep, of exactly the sync
  EXPECT_EQ(scheduler.events(), 1U);
  const DiskFaultId stall = disk.inject(StalledDisk{Instant::max()}, random);
  log.write(0, bytes_of("x"));
  Instant woke;
  process.spawn(Waiting::run(process, log, woke));
  run_to(60_s + 500_ms);
  EXPECT_EQ(woke, Instant{});
  EXPECT_EQ(log.synced_at(), Instant::max());
  disk.end(stall);
  EXPECT_EQ(log.synced_at(), at(1_s + 100_us + 1_ns));
  run_to(100_s);
  EXPECT_EQ(woke, at(61_s));
  EXPECT_EQ(durable("log"), "x");
}

TEST_F(DiskFaultsTest, HungDiskNeverAnswersUntilTheProcessRestarts) {
  File& log = disk.open("log");
  const DiskFaultId hang = disk.inject(HungDisk{}, random);
  log.write(0, bytes_of("data"));
  EXPECT_EQ(log.sync(&done), Instant::max());
  run_to(100_s);
  EXPECT_TRUE(done.when.empty());
  EXPECT_EQ(durable("log"), "");
  EXPECT_EQ(disk.effects(hang), 1U);
  restart();
  EXPECT_FALSE(disk.active(hang));
  run_to(200_s);
  EXPECT_EQ(durable("log"), "");
  EXPECT_EQ(written(log), "data");
  EXPECT_EQ(log.sync(&done), at(200_s + 100_us));
  run_to(300_s);
  EXPECT_EQ(durable("log"), "data");
  EXPECT_EQ(done.when.size(), 1U);
}

TEST_F(DiskFaultsTest, ErrorChangesNothingAndTheNextTryMayPass) {
  File& log = disk.open("log");
  const DiskFaultId errors = disk.inject(IoErrors{}, random);
  EXPECT_EQ(log.write(0, bytes_of("x")), IoStatus::kError);
  EXPECT_EQ(log.write_shared(0, Buffer::copy(bytes_of("x"))), IoStatus::kError);
  EXPECT_EQ(log.truncate(10), IoStatus::kError);
  EXPECT_EQ(log.size(), 0U);
  disk.end(errors);
  EXPECT_EQ(log.write(0, bytes_of("data")), IoStatus::kOk);
  const DiskFaultId again = disk.inject(IoErrors{}, random);
  EXPECT_EQ(log.sync(&done), at(100_us + 4_ns));
  EXPECT_EQ(log.sync_status(), IoStatus::kError);
  IoStatus status = IoStatus::kOk;
  EXPECT_EQ(tried(log, status), "");
  EXPECT_EQ(status, IoStatus::kError);
  EXPECT_EQ(written(log), "data");  // an observer's read
  run_to(1_ms);
  EXPECT_EQ(done.last, IoStatus::kError);
  EXPECT_EQ(durable("log"), "");
  EXPECT_EQ(disk.effects(errors), 3U);
  EXPECT_EQ(disk.effects(again), 2U);
  disk.end_all_faults();
  sync(log);
  EXPECT_EQ(log.sync_status(), IoStatus::kOk);
  EXPECT_EQ(durable("log"), "data");
}

TEST_F(DiskFaultsTest, ErrorsHaveAChanceAndStrikeOnlyTheirOperations) {
  File& log = disk.open("log");
  const DiskFaultId errors = disk.inject(IoErrors{kIoWrite, Chance{1} << 62}, random);  // a quarter
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += log.write(0, bytes_of("x")) != IoStatus::kOk ? 1 : 0;
  EXPECT_NEAR(failed, 250, 60);
  EXPECT_EQ(disk.effects(errors), static_cast<std::uint64_t>(failed));
  IoStatus status = IoStatus::kError;
  tried(log, status);
  EXPECT_EQ(status, IoStatus::kOk);
}

TEST_F(DiskFaultsTest, StickyErrorStaysOnTheFileThatItHit) {
  File& log = disk.open("log");
  File& other = disk.open("other");
  disk.inject(StickyIoErrors{kIoWrite, Chance{1} << 61}, random, {"log", ""});
  while (log.write(0, bytes_of("x")) == IoStatus::kOk) continue;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(log.write(0, bytes_of("x")), IoStatus::kError);
    EXPECT_EQ(other.write(0, bytes_of("x")), IoStatus::kOk);
  }
}

TEST_F(DiskFaultsTest, ErrorIsNotHeldByAStall) {
  File& log = disk.open("log");
  disk.inject(StalledDisk{at(1_s)}, random);
  disk.inject(IoErrors{}, random);
  EXPECT_EQ(log.sync(&done), at(100_us));
  run_to(1_ms);
  EXPECT_EQ(done.when, std::vector<Instant>{at(100_us)});
}

TEST_F(DiskFaultsTest, ForgetfulSyncLosesTheDataThoughTheNextSyncSaysOk) {
  File& log = disk.open("log");
  log.write(0, bytes_of("base"));
  sync(log);
  log.write(4, bytes_of("lost"));
  const DiskFaultId fault = disk.inject(ForgetfulSync{kAlways, 0}, random);
  log.sync(&done);
  wait(1_s);
  EXPECT_EQ(done.last, IoStatus::kError);
  EXPECT_EQ(disk.effects(fault), 1U);
  disk.end(fault);
  log.sync(&done);
  wait(1_s);
  EXPECT_EQ(done.last, IoStatus::kOk);
  EXPECT_EQ(written(log), "baselost");
  EXPECT_EQ(durable("log"), "base");
  ASSERT_EQ(disk.damage().size(), 1U);
  EXPECT_EQ(disk.damage()[0].bytes, 4U);
  lose_power();
  EXPECT_EQ(written(log), "base");
}

TEST_F(DiskFaultsTest, ForgottenPageIsHealedByWritingToItAgain) {
  File& log = disk.open("log");
  log.write(0, bytes_of(std::string(8192, 'a')));
  sync(log);
  log.write(10, bytes_of("lost"));
  log.write(5000, bytes_of("gone"));
  const DiskFaultId fault = disk.inject(ForgetfulSync{kAlways, 0}, random);
  sync(log);
  disk.end(fault);
  log.write(100, bytes_of("again"));  // the first page, not the second
  sync(log);
  EXPECT_EQ(durable("log").substr(10, 4), "lost");
  EXPECT_EQ(durable("log").substr(100, 5), "again");
  EXPECT_EQ(durable("log").substr(5000, 4), "aaaa");
  EXPECT_EQ(written(log).substr(5000, 4), "gone");
  restart();
  EXPECT_EQ(written(log).substr(5000, 4), "aaaa");
}

TEST_F(DiskFaultsTest, ForgottenPageThatIsWrittenAgainIsUnsyncedUntilATrueSync) {
  File& log = disk.open("log");
  log.write(0, bytes_of(std::string(4096, 'a')));
  sync(log);
  log.write(10, bytes_of("lost"));
  const DiskFaultId fault = disk.inject(ForgetfulSync{kAlways, 0}, random);
  sync(log);
  disk.end(fault);
  log.write(100, bytes_of("again"));
  EXPECT_EQ(durable("log"), std::string(4096, 'a'));
  lose_power();
  EXPECT_EQ(written(log), std::string(4096, 'a'));
}

TEST_F(DiskFaultsTest, ForgetfulSyncMayBringTheOldContentBackAtOnce) {
  File& log = disk.open("log");
  log.write(0, bytes_of("old content"));
  sync(log);
  log.write(0, bytes_of("NEW CONTENT and longer"));
  disk.inject(ForgetfulSync{kAlways, kAlways}, random);
  log.sync(nullptr);
  EXPECT_EQ(log.sync_status(), IoStatus::kError);
  EXPECT_EQ(written(log), "old content" + std::string(11, '\0'));
  wait(1_s);
  EXPECT_EQ(durable("log"), "old content");
}

TEST_F(DiskFaultsTest, ForgetfulSyncSparesWhatAnEarlierSyncHasTaken) {
  File& log = disk.open("log");
  log.write(0, bytes_of("first"));
  log.sync(nullptr);
  log.write(5, bytes_of("second"));
  disk.inject(ForgetfulSync{kAlways, 0}, random);
  log.sync(nullptr);
  wait(1_s);
  EXPECT_EQ(durable("log"), "first");
  EXPECT_EQ(written(log), "firstsecond");
}

TEST_F(DiskFaultsTest, LyingSyncIsRepairedByTheNextTrueOne) {
  File& log = disk.open("log");
  log.write(0, bytes_of("data"));
  const DiskFaultId fault = disk.inject(LyingSync{}, random);
  EXPECT_EQ(log.sync(&done), at(100_us + 4_ns));
  run_to(1_s);
  EXPECT_EQ(done.last, IoStatus::kOk);
  EXPECT_EQ(log.sync_status(), IoStatus::kOk);
  EXPECT_EQ(durable("log"), "");
  EXPECT_EQ(disk.effects(fault), 1U);
  disk.end(fault);
  sync(log);
  EXPECT_EQ(durable("log"), "data");
}

TEST_F(DiskFaultsTest, FullDiskRefusesGrowthAndAllowsTheRest) {
  File& log = disk.open("log");
  File& other = disk.open("other");
  log.write(0, bytes_of(std::string(60, 'x')));
  const DiskFaultId full = disk.inject(NoSpace{100, 0}, random);
  EXPECT_EQ(other.write(0, bytes_of(std::string(40, 'y'))), IoStatus::kOk);
  EXPECT_EQ(other.write(40, bytes_of("z")), IoStatus::kNoSpace);
  EXPECT_EQ(other.truncate(41), IoStatus::kNoSpace);
  EXPECT_EQ(other.size(), 40U);
  EXPECT_EQ(log.write(0, bytes_of("overwrite")), IoStatus::kOk);
  log.discard_before(10);
  EXPECT_EQ(other.write(40, bytes_of(std::string(10, 'z'))), IoStatus::kOk);
  EXPECT_EQ(disk.effects(full), 2U);
  disk.inject(NoSpace{105, kAlways}, random);
  disk.end(full);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(log.write(60, bytes_of(std::string(20, 'p'))), IoStatus::kNoSpace);
    EXPECT_LE(log.size(), 65U);
  }
  EXPECT_EQ(log.size(), 65U);  // a prefix was written
}

TEST_F(DiskFaultsTest, ShortWriteStoresAPrefixAndShortReadGivesOneWithZerosBehind) {
  File& log = disk.open("log");
  const DiskFaultId writes = disk.inject(ShortIo{kIoWrite, kAlways}, random);
  EXPECT_EQ(log.write(0, bytes_of(std::string(1000, 'x'))), IoStatus::kError);
  EXPECT_LT(log.size(), 1000U);
  disk.end(writes);
  log.write(0, bytes_of(std::string(1000, 'x')));
  disk.inject(ShortIo{kIoRead, kAlways}, random);
  std::string text(1000, '?');
  IoStatus status = IoStatus::kError;
  const std::size_t got = log.try_read(0, std::as_writable_bytes(std::span(text)), status);
  EXPECT_EQ(status, IoStatus::kOk);
  ASSERT_LT(got, 1000U);
  EXPECT_EQ(text, std::string(got, 'x') + std::string(1000 - got, '\0'));
  File& wal = disk.open("wal", {32, 24, 4096});
  wal.write_shared(56, Buffer::copy(bytes_of(std::string(4096, 'p'))));
  EXPECT_LT(wal.try_body(0, status)->size(), 4096U);
  EXPECT_EQ(status, IoStatus::kOk);
}

int bits_that_differ(std::string_view a, std::string_view b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += __builtin_popcount(static_cast<unsigned char>(a[i] ^ b[i]));
  return bits;
}

TEST_F(DiskFaultsTest, FlippedBitOfAWriteIsStoredAndTheWritersBufferStaysGood) {
  File& wal = disk.open("wal", {32, 24, 4096});
  const std::string content(4096, 'p');
  const BufferRef page = Buffer::copy(bytes_of(content));
  const DiskFaultId flip = disk.inject(FlipOnWrite{}, random);
  wal.write_shared(56, page);
  disk.open("log").write(0, bytes_of(content));
  disk.end(flip);
  EXPECT_EQ(std::memcmp(page->data(), content.data(), content.size()), 0);
  EXPECT_NE(wal.body(0), page);
  EXPECT_EQ(bits_that_differ(written(wal).substr(56), content), 1);
  EXPECT_EQ(bits_that_differ(written(disk.open("log")), content), 1);
  ASSERT_EQ(disk.damage().size(), 2U);
  const DiskDamage& damage = disk.damage()[0];
  EXPECT_EQ(damage.fault, flip);
  EXPECT_EQ(damage.file, "wal");
  EXPECT_NE(written(wal)[damage.offset], 'p');
  sync(wal);
  EXPECT_EQ(bits_that_differ(durable("wal").substr(56), content), 1);
}

TEST_F(DiskFaultsTest, FlippedBitOfAReadIsGoneTheNextTime) {
  File& wal = disk.open("wal", {32, 24, 4096});
  const std::string content(4096, 'p');
  const BufferRef page = Buffer::copy(bytes_of(content));
  wal.write_shared(56, page);
  const DiskFaultId flip = disk.inject(FlipOnRead{}, random);
  IoStatus status = IoStatus::kError;
  const BufferRef body = wal.try_body(0, status);
  EXPECT_EQ(status, IoStatus::kOk);
  EXPECT_EQ(bits_that_differ({reinterpret_cast<const char*>(body->data()), 4096}, content), 1);
  EXPECT_EQ(bits_that_differ(tried(wal, status), written(wal)), 1);
  EXPECT_EQ(disk.effects(flip), 2U);
  EXPECT_EQ(wal.body(0), page);
  disk.end(flip);
  EXPECT_EQ(wal.try_body(0, status), page);
}

TEST_F(DiskFaultsTest, LostWriteIsSeenUntilARestartAndNeverStored) {
  File& log = disk.open("log");
  log.write(0, bytes_of("previous"));
  sync(log);
  const DiskFaultId fault = disk.inject(LostWrite{}, random);
  log.write(0, bytes_of("lost"));
  log.write_shared(8, Buffer::copy(bytes_of("tail")));
  disk.end(fault);
  sync(log);
  EXPECT_EQ(log.sync_status(), IoStatus::kOk);
  EXPECT_EQ(written(log), "lostioustail");
  EXPECT_EQ(durable("log"), "previous" + std::string(4, '\0'));
  restart();
  EXPECT_EQ(written(log), "previous" + std::string(4, '\0'));
  EXPECT_EQ(disk.effects(fault), 2U);
  EXPECT_EQ(disk.damage().size(), 2U);
}

TEST_F(DiskFaultsTest, LengthOfALostWriteIsUnsyncedLikeAnyOther) {
  File& log = disk.open("log");
  log.write(0, bytes_of("base"));
  sync(log);
  disk.inject(LostWrite{}, random);
  log.write(4, bytes_of("lost"));
  EXPECT_EQ(log.size(), 8U);
  EXPECT_EQ(durable("log"), "base");
  lose_power();
  EXPECT_EQ(written(log), "base");
}

TEST_F(DiskFaultsTest, LostWriteMayBeStaleAtOnce) {
  File& database = disk.open("db", {0, 0, 4096});
  const BufferRef old_page = Buffer::copy(bytes_of(std::string(4096, 'o')));
  database.write_shared(0, old_page);
  disk.inject(LostWrite{kAlways, LostWrite::Shows::kAtOnce}, random);
  EXPECT_EQ(database.write_shared(0, Buffer::copy(bytes_of(std::string(4096, 'n')))), IoStatus::kOk);
  EXPECT_EQ(database.body(0), old_page);
}

TEST_F(DiskFaultsTest, EarlyFlushMakesWritesDurableWithoutASync) {
  File& log = disk.open("log");
  log.write(0, bytes_of(std::string(10000, 'a')));
  const DiskFaultId flush = disk.inject(EarlyFlush{kAlways, 0}, random);
  log.write(5000, bytes_of("bbb"));
  EXPECT_EQ(durable("log").substr(0, 4096), std::string(4096, '\0'));
  EXPECT_EQ(durable("log").substr(4096), std::string(904, 'a') + "bbb" + std::string(3189, 'a'));
  disk.end(flush);
  disk.inject(EarlyFlush{kAlways, kAlways}, random);
  log.write(0, bytes_of("c"));
  EXPECT_EQ(durable("log"), written(log));
  EXPECT_TRUE(disk.unsynced().empty());
}

TEST_F(DiskFaultsTest, EndedFaultsLeaveNoTraceInInstantsAndDraws) {
  disk.inject(SlowDisk{9000, 1_s, 1}, random);
  disk.inject(IoErrors{}, random);
  disk.end_all_faults();
  disk.end(1);
  File& log = disk.open("log");
  log.write(0, bytes_of("abc"));
  EXPECT_EQ(log.sync(&done), at(100_us + 3_ns));
  run_to(1_s);
  EXPECT_EQ(done.last, IoStatus::kOk);
  EXPECT_EQ(random.draws(), 0U);
  EXPECT_EQ(disk.effects(77), 0U);
}

}  // namespace
}  // namespace tidemark::sim
