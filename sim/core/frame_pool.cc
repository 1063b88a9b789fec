#include "sim/core/frame_pool.h"

#include <algorithm>

namespace tidemark::sim {
namespace {

constexpr std::size_t kSlabBytes = std::size_t{64} << 10;
constexpr std::size_t kRefillBytes = std::size_t{4} << 10;

// The slab that all classes are cut from. A class takes a little at a time: buffers come in every size in the long run,
// and a slab for each of the 68 classes would be memory that grows with the length of a run.
std::byte* slab = nullptr;
std::size_t slab_left = 0;

}  // namespace

std::array<FramePool::Block*, FramePool::kClasses> FramePool::free_{};
std::size_t FramePool::in_use_ = 0;

void FramePool::refill(std::size_t size_class) {
  TIDEMARK_ASSERT(free_[size_class] == nullptr);
  const std::size_t block_bytes = (size_class + 1) * kClassBytes;
  if (slab_left < block_bytes) {
    if (slab_left > 0) {  // the rest is one block of a smaller class
      Block*& first = free_[class_of(slab_left)];
      first = new (slab) Block{first};
    }
    slab = static_cast<std::byte*>(::operator new (kSlabBytes, std::align_val_t{kClassBytes}));
    slab_left = kSlabBytes;
  }
  const std::size_t count = std::clamp<std::size_t>(kRefillBytes / block_bytes, 1, slab_left / block_bytes);
  // From the back, so that blocks are handed out in the order of their addresses.
  for (std::size_t i = count; i-- > 0;) free_[size_class] = new (slab + i * block_bytes) Block{free_[size_class]};
  slab += count * block_bytes;
  slab_left -= count * block_bytes;
}

}  // namespace tidemark::sim
