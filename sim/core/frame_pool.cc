#include "sim/core/frame_pool.h"

namespace tidemark::sim {
namespace {

constexpr std::size_t kSlabBytes = std::size_t{64} << 10;

}  // namespace

std::array<FramePool::Block*, FramePool::kClasses> FramePool::free_{};
std::size_t FramePool::in_use_ = 0;

void FramePool::refill(std::size_t size_class) {
  TIDEMARK_ASSERT(free_[size_class] == nullptr);
  const std::size_t block_bytes = (size_class + 1) * kClassBytes;
  auto* slab = static_cast<std::byte*>(::operator new (kSlabBytes, std::align_val_t{kClassBytes}));
  // From the back, so that blocks are handed out in the order of their addresses.
  for (std::size_t i = kSlabBytes / block_bytes; i-- > 0;)
    free_[size_class] = new (slab + i * block_bytes) Block{free_[size_class]};
}

}  // namespace tidemark::sim
