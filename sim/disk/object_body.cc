#include "sim/disk/object_body.h"

#include <algorithm>

namespace tidemark::sim {

ObjectBody prefix_of(const ObjectBody& body, std::uint64_t bytes) {
  ObjectBody result;
  for (const BufferRef& part : body.parts) {
    const std::uint64_t take = std::min<std::uint64_t>(bytes, part->size());
    if (take == 0) break;
    result.parts.push_back(take == part->size() ? part : Buffer::copy(part->bytes().first(take)));
    bytes -= take;
  }
  return result;
}

ObjectBody with_flipped_bit(const ObjectBody& body, std::uint64_t bit) {
  ObjectBody result = body;
  std::uint64_t byte = bit / 8;
  for (BufferRef& part : result.parts) {
    if (byte < part->size()) {
      std::vector<std::byte> copy(part->bytes().begin(), part->bytes().end());
      copy[byte] ^= std::byte{1} << (bit % 8);
      part = Buffer::copy(copy);
      break;
    }
    byte -= part->size();
  }
  return result;
}

}  // namespace tidemark::sim
