// Damaged copies of an object's body. The buffers of the original are shared or copied, never changed.
#pragma once

#include "sim/core/object_store.h"

namespace tidemark::sim {

/// The first `bytes` bytes.
ObjectBody prefix_of(const ObjectBody& body, std::uint64_t bytes);
/// Bit `bit` of the body, counted from its start, is the other way round.
ObjectBody with_flipped_bit(const ObjectBody& body, std::uint64_t bit);

}  // namespace tidemark::sim
