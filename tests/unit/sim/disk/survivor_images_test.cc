// Every disk image that a power loss may leave, by number.
#include <gtest/gtest.h>

#include <set>

#include "sim/disk/disk.h"
#include "sim/disk/survivor_images.h"
#include "sim/disk/survivor_modes.h"
#include "storage_fixture.h"

namespace tidemark::sim {
namespace {

using Unit = SurvivorImages::Unit;

class SurvivorImagesTest : public StorageFixture {
 protected:
  void write(std::string_view name, std::uint64_t offset, std::size_t bytes, char what) {
    disk.open(name).write(offset, bytes_of(std::string(bytes, what)));
  }
  /// Two durable sectors of 'a', written over with 'b', and a third sector of 'c' behind them.
  void write_twice() {
    write("log", 0, 1024, 'a');
    disk.open("log").sync(nullptr);
    run_to(scheduler.now().since_start() + 1_s);
    write("log", 0, 1024, 'b');
    write("log", 1024, 512, 'c');
  }
  /// What is on the disk after the loss; the disk is empty again then.
  std::string lose_power(Survivors& survivors) {
    process.crash();
    disk.power_loss(&survivors);
    std::string all;
    for (const std::string& name : disk.list()) {
      for (const std::byte byte : disk.durable_image(name)) all += static_cast<char>(byte);
      all += '|';
    }
    disk.wipe();
    process.start();
    return all;
  }
  template <typename Write>
  std::vector<std::string> all_images(std::uint64_t most, Unit unit, Write write_files) {
    std::vector<std::string> result;
    for (std::uint64_t image = 0, count = 1; image < count; ++image) {
      write_files();
      SurvivorImages images(disk.unsynced_changes(), most);
      EXPECT_EQ(images.unit(), unit);
      count = images.count();
      images.choose(image);
      result.push_back(lose_power(images));
    }
    return result;
  }
  static std::size_t different(const std::vector<std::string>& images) {
    return std::set<std::string>(images.begin(), images.end()).size();
  }
  RandomStream& random = streams.stream("nemesis", "test");
  Disk disk{scheduler, streams, fixed_disk(), process};
};

TEST_F(SurvivorImagesTest, WithoutUnsyncedWritesThereIsOneImage) {
  write("log", 0, 100, 'a');
  disk.open("log").sync(nullptr);
  run_to(scheduler.now().since_start() + 1_s);
  SurvivorImages images(disk.unsynced_changes(), 64);
  EXPECT_EQ(images.count(), 1U);
  images.choose(0);
  EXPECT_EQ(lose_power(images), std::string(100, 'a') + "|");
}

TEST_F(SurvivorImagesTest, EachSectorAndTheLengthAreFree) {
  const std::vector<std::string> images = all_images(64, Unit::kSector, [this] { write_twice(); });
  // Two sectors are old or new; the file is short, or long with the third sector or zeros.
  EXPECT_EQ(images.size(), 12U);
  EXPECT_EQ(different(images), 12U);
  EXPECT_EQ(images.front(), std::string(1024, 'a') + "|") << "in the first one nothing survives";
  EXPECT_EQ(images.back(), std::string(1024, 'b') + std::string(512, 'c') + "|");
}

TEST_F(SurvivorImagesTest, WhatRandomTearingLeavesIsAlwaysOneOfThem) {
  const std::vector<std::string> images = all_images(64, Unit::kSector, [this] { write_twice(); });
  std::set<std::string> left(images.begin(), images.end());
  const std::set<std::string> legal = left;
  SurvivorOptions options;
  options.mode = SurvivorOptions::Mode::kSubset;
  options.tear = kAlways;
  options.loose_length = kAlways / 2;
  for (int i = 0; i < 500; ++i) {
    write_twice();
    RandomSurvivors survivors(random, options, disk.unsynced());
    const std::string image = lose_power(survivors);
    ASSERT_TRUE(legal.contains(image)) << i;
    left.erase(image);
  }
  EXPECT_TRUE(left.empty()) << "an image that no power loss leaves";
}

TEST_F(SurvivorImagesTest, PagesTakeThePlaceOfSectorsWhenTheseAreTooMany) {
  // The page as it was after none, one or both writes, and the file short or long.
  const std::vector<std::string> images = all_images(11, Unit::kPage, [this] { write_twice(); });
  EXPECT_EQ(images.size(), 6U);
  EXPECT_EQ(images.front(), std::string(1024, 'a') + "|");
}

TEST_F(SurvivorImagesTest, ThenPrefixesOfAllWrites) {
  const std::vector<std::string> images = all_images(5, Unit::kPrefix, [this] { write_twice(); });
  const std::vector<std::string> expected = {std::string(1024, 'a') + "|", std::string(1024, 'b') + "|",
                                             std::string(1024, 'b') + std::string(512, 'c') + "|"};
  EXPECT_EQ(images, expected);
}

TEST_F(SurvivorImagesTest, FilesAreIndependentOfEachOther) {
  const std::vector<std::string> images = all_images(64, Unit::kSector, [this] {
    write("a", 0, 10, '1');
    write("b", 0, 10, '2');
  });
  // Of each file: nothing, zeros, or the bytes.
  EXPECT_EQ(images.size(), 9U);
  EXPECT_EQ(different(images), 9U);
}

TEST_F(SurvivorImagesTest, ATruncationMayBeLost) {
  const std::vector<std::string> images = all_images(64, Unit::kSector, [this] {
    write("log", 0, 600, 'a');
    disk.open("log").sync(nullptr);
    run_to(scheduler.now().since_start() + 1_s);
    disk.open("log").truncate(512);
  });
  EXPECT_TRUE(std::count(images.begin(), images.end(), std::string(600, 'a') + "|") > 0);
  EXPECT_TRUE(std::count(images.begin(), images.end(), std::string(512, 'a') + "|") > 0);
}

}  // namespace
}  // namespace tidemark::sim
