// What a BlockFile must be like: every state that the file ever had, as plain bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/disk/survivors.h"

namespace tidemark::sim {

using Bytes = std::vector<std::byte>;

/// Deterministic filler that is never zero, so that a lost byte shows.
inline Bytes filler(std::size_t size, std::uint64_t salt) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((salt * 31 + i * 7) % 255 + 1);
  return bytes;
}

/// images[n] is the file after its n-th write; the sequence numbers of one file on its own count 1, 2, 3, ...
class FileReference {
 public:
  const Bytes& written() const { return images_.back(); }
  const Bytes& durable() const { return images_[durable_]; }
  std::uint64_t newest() const { return images_.size() - 1; }
  std::uint64_t durable_sequence() const { return durable_; }
  std::size_t pending_syncs() const { return pending_.size(); }

  void write(std::uint64_t offset, const Bytes& bytes) {
    if (bytes.empty()) return;
    Bytes next = written();
    if (next.size() < offset + bytes.size()) next.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), next.begin() + static_cast<std::ptrdiff_t>(offset));
    images_.push_back(std::move(next));
  }
  void truncate(std::uint64_t size) {
    if (size == written().size()) return;
    Bytes next = written();
    next.resize(size);
    images_.push_back(std::move(next));
  }
  void discard_before(std::uint64_t offset) {
    for (Bytes& image : images_) {
      std::fill_n(image.begin(), std::min<std::uint64_t>(offset, image.size()), std::byte{0});
    }
  }
  void begin_sync() { pending_.push_back(newest()); }
  void complete_sync() {
    durable_ = std::max(durable_, pending_.front());
    pending_.pop_front();
  }
  /// cuts: one for the length, then one for each sector.
  void lose_power(std::uint64_t length_cut, const std::vector<std::uint64_t>& sector_cuts) {
    Bytes left(state_at(length_cut).size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      const Bytes& image = state_at(sector_cuts[i / kSectorBytes]);
      left[i] = i < image.size() ? image[i] : std::byte{0};
    }
    // Later states are forgotten, but the numbers of the writes go on.
    images_.push_back(std::move(left));
    durable_ = newest();
    pending_.clear();
  }

 private:
  const Bytes& state_at(std::uint64_t cut) const { return images_[std::clamp(cut, durable_, newest())]; }

  std::vector<Bytes> images_{Bytes{}};
  std::uint64_t durable_ = 0;
  std::deque<std::uint64_t> pending_;
};

}  // namespace tidemark::sim
