// Directory: where the copies of each database are, as the routing layer of Durable Objects knows it; and the PoPs.
#pragma once

#include <cstdint>
#include <span>

namespace tidemark::model {

/// Implemented by the cluster. A copy is listed once it serves; how the news travels is not modelled: workers know at
/// once.
class Directory {
 public:
  virtual ~Directory() = default;
  /// Process::id() of the copy nearest to a worker by base round trip (the primary counts; ties go to the primary, then
  /// to the copy that was listed first); 0 when no copy serves. `worker` is the worker's Process::id().
  virtual std::uint32_t nearest_copy(std::uint32_t database, std::uint32_t worker) const = 0;
  /// Process::id() of the host that serves as primary, or that did last; 0 before the first. For whoever administers a
  /// database: queries go to the nearest copy. `asker` as in Locator.
  virtual std::uint32_t primary_of(std::uint32_t /*database*/, std::uint32_t /*asker*/) const { return 0; }
  /// Process::id() of the worker of every PoP, running or not, always in the same order.
  virtual std::span<const std::uint32_t> workers() const { return {}; }
};

}  // namespace tidemark::model
