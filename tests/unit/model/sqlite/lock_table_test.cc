#include "model/sqlite/lock_table.h"

#include <gtest/gtest.h>

namespace tidemark::model::sqlite {
namespace {

TEST(LockTable, AReaderKeepsAWriterFromTheDatabaseFileUntilItLeaves) {
  LockTable table;
  LockHolder reader, writer;
  EXPECT_TRUE(table.lock_file(reader, FileLock::kShared));
  EXPECT_TRUE(table.lock_file(writer, FileLock::kShared));
  EXPECT_TRUE(table.lock_file(writer, FileLock::kReserved));
  EXPECT_FALSE(table.lock_file(reader, FileLock::kReserved));
  EXPECT_FALSE(table.lock_file(writer, FileLock::kExclusive));
  EXPECT_EQ(writer.file, FileLock::kPending);
  LockHolder late;
  EXPECT_FALSE(table.lock_file(late, FileLock::kShared)) << "a pending writer admits nobody";
  table.unlock_file(reader, FileLock::kNone);
  EXPECT_TRUE(table.lock_file(writer, FileLock::kExclusive));
  table.unlock_file(writer, FileLock::kShared);
  EXPECT_FALSE(table.file_reserved());
  EXPECT_TRUE(table.lock_file(late, FileLock::kShared));
}

TEST(LockTable, SharedAndExclusiveSlotsExcludeEachOther) {
  LockTable table;
  LockHolder a, b;
  EXPECT_TRUE(table.lock_slots(a, 4, 1, false));
  EXPECT_TRUE(table.lock_slots(b, 4, 1, false));
  EXPECT_FALSE(table.lock_slots(b, 4, 1, true)) << "a reads there";
  EXPECT_FALSE(table.lock_slots(b, 3, 5, true)) << "one of several is enough";
  EXPECT_EQ(b.exclusive_slots, 0);
  table.unlock_slots(a, 4, 1);
  table.unlock_slots(b, 4, 1);
  EXPECT_FALSE(table.slot_shared(4));
  EXPECT_TRUE(table.lock_slots(b, 3, 5, true));
  EXPECT_FALSE(table.lock_slots(a, 7, 1, false));
  table.unlock_slots(b, 0, kLockSlots);
  EXPECT_TRUE(table.lock_slots(a, 7, 1, false));
  table.unlock_slots(a, 0, kLockSlots);
}

}  // namespace
}  // namespace tidemark::model::sqlite
