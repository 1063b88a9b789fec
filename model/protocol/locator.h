// Locator: where the primary of a database is, as the routing layer of Durable Objects knows it.
#pragma once

#include <cstdint>

namespace tidemark::model {

/// Implemented by the cluster. The entry is changed by the leader of the newest epoch when it begins to serve. Whoever
/// asks may be told an old place for a while when a fault says so (a stale route).
class Locator {
 public:
  virtual ~Locator() = default;
  /// Process::id() of the host that serves as primary, or that did last (it may be down or deposed); 0 before the
  /// first. `asker` is the Process::id() of whoever wants to know.
  virtual std::uint32_t primary_of(std::uint32_t database, std::uint32_t asker) const = 0;
};

}  // namespace tidemark::model
