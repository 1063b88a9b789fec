#include "sim/disk/block_file.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/core/frame_pool.h"

namespace tidemark::sim {
namespace {

constexpr FileLayout kPlain{0, 0, 0};
constexpr FileLayout kWal{32, 24, 4096};
constexpr FileLayout kDatabase{0, 0, 4096};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

BufferRef page(char fill) {
  return Buffer::copy(bytes_of(std::string(4096, fill)));
}

std::string written(const BlockFile& file) {
  std::string text(file.size(), '?');
  EXPECT_EQ(file.read(0, std::as_writable_bytes(std::span(text))), text.size());
  return text;
}

std::string durable(const BlockFile& file) {
  std::string text(file.durable_size(), '?');
  EXPECT_EQ(file.read_durable(0, std::as_writable_bytes(std::span(text))), text.size());
  return text;
}

void sync(BlockFile& file) {
  file.begin_sync();
  file.complete_sync();
}

/// The same cut for the length and every sector.
class CutAt final : public Survivors {
 public:
  explicit CutAt(std::uint64_t cut) : cut_(cut) {}
  std::uint64_t length_cut(const UnsyncedFile&) override { return cut_; }
  std::uint64_t sector_cut(const UnsyncedFile&, std::uint64_t) override { return cut_; }

 private:
  const std::uint64_t cut_;
};

class BlockFileTest : public testing::Test {
 protected:
  std::uint64_t last_write = 0;
};

TEST_F(BlockFileTest, WrittenImageIsReadAtOnceAndDurableImageFollowsTheSync) {
  BlockFile file(kPlain, last_write);
  file.write(0, bytes_of("hello"));
  EXPECT_EQ(written(file), "hello");
  EXPECT_EQ(file.durable_size(), 0U);
  EXPECT_EQ(file.bytes_to_sync(), 5U);
  sync(file);
  EXPECT_EQ(durable(file), "hello");
  EXPECT_EQ(file.bytes_to_sync(), 0U);
  EXPECT_FALSE(file.has_unsynced());
}

TEST_F(BlockFileTest, GapsReadAsZeros) {
  for (const FileLayout layout : {kPlain, kWal, kDatabase, FileLayout{2, 1, 3}}) {
    BlockFile file(layout, last_write);
    file.write(5, bytes_of("x"));
    EXPECT_EQ(written(file), std::string(5, '\0') + "x");
    file.truncate(2);
    file.truncate(8);
    EXPECT_EQ(written(file), std::string(8, '\0'));
  }
}

TEST_F(BlockFileTest, BodyOfAWalFrameIsTheBufferThatWasWritten) {
  BlockFile wal(kWal, last_write);
  const BufferRef first = page('a');
  wal.write(32, bytes_of(std::string(24, 'h')));
  wal.write_shared(32 + 24, first);
  EXPECT_EQ(wal.body(0), first);
  EXPECT_EQ(wal.body(1), nullptr);
  EXPECT_EQ(wal.size(), 32U + 24 + 4096);
  EXPECT_EQ(written(wal), std::string(32, '\0') + std::string(24, 'h') + std::string(4096, 'a'));
}

TEST_F(BlockFileTest, PartialOverwriteCopiesAndLeavesTheSharedBufferAlone) {
  BlockFile database(kDatabase, last_write);
  const BufferRef shared = page('a');
  database.write_shared(4096, shared);
  database.write(4096 + 10, bytes_of("XYZ"));
  EXPECT_NE(database.body(1), shared);
  EXPECT_EQ(shared->bytes()[10], std::byte{'a'});
  EXPECT_EQ(written(database).substr(4096 + 9, 5), "aXYZa");
  ASSERT_NE(database.body(0), nullptr);
  EXPECT_EQ(database.body(0)->bytes()[4095], std::byte{0});
}

TEST_F(BlockFileTest, BodyIsAsLongAsTheFileWhereItEndsInside) {
  BlockFile database(kDatabase, last_write);
  database.write_shared(0, page('a'));
  database.truncate(100);
  ASSERT_NE(database.body(0), nullptr);
  EXPECT_EQ(database.body(0)->size(), 100U);
  BlockFile plain(kPlain, last_write);
  plain.write(0, bytes_of("text"));
  EXPECT_EQ(plain.body(0), nullptr);
}

TEST_F(BlockFileTest, RecutSharesBodiesInTheSamePlaceAndKeepsBothImages) {
  BlockFile file(kPlain, last_write);
  const BufferRef shared = page('b');
  file.write(0, bytes_of(std::string(4096, 'a')));
  file.write_shared(4096, shared);
  sync(file);
  file.write(0, bytes_of("changed"));
  const std::string before = written(file);
  const std::string durable_before = durable(file);
  file.set_layout(kDatabase);
  EXPECT_EQ(file.body(1), shared);
  EXPECT_EQ(written(file), before);
  EXPECT_EQ(durable(file), durable_before);
  file.set_layout(kWal);
  EXPECT_EQ(written(file), before);
  EXPECT_EQ(durable(file), durable_before);
}

TEST_F(BlockFileTest, OverlappingSyncsMakeDurableWhatWasWrittenBeforeEachBegan) {
  BlockFile file(kPlain, last_write);
  file.write(0, bytes_of("aaaa"));
  file.begin_sync();
  file.write(2, bytes_of("bbbb"));
  file.begin_sync();
  file.write(0, bytes_of("c"));
  file.complete_sync();
  EXPECT_EQ(durable(file), "aaaa");
  file.complete_sync();
  EXPECT_EQ(durable(file), "aabbbb");
  EXPECT_EQ(written(file), "cabbbb");
  file.lose_power("f", nullptr);
  EXPECT_EQ(written(file), "aabbbb");
}

TEST_F(BlockFileTest, WriteDuringASyncIsNotMadeDurableByIt) {
  BlockFile wal(kWal, last_write);
  wal.write_shared(56, page('a'));
  wal.begin_sync();
  wal.write_shared(56, page('b'));
  wal.complete_sync();
  EXPECT_EQ(durable(wal).substr(56), std::string(4096, 'a'));
  wal.lose_power("wal", nullptr);
  EXPECT_EQ(written(wal).substr(56), std::string(4096, 'a'));
}

TEST_F(BlockFileTest, SurvivorsChooseAPrefixOfTheWrites) {
  for (std::uint64_t survive = 0; survive <= 3; ++survive) {
    last_write = 0;
    BlockFile file(kPlain, last_write);
    file.write(0, bytes_of("one,"));
    file.write(4, bytes_of("two,"));
    file.truncate(6);
    CutAt cut(survive);
    file.lose_power("f", &cut);
    const std::string expected[] = {"", "one,", "one,two,", "one,tw"};
    EXPECT_EQ(written(file), expected[survive]);
    EXPECT_EQ(durable(file), expected[survive]);
  }
}

TEST_F(BlockFileTest, AWriteIsTornWhereTheCutsOfItsSectorsDiffer) {
  class FirstAndThird final : public Survivors {
   public:
    std::uint64_t length_cut(const UnsyncedFile&) override { return kEverything; }
    std::uint64_t sector_cut(const UnsyncedFile&, std::uint64_t sector) override {
      return sector == 0 || sector == 2 ? kEverything : kNothing;
    }
  };
  BlockFile database(kDatabase, last_write);
  database.write_shared(0, page('a'));
  sync(database);
  database.write_shared(0, page('b'));
  FirstAndThird survivors;
  database.lose_power("db", &survivors);
  const auto run = [](char fill, std::size_t sectors) { return std::string(512 * sectors, fill); };
  EXPECT_EQ(written(database), run('b', 1) + run('a', 1) + run('b', 1) + run('a', 5));
}

TEST_F(BlockFileTest, LengthMaySurviveWithoutTheContentAndTheOtherWayRound) {
  class Split final : public Survivors {
   public:
    Split(std::uint64_t length, std::uint64_t sectors) : length_(length), sectors_(sectors) {}
    std::uint64_t length_cut(const UnsyncedFile&) override { return length_; }
    std::uint64_t sector_cut(const UnsyncedFile&, std::uint64_t) override { return sectors_; }
    const std::uint64_t length_, sectors_;
  };
  BlockFile extended(kPlain, last_write);
  extended.write(0, bytes_of("abc"));
  Split zeros(Survivors::kEverything, Survivors::kNothing);
  extended.lose_power("f", &zeros);
  EXPECT_EQ(written(extended), std::string(3, '\0'));
  BlockFile lost(kPlain, last_write);
  lost.write(0, bytes_of("abc"));
  Split short_file(Survivors::kNothing, Survivors::kEverything);
  lost.lose_power("f", &short_file);
  EXPECT_EQ(written(lost), "");
}

TEST_F(BlockFileTest, UnsyncedTellsTheRangeOfTheWrites) {
  last_write = 6;
  BlockFile file(kPlain, last_write);
  file.write(0, bytes_of("abc"));
  file.write(1, bytes_of("xyz"));
  const UnsyncedFile state = file.unsynced("log");
  EXPECT_EQ(state.name, "log");
  EXPECT_EQ(state.oldest, 7U);
  EXPECT_EQ(state.newest, 8U);
  EXPECT_EQ(state.exact_from, 7U);
  EXPECT_EQ(state.size, 4U);
  EXPECT_EQ(state.durable_size, 0U);
}

TEST_F(BlockFileTest, DiscardFreesBuffersAndKeepsOffsets) {
  BlockFile log(kPlain, last_write);
  const BufferRef first = page('a');
  const BufferRef second = page('b');
  log.write_shared(0, first);
  log.write_shared(4096, second);
  sync(log);
  log.discard_before(4096 + 100);
  EXPECT_EQ(log.size(), 8192U);
  EXPECT_EQ(written(log), std::string(4196, '\0') + std::string(3996, 'b'));
  EXPECT_EQ(durable(log), written(log));
  log.write(8192, bytes_of("next"));
  EXPECT_EQ(written(log).substr(8190), "bbnext");
  log.lose_power("log", nullptr);
  EXPECT_EQ(written(log), std::string(4196, '\0') + std::string(3996, 'b'));
}

TEST_F(BlockFileTest, DiscardedBytesDoNotComeBackWithAPowerLoss) {
  for (const FileLayout layout : {kPlain, kDatabase, kWal}) {
    BlockFile file(layout, last_write);
    file.write(0, bytes_of("old content"));
    sync(file);
    file.write(0, bytes_of("new"));
    file.discard_before(6);
    file.lose_power("f", nullptr);
    EXPECT_EQ(written(file), std::string(6, '\0') + "ntent");
  }
}

TEST_F(BlockFileTest, WalThatIsOverwrittenForEverKeepsARecordOfBoundedLength) {
  BlockFile wal(kWal, last_write);
  constexpr int kFrames = 50;
  const std::string header(24, 'h');
  const auto fill = [&](char content) {
    const BufferRef shared = page(content);
    for (int frame = 0; frame < kFrames; ++frame) {
      wal.write(32 + frame * 4120, bytes_of(header));
      wal.write_shared(56 + frame * 4120, shared);
    }
  };
  fill('d');
  sync(wal);
  const std::string durable_image = durable(wal);
  std::size_t peak = 0;
  for (int round = 0; round < 2000; ++round) {
    fill(static_cast<char>('e' + round % 10));
    peak = std::max(peak, wal.undo_records());
  }
  EXPECT_LE(peak, 4096U);
  EXPECT_EQ(durable(wal), durable_image);
  const UnsyncedFile state = wal.unsynced("wal");
  EXPECT_LE(state.exact_from, state.newest);
  wal.lose_power("wal", nullptr);
  EXPECT_EQ(written(wal), durable_image);
}

TEST_F(BlockFileTest, CompactionKeepsWhatPendingSyncsNeed) {
  BlockFile file(kDatabase, last_write);
  file.write_shared(0, page('a'));
  file.begin_sync();
  file.write_shared(0, page('b'));
  file.write_shared(0, page('c'));
  file.begin_sync();
  file.write_shared(0, page('d'));
  file.write_shared(0, page('e'));
  file.compact();
  EXPECT_EQ(durable(file), "");
  file.complete_sync();
  EXPECT_EQ(durable(file), std::string(4096, 'a'));
  file.complete_sync();
  EXPECT_EQ(durable(file), std::string(4096, 'c'));
  EXPECT_EQ(written(file), std::string(4096, 'e'));
}

TEST_F(BlockFileTest, BuffersThatNobodyNeedsAreReleased) {
  const std::size_t before = FramePool::bytes_in_use();
  {
    BlockFile wal(kWal, last_write);
    for (int round = 0; round < 100; ++round) {
      wal.write_shared(56, page('a'));
      sync(wal);
    }
    BlockFile log(kPlain, last_write);
    for (int round = 0; round < 100; ++round) log.write(log.size(), bytes_of(std::string(500, 'x')));
    sync(log);
    const std::size_t with_log = FramePool::bytes_in_use();
    log.discard_before(log.size() - 500);
    EXPECT_LE(FramePool::bytes_in_use() + 99 * 500, with_log);
  }
  EXPECT_EQ(FramePool::bytes_in_use(), before);
}

}  // namespace
}  // namespace tidemark::sim
