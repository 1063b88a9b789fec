// What a machine may lose: D10-D15, D18, D23-D25.
#include <gtest/gtest.h>

#include "sim/disk/disk.h"
#include "sim/disk/survivor_modes.h"
#include "storage_fixture.h"

namespace tidemark::sim {
namespace {

using Mode = SurvivorOptions::Mode;

class DiskLossTest : public StorageFixture {
 protected:
  static std::string written(const File& file) {
    std::string text(file.size(), '?');
    EXPECT_EQ(file.read(0, std::as_writable_bytes(std::span(text))), text.size());
    return text;
  }
  std::string written(std::string_view name) { return disk.exists(name) ? written(disk.open(name)) : "(none)"; }
  void put(std::string_view name, std::string_view text) { disk.open(name).write(0, bytes_of(text)); }
  void put_synced(std::string_view name, std::string_view text) {
    put(name, text);
    disk.open(name).sync(nullptr);
    run_to(scheduler.now().since_start() + 1_s);
  }
  std::uint64_t lose_power(const SurvivorOptions& options) {
    process.crash();
    RandomSurvivors survivors(random, options, disk.unsynced());
    disk.power_loss(&survivors);
    process.start();
    return survivors.effects();
  }
  void lose_power() {
    process.crash();
    disk.power_loss();
    process.start();
  }
  RandomStream& random = streams.stream("nemesis", "test");
  Disk disk{scheduler, streams, fixed_disk(), process};
};

// --- D10-D14 ---

TEST_F(DiskLossTest, NothingOrAllSurvives) {
  put_synced("log", "synced");
  put("log", "NEW");
  lose_power({.mode = Mode::kNone});
  EXPECT_EQ(written("log"), "synced");
  put("log", "NEW");
  EXPECT_EQ(lose_power({.mode = Mode::kAll}), 0U);
  EXPECT_EQ(written("log"), "NEWced");
}

TEST_F(DiskLossTest, PrefixIsOneOverAllFilesAndEveryPrefixComesUp) {
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < 300; ++i) {
    put_synced("a", "..");
    put_synced("b", "..");
    disk.open("a").write(0, bytes_of("1"));
    disk.open("b").write(0, bytes_of("2"));
    disk.open("a").write(1, bytes_of("3"));
    disk.open("b").write(1, bytes_of("4"));
    lose_power({.mode = Mode::kPrefix});
    seen.emplace(written("a"), written("b"));
  }
  const std::set<std::pair<std::string, std::string>> expected = {
      {"..", ".."}, {"1.", ".."}, {"1.", "2."}, {"13", "2."}, {"13", "24"}};
  EXPECT_EQ(seen, expected);
}

TEST_F(DiskLossTest, SubsetKeepsPagesIndependently) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    put_synced("db", std::string(3 * 4096, '.'));
    put("db", std::string(3 * 4096, 'n'));
    lose_power({.mode = Mode::kSubset});
    const std::string left = written("db");
    ASSERT_EQ(left.size(), 3U * 4096);
    for (std::size_t page = 0; page < 3; ++page) {
      EXPECT_EQ(left.substr(page * 4096, 4096), std::string(4096, left[page * 4096]));
    }
    seen.insert({left[0], left[4096], left[8192]});
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST_F(DiskLossTest, TornWriteKeepsSomeSectors) {
  bool torn = false;
  for (int i = 0; i < 50; ++i) {
    put_synced("db", std::string(4096, '.'));
    put("db", std::string(4096, 'n'));
    lose_power({.mode = Mode::kPrefix, .tear = kAlways});
    const std::string left = written("db");
    for (std::size_t sector = 0; sector < 8; ++sector) {
      EXPECT_EQ(left.substr(sector * 512, 512), std::string(512, left[sector * 512]));
      torn = torn || left[sector * 512] != left[0];
    }
  }
  EXPECT_TRUE(torn);
}

TEST_F(DiskLossTest, TornSectorIsNewOnOneSideAndOldOnTheOther) {
  for (int i = 0; i < 50; ++i) {
    put_synced("db", std::string(512, '.'));
    put("db", std::string(512, 'n'));
    lose_power({.mode = Mode::kAll, .torn_sector = kAlways, .garbage_rest = 0});
    const std::string left = written("db");
    const std::size_t split = left.find(left[0] == 'n' ? '.' : 'n');
    ASSERT_NE(split, std::string::npos);
    EXPECT_EQ(left.substr(split), std::string(512 - split, left[0] == 'n' ? '.' : 'n'));
    EXPECT_EQ(left.substr(0, split), std::string(split, left[0]));
  }
}

TEST_F(DiskLossTest, GarbageHarmsOnlyUnsyncedBytesUnlessTold) {
  put_synced("log", std::string(100, 's'));
  disk.open("log").write(100, bytes_of(std::string(100, 'u')));
  EXPECT_GT(lose_power({.mode = Mode::kAll, .garbage = kAlways}), 0U);
  EXPECT_EQ(written("log").substr(0, 100), std::string(100, 's'));
  EXPECT_NE(written("log").substr(100), std::string(100, 'u'));
  put_synced("other", std::string(100, 's'));
  disk.open("other").write(100, bytes_of(std::string(100, 'u')));
  lose_power({.mode = Mode::kAll, .garbage = kAlways, .whole_sectors = true});
  EXPECT_NE(written("other").substr(0, 100), std::string(100, 's'));
}

TEST_F(DiskLossTest, LengthMayBeLostOrKeptByItself) {
  std::set<std::string> extended;
  std::set<std::string> cut;
  for (int i = 0; i < 50; ++i) {
    disk.remove("a");
    put_synced("a", "base");
    disk.open("a").write(4, bytes_of("more"));
    lose_power({.mode = Mode::kNone, .loose_length = kAlways});
    extended.insert(written("a"));
    disk.remove("b");
    put_synced("b", "base");
    disk.open("b").truncate(2);
    lose_power({.mode = Mode::kNone, .loose_length = kAlways});
    cut.insert(written("b"));
  }
  EXPECT_EQ(extended, (std::set<std::string>{"base", "base" + std::string(4, '\0')}));
  EXPECT_EQ(cut, (std::set<std::string>{"base", "ba"}));
}

// --- D15 ---

TEST_F(DiskLossTest, DirectoryChangesAreDurableAtOnceWithoutTheFault) {
  put_synced("a", "a");
  disk.rename("a", "b");
  EXPECT_EQ(disk.sync_directory(), IoStatus::kOk);
  lose_power();
  EXPECT_EQ(disk.list(), std::vector<std::string>{"b"});
}

TEST_F(DiskLossTest, UnsyncedDirectoryChangesAreUndoneFromTheNewestBackwards) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    process.crash();
    disk.wipe();
    process.start();
    put_synced("gone", "g");
    put_synced("moved", "m");
    put_synced("target", "t");
    const DiskFaultId fault = disk.inject(LooseDirectory{kAlways, 0}, random);
    put_synced("made", "x");
    disk.remove("gone");
    disk.rename("moved", "target");
    lose_power();
    std::string state;
    for (const std::string& name : disk.list()) state += name + "=" + written(name) + " ";
    seen.insert(state);
    disk.end(fault);
  }
  const std::set<std::string> expected = {
      "gone=g moved=m target=t ",         // all lost
      "gone=g made=x moved=m target=t ",  // the first survived
      "made=x moved=m target=t ",         // the first two
  };
  EXPECT_EQ(seen, expected);
}

TEST_F(DiskLossTest, SyncedDirectoryChangesStay) {
  const DiskFaultId fault = disk.inject(LooseDirectory{}, random);
  put_synced("kept", "k");
  EXPECT_EQ(disk.sync_directory(), IoStatus::kOk);
  put_synced("lost", "l");
  lose_power();
  EXPECT_EQ(disk.list(), std::vector<std::string>{"kept"});
  EXPECT_EQ(disk.effects(fault), 1U);
}

TEST_F(DiskLossTest, FailedOrLyingDirectorySyncStoresNothing) {
  disk.inject(LooseDirectory{}, random);
  const DiskFaultId errors = disk.inject(IoErrors{kIoDirectorySync, kAlways}, random);
  put_synced("a", "a");
  EXPECT_EQ(disk.sync_directory(), IoStatus::kError);
  disk.end(errors);
  disk.inject(LyingSync{kAlways, kIoDirectorySync}, random);
  EXPECT_EQ(disk.sync_directory(), IoStatus::kOk);
  lose_power();
  EXPECT_TRUE(disk.list().empty());
}

TEST_F(DiskLossTest, LostRenameMayLeaveBothNames) {
  put_synced("old", "content");
  disk.inject(LooseDirectory{kAlways, kAlways}, random);
  disk.rename("old", "new");
  lose_power();
  EXPECT_EQ(disk.list(), (std::vector<std::string>{"new", "old"}));
  EXPECT_EQ(written("new"), "content");
  EXPECT_EQ(written("old"), "content");
  put("new", "CHANGED");
  EXPECT_EQ(written("old"), "content");
}

// --- D18, D23-D25 ---

TEST_F(DiskLossTest, RotChangesBothImagesAndNeverTheSharedBuffer) {
  const std::string content(4096, 'p');
  const BufferRef page = Buffer::copy(bytes_of(content));
  File& database = disk.open("db", {0, 0, 4096});
  database.write_shared(0, page);
  EXPECT_FALSE(disk.rot("db", 0, random));  // not on the medium yet
  database.sync(nullptr);
  run_to(1_s);
  EXPECT_TRUE(disk.rot("db", 3, random));
  EXPECT_EQ(std::memcmp(page->data(), content.data(), content.size()), 0);
  EXPECT_NE(written(database), content);
  EXPECT_EQ(written(database).substr(0, 3 * 512), content.substr(0, 3 * 512));
  lose_power();
  EXPECT_NE(written(database), content);
  ASSERT_EQ(disk.damage().size(), 1U);
  EXPECT_EQ(disk.damage()[0].offset / 512, 3U);
  EXPECT_FALSE(disk.rot("db", 8, random));
  EXPECT_FALSE(disk.rot("none", 0, random));
}

TEST_F(DiskLossTest, RotAnywhereStrikesAMatchingFile) {
  put_synced("a.log", std::string(5000, 'a'));
  put_synced("b.db", std::string(5000, 'b'));
  EXPECT_TRUE(disk.rot_anywhere(random, {"", ".db"}, RotForm::kGarbage));
  EXPECT_EQ(written("a.log"), std::string(5000, 'a'));
  EXPECT_NE(written("b.db"), std::string(5000, 'b'));
  EXPECT_FALSE(disk.rot_anywhere(random, {"nothing", ""}));
}

TEST_F(DiskLossTest, WipedDiskIsEmptyButForWhatTheFilterSpares) {
  put_synced("db", "d");
  put_synced("db-wal", "w");
  put_synced("identity", "i");
  process.crash();
  EXPECT_EQ(disk.wipe({"db", ""}), 2U);
  EXPECT_EQ(disk.list(), std::vector<std::string>{"identity"});
  EXPECT_EQ(disk.wipe(), 1U);
}

TEST_F(DiskLossTest, RolledBackDiskIsTheDurableOneOfThatTime) {
  File& wal = disk.open("wal", {32, 24, 4096});
  const BufferRef page = Buffer::copy(bytes_of(std::string(4096, 'p')));
  wal.write_shared(56, page);
  wal.sync(nullptr);
  run_to(1_s);
  wal.write(0, bytes_of("unsynced"));
  const std::string then = std::string(56, '\0') + std::string(4096, 'p');
  const DiskImage image = disk.take_image();
  put_synced("wal", "later");
  put_synced("new", "file");
  process.crash();
  disk.restore_image(image);
  process.start();
  EXPECT_EQ(disk.list(), std::vector<std::string>{"wal"});
  EXPECT_EQ(written("wal"), then);
  EXPECT_EQ(disk.open("wal", {32, 24, 4096}).body(0), page);
  EXPECT_TRUE(disk.unsynced().empty());
}

TEST_F(DiskLossTest, FileIsMissingOrEmptyAtTheRestart) {
  put_synced("db", "d");
  put_synced("db-wal", "w");
  process.crash();
  EXPECT_TRUE(disk.lose_file("db"));
  EXPECT_TRUE(disk.empty_file("db-wal"));
  EXPECT_FALSE(disk.lose_file("db"));
  process.start();
  EXPECT_EQ(disk.list(), std::vector<std::string>{"db-wal"});
  EXPECT_EQ(written("db-wal"), "");
}

}  // namespace
}  // namespace tidemark::sim
