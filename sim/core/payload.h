// Payload: what a connection carries. Immutable and shared by reference: a sender that ships one entry to eleven
// receivers makes one object.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <string>

#include "sim/core/frame_pool.h"

namespace tidemark::sim {

class Payload {
 public:
  virtual ~Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  /// Tells the types apart for the receiver (a static_cast after a switch) and the trace. Unique per final type.
  std::uint16_t type() const { return type_; }
  /// Bytes on the wire: what bandwidth and loss see.
  virtual std::uint32_t wire_bytes() const = 0;
  /// 64 bits of the content, for the run's digest. Equal content, equal digest, in every build.
  virtual std::uint64_t digest() const = 0;
  /// One line for people.
  virtual std::string describe() const = 0;

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }

 protected:
  explicit Payload(std::uint16_t type) : type_(type) {}

 private:
  friend void intrusive_ptr_add_ref(const Payload* payload) { ++payload->references_; }
  friend void intrusive_ptr_release(const Payload* payload) {
    if (--payload->references_ == 0) delete payload;
  }
  mutable std::uint32_t references_ = 0;
  const std::uint16_t type_;
};

using PayloadRef = boost::intrusive_ptr<const Payload>;

}  // namespace tidemark::sim
