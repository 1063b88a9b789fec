#include "sim/core/buffer.h"

#include <cstring>
#include <new>

#include "base/assert.h"
#include "sim/core/frame_pool.h"

namespace tidemark::sim {

Buffer* Buffer::allocate(std::size_t size) {
  return new (FramePool::allocate(sizeof(Buffer) + size)) Buffer(size);
}

void Buffer::destroy(const Buffer* buffer) {
  const std::size_t size = sizeof(Buffer) + buffer->size_;
  buffer->~Buffer();
  FramePool::release(const_cast<Buffer*>(buffer), size);
}

BufferRef Buffer::copy(std::span<const std::byte> bytes) {
  Buffer* buffer = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(reinterpret_cast<std::byte*>(buffer + 1), bytes.data(), bytes.size());
  return BufferRef(buffer);
}

BufferRef Buffer::zeros(std::size_t size) {
  Buffer* buffer = allocate(size);
  if (size != 0) std::memset(reinterpret_cast<std::byte*>(buffer + 1), 0, size);
  return BufferRef(buffer);
}

const Digest128& Buffer::digest() const {
  if (!digest_known_) {
    digest_ = digest_bytes(bytes());
    digest_known_ = true;
  }
  return digest_;
}

}  // namespace tidemark::sim
