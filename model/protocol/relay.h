// What a Durable Object needs of the storage relay beside it, in the same process.
#pragma once

#include <cstdint>

#include "model/types/bookmark.h"
#include "model/types/entry.h"
#include "sim/core/task.h"
#include "sim/core/time.h"

namespace tidemark::model {

enum class GateStatus : std::uint8_t {
  kOpen,    // confirmed
  kBroken,  // will never be known to be confirmed: the caller's outcome is unknown
};

/// The leader, beside the primary.
class PrimaryRelay {
 public:
  virtual ~PrimaryRelay() = default;
  /// Gives a committed transaction its place in the log and ships it to followers and replicas at once. Returns the
  /// bookmark of the new entry.
  virtual Bookmark submit(CommittedTransaction transaction) = 0;
  /// Bookmark of the newest committed entry, confirmed or not.
  virtual const Bookmark& committed() const = 0;
  virtual const Bookmark& confirmed() const = 0;
  /// The output gate: resolves once everything up to `bookmark` is confirmed, or with kBroken.
  virtual sim::Task<GateStatus> until_confirmed(Bookmark bookmark) = 0;
  /// The read lease. While it runs no successor serves, so a read that was executed before is not stale. Resolves with
  /// kOpen when the lease runs (waits for a renewal if it has run out), with kBroken when this leader is over.
  virtual sim::Task<GateStatus> until_lease() { co_return GateStatus::kOpen; }
  /// SQLite met a disk error: this leader cannot go on.
  virtual void give_up_copy() {}
};

/// The replica leader, beside a replica.
class ReplicaRelay {
 public:
  virtual ~ReplicaRelay() = default;
  /// Bookmark of the newest visible entry.
  virtual const Bookmark& visible() const = 0;
  /// Resolves with true once visible() >= bookmark, with false at `deadline`.
  virtual sim::Task<bool> until_visible(Bookmark bookmark, sim::Instant deadline) = 0;
  /// A read met a disk error: the copy cannot be trusted any more and is built anew.
  virtual void give_up_copy() {}
};

}  // namespace tidemark::model
