#include "sim/disk/disk.h"

#include <gtest/gtest.h>

#include "storage_fixture.h"

namespace tidemark::sim {
namespace {

class Recorder final : public IoCompletion {
 public:
  explicit Recorder(Scheduler& scheduler) : scheduler_(scheduler) {}
  void on_io(IoStatus status) override {
    EXPECT_EQ(status, IoStatus::kOk);
    when.push_back(scheduler_.now());
  }
  std::vector<Instant> when;

 private:
  Scheduler& scheduler_;
};

class DiskTest : public StorageFixture {
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
  Disk disk{scheduler, streams, fixed_disk(), process};
  Recorder done{scheduler};
};

TEST_F(DiskTest, SyncCompletesAfterItsSampleAndItsBytes) {
  File& log = disk.open("log");
  log.write(0, bytes_of(std::string(5000, 'x')));
  EXPECT_EQ(log.sync(&done), at(105_us));
  run_to(104_us);
  EXPECT_EQ(log.durable_size(), 0U);
  EXPECT_TRUE(done.when.empty());
  run_to(105_us);
  EXPECT_EQ(log.durable_size(), 5000U);
  EXPECT_EQ(done.when, std::vector<Instant>{at(105_us)});
}

TEST_F(DiskTest, SyncsOfAllFilesWaitInOneQueue) {
  File& log = disk.open("log");
  File& meta = disk.open("meta");
  log.write(0, bytes_of("abc"));
  EXPECT_EQ(log.sync(&done), at(100_us + 3_ns));
  meta.write(0, bytes_of("de"));
  EXPECT_EQ(meta.sync(&done), at(200_us + 5_ns));
  EXPECT_EQ(log.sync(&done), at(300_us + 5_ns));  // nothing new to move
  run_to(1_s);
  const std::vector<Instant> expected = {at(100_us + 3_ns), at(200_us + 5_ns), at(300_us + 5_ns)};
  EXPECT_EQ(done.when, expected);
  EXPECT_EQ(scheduler.events(), 3U);
  EXPECT_EQ(log.sync(nullptr), at(1_s + 100_us));  // the queue was empty
  EXPECT_EQ(disk.statistics().syncs, 4U);
  EXPECT_EQ(disk.statistics().bytes_synced, 5U);
  EXPECT_EQ(disk.statistics().busy, 400_us + 5_ns);
}

TEST_F(DiskTest, SyncWithoutCallbackIsDurableAtItsInstantWithoutAnEvent) {
  File& wal = disk.open("wal", {32, 24, 4096});
  wal.write(0, bytes_of("header"));
  const Instant completion = wal.sync(nullptr);
  wal.write(0, bytes_of("HEADER"));
  EXPECT_EQ(scheduler.pending(), 0U);
  run_to(completion.since_start() - 1_ns);
  EXPECT_EQ(durable("wal"), "");
  run_to(completion.since_start());
  EXPECT_EQ(durable("wal"), "header");
  EXPECT_EQ(written(wal), "HEADER");
}

TEST_F(DiskTest, CrashDropsCallbacksKeepsTheCacheAndLetsSyncsFinish) {
  File& log = disk.open("log");
  log.write(0, bytes_of("synced"));
  log.sync(&done);
  log.write(6, bytes_of(" cached"));
  process.crash();
  EXPECT_EQ(scheduler.pending(), 0U);
  run_to(1_s);
  EXPECT_TRUE(done.when.empty());
  EXPECT_EQ(written(disk.open("log")), "synced cached");
  EXPECT_EQ(durable("log"), "synced");
  process.start();
  log.sync(&done);
  run_to(2_s);
  EXPECT_EQ(done.when.size(), 1U);
  EXPECT_EQ(durable("log"), "synced cached");
}

TEST_F(DiskTest, PowerLossTakesTheCacheAndTheSyncsUnderWay) {
  File& log = disk.open("log");
  log.write(0, bytes_of("first"));
  log.sync(&done);
  run_to(150_us);
  log.write(5, bytes_of("second"));
  log.sync(&done);
  ASSERT_EQ(disk.unsynced().size(), 1U);
  process.crash();
  disk.power_loss();
  EXPECT_EQ(written(log), "first");
  EXPECT_TRUE(disk.unsynced().empty());
  run_to(1_s);
  EXPECT_EQ(durable("log"), "first");
  EXPECT_EQ(done.when.size(), 1U);
}

TEST_F(DiskTest, SyncWhoseInstantHasComeSurvivesAPowerLossAtThatInstant) {
  File& log = disk.open("log");
  log.write(0, bytes_of("x"));
  const Instant completion = log.sync(nullptr);
  run_to(completion.since_start());
  process.crash();
  disk.power_loss();
  EXPECT_EQ(written(log), "x");
}

TEST_F(DiskTest, SurvivorsAreAskedForEveryFileInOrderOfNameWithOneNumbering) {
  class Keep final : public Survivors {
   public:
    std::uint64_t length_cut(const UnsyncedFile& file) override {
      asked += std::string(file.name) + std::to_string(file.oldest) + "-" + std::to_string(file.newest) + " ";
      return 2;
    }
    std::uint64_t sector_cut(const UnsyncedFile&, std::uint64_t) override { return 2; }
    std::string asked;
  };
  File& zeta = disk.open("zeta");
  File& alpha = disk.open("alpha");
  zeta.write(0, bytes_of("1"));
  alpha.write(0, bytes_of("2"));
  zeta.write(1, bytes_of("3"));
  process.crash();
  Keep survivors;
  disk.power_loss(&survivors);
  EXPECT_EQ(survivors.asked, "alpha2-2 zeta1-3 ");
  EXPECT_EQ(written(alpha), "2");
  EXPECT_EQ(written(zeta), "1");
}

TEST_F(DiskTest, PausedProcessHearsOfItsSyncsWhenItResumes) {
  File& log = disk.open("log");
  log.write(0, bytes_of("x"));
  log.sync(&done);
  log.sync(&done);
  process.pause();
  run_to(10_ms);
  EXPECT_TRUE(done.when.empty());
  EXPECT_EQ(log.durable_size(), 1U);
  process.resume();
  run_to(20_ms);
  const std::vector<Instant> expected = {at(10_ms), at(10_ms)};
  EXPECT_EQ(done.when, expected);
}

TEST_F(DiskTest, FilesAreOpenedOnceListedSortedRemovedAndRenamed) {
  File& b = disk.open("b");
  EXPECT_EQ(&disk.open("b"), &b);
  disk.open("a").write(0, bytes_of("from a"));
  EXPECT_EQ(disk.list(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(disk.rename("a", "b"), IoStatus::kOk);
  EXPECT_EQ(disk.list(), std::vector<std::string>{"b"});
  EXPECT_EQ(written(disk.open("b")), "from a");
  EXPECT_EQ(disk.open("b").name(), "b");
  EXPECT_EQ(disk.rename("a", "c"), IoStatus::kNotFound);
  EXPECT_EQ(disk.rename("b", "b"), IoStatus::kOk);
  EXPECT_EQ(disk.remove("b"), IoStatus::kOk);
  EXPECT_EQ(disk.remove("b"), IoStatus::kNotFound);
  EXPECT_FALSE(disk.exists("b"));
  EXPECT_EQ(disk.open("b").size(), 0U);
}

TEST_F(DiskTest, CallbackOfARemovedFileStillComes) {
  File& log = disk.open("log");
  log.sync(&done);
  disk.remove("log");
  run_to(1_s);
  EXPECT_EQ(done.when.size(), 1U);
}

TEST_F(DiskTest, OpeningWithAnotherLayoutRecuts) {
  File& file = disk.open("db");
  file.write(0, bytes_of(std::string(8192, 'x')));
  EXPECT_EQ(file.body(0), nullptr);
  EXPECT_EQ(disk.open("db", {0, 0, 4096}).body(1)->size(), 4096U);
}

TEST_F(DiskTest, CallbackMaySyncAgain) {
  struct Again final : IoCompletion {
    void on_io(IoStatus) override {
      if (++count < 3) file->sync(this);
    }
    File* file = nullptr;
    int count = 0;
  } again;
  again.file = &disk.open("log");
  again.file->sync(&again);
  run_to(299_us);
  EXPECT_EQ(again.count, 2);
  run_to(300_us);
  EXPECT_EQ(again.count, 3);
}

TEST_F(DiskTest, DefaultFsyncHasThePublishedMedianAndTail) {
  const DurationDistribution fsync = DiskOptions{}.fsync();
  EXPECT_NEAR(fsync.quantile(0.5).ms(), 0.04, 0.001);
  EXPECT_NEAR(fsync.quantile(0.9).ms(), 0.0759, 0.002);
  EXPECT_NEAR(fsync.quantile(0.99999).ms(), 28.8, 2.0);  // Pareto: 1 ms * 0.01^(-1/1.37)
  EXPECT_LE(fsync.quantile(0.9999999), 250_ms);
}

TEST_F(DiskTest, EachDiskHasAStreamOfItsOwn) {
  Process other(scheduler, 2, "follower-2");
  Disk second(scheduler, streams, DiskOptions{}, other);
  Disk first(scheduler, streams, DiskOptions{}, process);
  const Instant alone = first.open("x").sync(nullptr);
  StreamRegistry same_seed(7);
  Disk again(scheduler, same_seed, DiskOptions{}, process);
  EXPECT_EQ(again.open("y").sync(nullptr), alone);
  EXPECT_NE(second.open("x").sync(nullptr), alone);
  StreamRegistry once_more(7);
  Disk shared_table(scheduler, once_more, DiskOptions{}, process, DiskOptions{}.fsync());
  EXPECT_EQ(shared_table.open("z").sync(nullptr), alone);
}

}  // namespace
}  // namespace tidemark::sim
