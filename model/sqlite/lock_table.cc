#include "model/sqlite/lock_table.h"

#include "base/assert.h"

namespace tidemark::model::sqlite {

bool LockTable::lock_file(LockHolder& holder, FileLock wanted) {
  if (holder.file >= wanted) return true;
  if (wanted == FileLock::kShared) {
    if (pending_) return false;
    ++file_shared_;
    holder.file = FileLock::kShared;
    return true;
  }
  TIDEMARK_ASSERT(holder.file >= FileLock::kShared, "a write lock without a shared lock");
  if (reserved_ != nullptr && reserved_ != &holder) return false;
  reserved_ = &holder;
  if (wanted == FileLock::kReserved) {
    holder.file = FileLock::kReserved;
    return true;
  }
  pending_ = true;
  holder.file = FileLock::kPending;
  if (file_shared_ > 1) return false;
  holder.file = FileLock::kExclusive;
  return true;
}

void LockTable::unlock_file(LockHolder& holder, FileLock down_to) {
  TIDEMARK_ASSERT(down_to <= FileLock::kShared);
  if (holder.file <= down_to) return;
  if (holder.file >= FileLock::kReserved) {
    TIDEMARK_ASSERT(reserved_ == &holder);
    reserved_ = nullptr;
    pending_ = false;
  }
  if (down_to == FileLock::kNone) --file_shared_;
  holder.file = down_to;
}

bool LockTable::lock_slots(LockHolder& holder, int first, int count, bool exclusive) {
  TIDEMARK_ASSERT(first >= 0 && count >= 1 && first + count <= kLockSlots);
  for (int slot = first; slot < first + count; ++slot) {
    const auto i = static_cast<std::size_t>(slot);
    const bool mine_shared = (holder.shared_slots >> slot & 1) != 0;
    if (exclusive_[i] != nullptr && exclusive_[i] != &holder) return false;
    if (exclusive && shared_[i] > (mine_shared ? 1U : 0U)) return false;
  }
  for (int slot = first; slot < first + count; ++slot) {
    const auto i = static_cast<std::size_t>(slot);
    const auto bit = static_cast<std::uint8_t>(1 << slot);
    if (exclusive) {
      exclusive_[i] = &holder;
      holder.exclusive_slots = static_cast<std::uint8_t>(holder.exclusive_slots | bit);
    } else if ((holder.shared_slots & bit) == 0) {
      ++shared_[i];
      holder.shared_slots = static_cast<std::uint8_t>(holder.shared_slots | bit);
    }
  }
  return true;
}

void LockTable::unlock_slots(LockHolder& holder, int first, int count) {
  TIDEMARK_ASSERT(first >= 0 && count >= 1 && first + count <= kLockSlots);
  for (int slot = first; slot < first + count; ++slot) {
    const auto i = static_cast<std::size_t>(slot);
    const auto bit = static_cast<std::uint8_t>(1 << slot);
    if ((holder.shared_slots & bit) != 0) --shared_[i];
    if ((holder.exclusive_slots & bit) != 0) exclusive_[i] = nullptr;
    holder.shared_slots = static_cast<std::uint8_t>(holder.shared_slots & ~bit);
    holder.exclusive_slots = static_cast<std::uint8_t>(holder.exclusive_slots & ~bit);
  }
}

}  // namespace tidemark::model::sqlite
