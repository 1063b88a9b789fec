#include "model/types/value.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace tidemark::model {
namespace {
constexpr std::size_t kFirstArena = 512;
}

ResultSet::Builder::Builder(ColumnNames names, ResultSize hint) : set_(new ResultSet) {
  TIDEMARK_ASSERT(names != nullptr);
  set_->names_ = std::move(names);
  set_->cells_.reserve(hint.cells);
  if (hint.bytes > 0) grow(hint.bytes);
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
