// Free lists for coroutine frames, messages and pages: one list per size class of 64 bytes up to 4.25 KiB (a page of
// 4 KiB with its header), above that the heap. With address sanitizer everything comes from the heap, so that it sees
// the true lifetime of every frame.
//
// One simulation runs at a time in a process, on one thread, so there are no locks. The pool keeps memory from run to
// run but no content: it never influences a run.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "base/assert.h"

#if defined(__SANITIZE_ADDRESS__)
#define TIDEMARK_POOL_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TIDEMARK_POOL_FRAMES 0
#endif
#endif
#ifndef TIDEMARK_POOL_FRAMES
#define TIDEMARK_POOL_FRAMES 1
#endif

namespace tidemark::sim {

class FramePool {
 public:
  static constexpr std::size_t kLargestPooled = 4096 + 256;

  /// Never returns nullptr; uninitialised memory of at least `size` bytes. Pooled memory starts at a cache line, larger
  /// memory at 16 bytes.
  static void* allocate(std::size_t size) {
    in_use_ += size;
    if (TIDEMARK_POOL_FRAMES == 0 || size > kLargestPooled) return ::operator new(size);
    Block*& first = free_[class_of(size)];
    if (first == nullptr) [[unlikely]]
      refill(class_of(size));
    Block* block = first;
    first = block->next;
    return block;
  }
  /// `size` must be the size given to allocate().
  static void release(void* memory, std::size_t size) noexcept {
    TIDEMARK_ASSERT(memory != nullptr && in_use_ >= size);
    in_use_ -= size;
    if (TIDEMARK_POOL_FRAMES == 0 || size > kLargestPooled) {
      ::operator delete(memory);
      return;
    }
    Block*& first = free_[class_of(size)];
    first = new (memory) Block{first};
  }
  /// Bytes handed out and not yet released (for tests: zero after a run).
  static std::size_t bytes_in_use() { return in_use_; }

 private:
  static constexpr std::size_t kClassBytes = 64;
  static constexpr std::size_t kClasses = kLargestPooled / kClassBytes;
  struct Block {
    Block* next;
  };
  static constexpr std::size_t class_of(std::size_t size) { return size == 0 ? 0 : (size - 1) / kClassBytes; }
  static void refill(std::size_t size_class);

  // Memory, never content: nothing that a run computes depends on these.
  static std::array<Block*, kClasses> free_;
  static std::size_t in_use_;
};

}  // namespace tidemark::sim
