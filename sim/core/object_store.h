// The object store (cold storage): whole objects by key, strongly consistent unless a fault says otherwise.
// Interfaces only: sim/disk implements them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/buffer.h"
#include "sim/core/task.h"

namespace tidemark::sim {

enum class ObjectStatus : std::uint8_t { kOk, kNotFound, kError };

/// A rope: an object is its buffers one after the other. Pages inside are shared with whoever else holds them.
struct ObjectBody {
  std::vector<BufferRef> parts;
  std::uint64_t size() const {
    std::uint64_t total = 0;
    for (const BufferRef& part : parts) total += part->size();
    return total;
  }
};

struct GetResult {
  ObjectStatus status = ObjectStatus::kNotFound;
  ObjectBody body;
};
struct ListResult {
  ObjectStatus status = ObjectStatus::kOk;
  std::vector<std::string> keys;  // sorted
};

/// As one process sees it. Every task resolves when the answer would reach the caller; destroying it forgets the
/// answer, the operation may still take effect.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Task<ObjectStatus> put(std::string key, ObjectBody body) = 0;
  virtual Task<GetResult> get(std::string key) = 0;
  /// Keys that start with `prefix`.
  virtual Task<ListResult> list(std::string prefix) = 0;
  /// Removing a missing key is kOk.
  virtual Task<ObjectStatus> remove(std::string key) = 0;
};

}  // namespace tidemark::sim
