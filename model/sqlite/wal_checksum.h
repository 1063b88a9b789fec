// The checksum of WAL frames and of the wal-index header, and its short cut.
//
// SQLite walks over pairs of words (a, b): first += a + second; second += b + first. Modulo 2^32 this is linear in the
// state: n pairs take state s to M^n * s + c, where M = [[1,1],[1,2]] and c is what the bytes give from state zero. So
// a page's c is computed once (and kept in Buffer::memo()) and every copy that writes the page into its own WAL, with
// its own salts and its own running state, pays four multiplications instead of a walk over the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/sqlite/wal_format.h"
#include "sim/core/buffer.h"

namespace tidemark::model::sqlite {

/// The walk itself. `bytes` has a multiple of 8 bytes.
Checksum walk_checksum(std::span<const std::byte> bytes, Checksum state);

/// M^n for one length of data.
class ChecksumStep {
 public:
  /// For data of `bytes` bytes (a multiple of 8).
  explicit ChecksumStep(std::size_t bytes);

  /// State after data whose contribution from zero is `contribution`.
  Checksum advance(Checksum state, Checksum contribution) const {
    return {a_ * state.first + b_ * state.second + contribution.first,
            b_ * state.first + d_ * state.second + contribution.second};
  }
  /// The inverse: the data's contribution, from the state before and after it.
  Checksum contribution(Checksum before, Checksum after) const {
    return {after.first - a_ * before.first - b_ * before.second,
            after.second - b_ * before.first - d_ * before.second};
  }

 private:
  std::uint32_t a_ = 1, b_ = 0, d_ = 1;  // [[a, b], [b, d]]: powers of a symmetric matrix are symmetric
};

/// Contribution of a page from state zero; remembered in the buffer.
Checksum page_contribution(const sim::Buffer& page);
/// Remembers a contribution that was derived otherwise (capture derives it from the frames' own checksums).
void remember_contribution(const sim::Buffer& page, Checksum contribution);

}  // namespace tidemark::model::sqlite
