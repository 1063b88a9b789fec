// Buffer: an immutable run of bytes, shared by reference. One page written by the primary exists once, however many
// followers, replicas, files and objects hold it (performance: a run's cost is copying and hashing pages).
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/digest.h"

namespace tidemark::sim {

class Buffer;
using BufferRef = boost::intrusive_ptr<const Buffer>;

class Buffer {
 public:
  /// A new buffer with a copy of `bytes`.
  static BufferRef copy(std::span<const std::byte> bytes);
  /// A new buffer of `size` zero bytes.
  static BufferRef zeros(std::size_t size);

  std::size_t size() const { return size_; }
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(this + 1); }
  std::span<const std::byte> bytes() const { return {data(), size_}; }

  /// XXH3-128 of the bytes, computed once.
  const Digest128& digest() const;

  /// 64 bits that a user of the buffer may remember about its content (model/sqlite keeps the WAL checksum there).
  struct Memo {
    bool set = false;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
  };
  Memo& memo() const { return memo_; }

 private:
  friend void intrusive_ptr_add_ref(const Buffer* buffer) { ++buffer->references_; }
  friend void intrusive_ptr_release(const Buffer* buffer) {
    if (--buffer->references_ == 0) destroy(buffer);
  }
  explicit Buffer(std::size_t size) : size_(size) {}
  static Buffer* allocate(std::size_t size);
  static void destroy(const Buffer* buffer);

  mutable std::uint32_t references_ = 0;
  mutable bool digest_known_ = false;
  mutable Memo memo_;
  mutable Digest128 digest_;
  std::size_t size_;
};

}  // namespace tidemark::sim
