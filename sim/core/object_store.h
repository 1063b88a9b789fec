// The object store (cold storage): whole objects by key, strongly consistent unless a fault says otherwise.
// Interfaces only: sim/disk implements them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/buffer.h"
#include "sim/core/task.h"
#include "sim/core/time.h"

namespace tidemark::sim {

enum class ObjectStatus : std::uint8_t {
  kOk,
  kNotFound,
  kError,      // the outcome of a put or remove is unknown
  kThrottled,  // refused (429, 503): nothing took effect, try again later
  kTimeout,    // no answer came: the outcome of a put or remove is unknown, it may even take effect later
  kExists,     // put_if_absent: there is such an object, nothing took effect
};

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
  /// How long ago each of them was stored, by the store's own clock when it made the list: what a store tells as "last
  /// modified" and "date". Not more than the truth; zero where the store cannot tell.
  std::vector<Duration> ages;
  bool truncated = false;         // of a page: there are more keys; go on with start_after = keys.back()
};

/// As one process sees it. Every task resolves when the answer would reach the caller; destroying it forgets the
/// answer, the operation may still take effect.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Task<ObjectStatus> put(std::string key, ObjectBody body) = 0;
  virtual Task<GetResult> get(std::string key) = 0;
  /// Stores only if there is no object of this key: of two callers at most one gets kOk, the other kExists. Always
  /// kError in a store that cannot do it.
  virtual Task<ObjectStatus> put_if_absent(std::string key, ObjectBody body);
  /// Keys that start with `prefix`: all pages, one request each, so not one state of the store if there are several.
  virtual Task<ListResult> list(std::string prefix) = 0;
  /// One page: the first keys that start with `prefix` and are greater than `start_after`, at most `limit` (0: as many
  /// as the store gives, by default 1,000), perhaps fewer.
  virtual Task<ListResult> list_page(std::string prefix, std::string start_after, std::size_t limit = 0);
  /// Removing a missing key is kOk.
  virtual Task<ObjectStatus> remove(std::string key) = 0;
};

}  // namespace tidemark::sim
