// Locks between the connections of one database copy: the five states of the database file and the eight slots of the
// wal-index. Everything happens in one thread, so a conflict is an answer (SQLITE_BUSY), never a wait.
#pragma once

#include <array>
#include <cstdint>

#include "model/sqlite/wal_format.h"

namespace tidemark::model::sqlite {

enum class FileLock : std::uint8_t { kNone, kShared, kReserved, kPending, kExclusive };  // values of SQLite

/// What one client (a connection, or Tidemark itself as a client) holds. Lives in the client; release everything before
/// it dies.
struct LockHolder {
  FileLock file = FileLock::kNone;
  std::uint8_t shared_slots = 0;  // bit i = slot i
  std::uint8_t exclusive_slots = 0;
};

class LockTable {
 public:
  /// The rules of SQLite's xLock; false = busy. A failed attempt at kExclusive leaves the holder at kPending.
  bool lock_file(LockHolder& holder, FileLock wanted);
  void unlock_file(LockHolder& holder, FileLock down_to);
  /// Does any client hold kReserved or more?
  bool file_reserved() const { return reserved_ != nullptr; }

  /// Slots [first, first + count); false = somebody else holds a conflicting one, nothing changed then.
  bool lock_slots(LockHolder& holder, int first, int count, bool exclusive);
  void unlock_slots(LockHolder& holder, int first, int count);
  bool slot_shared(int slot) const { return shared_[static_cast<std::size_t>(slot)] != 0; }

 private:
  std::uint32_t file_shared_ = 0;         // holders at kShared or more
  const LockHolder* reserved_ = nullptr;  // the one at kReserved or more
  bool pending_ = false;                  // it wants exclusive: no new kShared
  std::array<std::uint32_t, kLockSlots> shared_{};
  std::array<const LockHolder*, kLockSlots> exclusive_{};
};

}  // namespace tidemark::model::sqlite
