#include "model/types/value.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "sim/core/frame_pool.h"

namespace tidemark::model {
namespace {

constexpr std::size_t kFirstArena = 512;

/// Memory of sets that are gone, for those to come, newest first: every read makes a set of some kilobytes, which is
/// more than the allocator keeps at hand. No content, so it never influences a run; bounded.
struct SpareMemory {
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kLargestBytes = std::size_t{64} << 10;
  std::vector<std::vector<Cell>> cells;
  std::vector<std::pair<std::unique_ptr<char[]>, std::size_t>> arenas;
};

// Never destroyed: sets may live in statics.
SpareMemory& spare() {
  static SpareMemory* const memory = new SpareMemory;
  return *memory;
}

}  // namespace

ResultSet::~ResultSet() {
  if constexpr (TIDEMARK_POOL_FRAMES == 0) return;  // the sanitizer is to see the true lifetime
  SpareMemory& memory = spare();
  const std::size_t cell_bytes = cells_.capacity() * sizeof(Cell);
  if (cell_bytes > 0 && cell_bytes <= SpareMemory::kLargestBytes && memory.cells.size() < SpareMemory::kMost) {
    cells_.clear();
    memory.cells.push_back(std::move(cells_));
  }
  if (arena_capacity_ > 0 && arena_capacity_ <= SpareMemory::kLargestBytes && memory.arenas.size() < SpareMemory::kMost)
    memory.arenas.emplace_back(std::move(arena_), arena_capacity_);
}

ResultSet::Builder::Builder(ColumnNames names, ResultSize hint) : set_(new ResultSet) {
  TIDEMARK_ASSERT(names != nullptr);
  set_->names_ = std::move(names);
  SpareMemory& memory = spare();
  if (hint.cells > 0 && !memory.cells.empty()) {
    set_->cells_ = std::move(memory.cells.back());
    memory.cells.pop_back();
  }
  set_->cells_.reserve(hint.cells);
  if (hint.bytes == 0) return;
  if (!memory.arenas.empty()) {
    set_->arena_ = std::move(memory.arenas.back().first);
    set_->arena_capacity_ = memory.arenas.back().second;
    memory.arenas.pop_back();
  }
  if (set_->arena_capacity_ < hint.bytes) grow(hint.bytes);
}

void ResultSet::Builder::grow(std::size_t more) {
  const std::size_t capacity = std::max({kFirstArena, set_->arena_capacity_ * 2, used_ + more});
  std::unique_ptr<char[]> larger(new char[capacity]);
  if (used_ > 0) std::memcpy(larger.get(), set_->arena_.get(), used_);
  set_->arena_ = std::move(larger);
  set_->arena_capacity_ = capacity;
}

ResultSetRef ResultSet::Builder::finish() {
  TIDEMARK_ASSERT(set_->names_->empty() || set_->cells_.size() % set_->names_->size() == 0);
  for (Cell& cell : set_->cells_) {
    if (cell.type == CellType::kText || cell.type == CellType::kBlob) cell.data = set_->arena_.get() + cell.integer;
  }
  set_->text_bytes_ = static_cast<std::uint32_t>(used_);
  return std::move(set_);
}

const Digest128& ResultSet::digest() const {
  if (!digest_known_) {
    // All text in one hash; the lengths below say where each cell ends.
    Digest128 digest =
        digest_bytes(std::as_bytes(std::span(arena_.get(), text_bytes_)), {names_->size(), cells_.size()});
    for (const Cell& cell : cells_) {
      const bool bytes = cell.type == CellType::kText || cell.type == CellType::kBlob;
      std::uint64_t content = 0;
      if (!bytes) std::memcpy(&content, &cell.integer, sizeof content);
      digest =
          mix(digest, content ^ (static_cast<std::uint64_t>(cell.type) << 56) ^ (std::uint64_t{cell.length} << 20));
    }
    digest_ = digest;
    digest_known_ = true;
  }
  return digest_;
}

}  // namespace tidemark::model
