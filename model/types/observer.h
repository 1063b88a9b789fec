// Observer: ground truth, as it happens. Called by the model at the places where an invariant can be judged; the
// recorder of scenarios/ turns the calls into the records of checkers/. An observer must not change the run.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/types/bookmark.h"
#include "model/types/entry.h"
#include "model/types/value.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// Reads pages of a database copy as stock SQLite would see them at the visible position, by look-up code that is
/// independent of the code that writes. Valid only during the call that passes it.
class PageReader {
 public:
  virtual ~PageReader() = default;
  virtual std::uint32_t pages() const = 0;
  /// nullptr when the page lies beyond pages(), or when the disk gives back other bytes than were written.
  virtual sim::BufferRef page(std::uint32_t number) const = 0;
  /// Is the newest visible frame one that ends a transaction? False means that readers see half of one.
  virtual bool at_transaction_end() const { return true; }
};

/// What a statement of a request cost, as the meta of its result says.
struct StatementCost {
  std::string_view sql;
  sim::Duration duration;
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;
};
/// Of the statements of one request, in order. Valid only during the call that passes it.
class StatementCosts {
 public:
  virtual ~StatementCosts() = default;
  virtual std::size_t count() const = 0;
  virtual StatementCost at(std::size_t statement) const = 0;
};

/// Where a response came from and what it may depend on.
struct ResponseTruth {
  std::uint32_t database = 0;
  std::uint32_t session = 0;  // checkers' session id, carried along in the request for this purpose only
  std::uint32_t node = 0;     // Process::id() of the copy that executed the statements
  bool node_is_primary = false;
  std::string_view region;              // true region of that copy
  std::string_view claimed_region;      // meta.served_by_region
  bool claimed_primary = false;         // meta.served_by_primary
  const SessionToken* asked = nullptr;  // as it reached the first Durable Object
  const Bookmark* returned = nullptr;   // as the copy returned it; nullptr when none
  Bookmark state;                       // the state that was read, sampled by SQLite's own transaction
  Bookmark created;                     // entry made by this request; origin when none
  sim::Instant started;                 // when the request reached the first Durable Object
  sim::Instant sent;                    // when the answer left the copy (after its gate)
  std::string_view sql;                 // of the request's first statement: what is answered
  std::span<const SqlValue> params;     // bound to it
  const StatementCosts* costs = nullptr;
};

/// Split of one confirm lag into causes; the parts add up to published - confirmed.
struct LagTruth {
  std::uint32_t database = 0;
  std::uint32_t replica = 0;  // Process::id()
  Bookmark bookmark;
  sim::Instant confirmed;     // at the primary's leader
  sim::Instant flushed;       // the Confirm was sent
  sim::Instant arrived;       // the Confirm reached the replica
  sim::Instant complete;      // the entry itself was there as well (later than arrived when blocked by a gap)
  sim::Instant published;     // the wal-index header moved, by the world's clock
  sim::Duration clock_error;  // what the replica's clock adds to a measured lag
};

class Observer {
 public:
  virtual ~Observer() = default;

  // The primary.
  virtual void on_commit(std::uint32_t database, const EntryRef& entry) = 0;
  /// Ground truth of the WAL: a transaction that SQLite committed in the process `node`, as the VFS saw it (before
  /// capture code ran).
  virtual void on_sqlite_commit(std::uint32_t database, std::uint32_t node, std::uint32_t frames,
                                std::uint32_t database_pages) = 0;
  virtual void on_confirmed(std::uint32_t database, const Bookmark& bookmark) = 0;
  virtual void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const Bookmark& up_to) = 0;
  // Followers (Process::id()).
  virtual void on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) = 0;
  virtual void on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) = 0;
  virtual void on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) = 0;
  virtual void on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) = 0;
  // Replicas.
  virtual void on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at,
                               const PageReader& pages) = 0;
  virtual void on_received(std::uint32_t database, std::uint32_t replica, const EntryRef& entry) = 0;
  /// After the wal-index header moved. `entry` is the newest entry that became visible.
  virtual void on_published(std::uint32_t database, std::uint32_t replica, const EntryRef& entry,
                            const PageReader& pages) = 0;
  virtual void on_lag(const LagTruth& lag) = 0;
  // Cold storage.
  /// A snapshot is stored.
  virtual void on_snapshot(std::uint32_t database, const Bookmark& label, const PageReader& pages) = 0;
  virtual void on_segment(std::uint32_t database, const Bookmark& previous, const Bookmark& last) = 0;
  virtual void on_cold_removed(std::uint32_t database, const Bookmark& up_to) = 0;
  // Takeover and membership. All have an empty body here: most observers do not care.
  /// The processes whose acks count from now on, by follower index (also at the first start).
  virtual void on_follower_set(std::uint32_t, std::span<const std::uint32_t>) {}
  /// A follower (Process::id()) has promised durably to refuse every epoch older than `epoch`.
  virtual void on_promise(std::uint32_t, std::uint32_t, std::uint32_t) {}
  /// The gap-free durable log of a follower (Process::id()) was cut back, emptied or begun anew and now ends here.
  virtual void on_follower_cut(std::uint32_t, std::uint32_t, const Bookmark&) {}
  /// A follower (Process::id()) writes `entry`, which names `previous`, behind `last`, the end of what it holds; at a
  /// start it says this of an entry that it found and that does not continue what is before it.
  virtual void on_follower_stored(std::uint32_t, std::uint32_t, const Bookmark& /*last*/, const Bookmark& /*previous*/,
                                  const Bookmark& /*entry*/) {}
  /// A follower (Process::id()) cuts its log after `after`; it knows that `confirmed` is confirmed.
  virtual void on_follower_rewound(std::uint32_t, std::uint32_t, const Bookmark& /*after*/,
                                   const Bookmark& /*confirmed*/) {}
  /// A leader (Process::id()) begins to serve in `epoch` with the state at `position`, which is confirmed.
  virtual void on_leader(std::uint32_t, std::uint32_t, std::uint32_t, const Bookmark&) {}
  /// A leader (Process::id()) of `epoch` is gone: crashed, deposed, retired or evicted.
  virtual void on_leader_gone(std::uint32_t, std::uint32_t, std::uint32_t) {}
  /// Time Travel: the entry `restored`, which a leader has just committed, holds the state at `target`; `undo` was the
  /// newest entry before it. Like any entry it may yet be lost.
  virtual void on_restore(std::uint32_t, const Bookmark&, const Bookmark&, const Bookmark&) {}
  /// Time Travel: asked for the time `asked`, a leader of which everything up to `newest` is confirmed names `found`:
  /// of the entries up to `newest`, the last that was committed by then by the clocks of those that committed.
  virtual void on_time_found(std::uint32_t /*database*/, sim::Instant /*asked*/, const Bookmark& /*newest*/,
                             const Bookmark& /*found*/) {}
  /// A leader accepted a replica, which holds nothing after `kept` now: hidden entries beyond it were dropped. What was
  /// confirmed up to now and is not visible yet need not give a lag sample.
  virtual void on_resumed(std::uint32_t, std::uint32_t, const Bookmark&) {}
  /// A request of a session failed at a copy (database, session, may it still take effect, the entry that it made or
  /// origin): a definite error means no effect ever.
  virtual void on_failure(std::uint32_t, std::uint32_t, bool, const Bookmark&) {}
  /// A statement (its text, what was bound to it) of a request of a session ran in the transaction that became `entry`;
  /// the request may not have an answer yet, or ever.
  virtual void on_created(std::uint32_t /*database*/, std::uint32_t /*session*/, std::string_view /*sql*/,
                          std::span<const SqlValue> /*params*/, const Bookmark& /*entry*/) {}
  // Requests at a database copy.
  virtual void on_response(const ResponseTruth& response) = 0;
};

}  // namespace tidemark::model
