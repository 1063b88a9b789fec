// Ground truth: the plain records from which the replication invariants are judged.
//
// An adapter outside this room watches the nodes from above (it sees what no node can see) and feeds these records in
// the order of virtual time. Records only borrow memory: spans and string views need to live as long as the call they
// are passed to. Positions are points of the log of one database: after the entry with that (epoch, sequence). The zero
// position {0, 0, {}} is the empty database before the first entry.
//
// Nodes are small dense numbers per run (primary, followers and replicas share one numbering); `db` is a small dense
// index of the database. Instants are nanoseconds of virtual time.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/digest.h"

namespace tidemark::checkers {

using NodeIndex = std::uint32_t;
using DatabaseIndex = std::uint32_t;

/// A point in the log. Ordered by (epoch, sequence); equal only if the running digest is equal too.
struct Position {
  std::uint32_t epoch = 0;
  std::uint32_t sequence = 0;
  Digest128 digest;

  friend constexpr bool operator==(const Position&, const Position&) = default;
  /// (epoch, sequence) as one number that orders like the bookmark text.
  constexpr std::uint64_t key() const { return (static_cast<std::uint64_t>(epoch) << 32) | sequence; }
};

struct PageImage {
  std::uint32_t pgno = 0;
  Digest128 digest;  // digest_bytes of the page; zero: the disk does not give it back as it was written
};

/// The members that every record starts with.
struct Record {
  std::int64_t at_ns = 0;
  DatabaseIndex db = 0;
};

/// The set of followers whose acks count from now on. Without any such record every follower counts. While a follower
/// is being replaced, `joint` is the other set that must agree as well; empty = there is one set only.
struct FollowerSet : Record {
  std::span<const NodeIndex> followers;
  std::span<const NodeIndex> joint;
};

/// A follower has promised durably to refuse every epoch older than `epoch`.
struct Promised : Record {
  NodeIndex follower = 0;
  std::uint32_t epoch = 0;
};

/// The gap-free durable log of a follower was cut back, lost, emptied or begun anew and ends at `position` now. Unlike
/// Durable it says that what was there may be gone; acks that left before it were true then.
struct FollowerCut : Record {
  NodeIndex follower = 0;
  Position position;
};

/// A fault destroyed content of a follower's disk, or made it untrue. Told before the follower or a leader says what
/// follows from it; at_ns may be earlier.
struct ContentLost : Record {
  NodeIndex follower = 0;
  bool noticed = false;  // files are gone, so that the follower can tell; else it may or may not
};

/// A follower writes the entry at `position`, chained to `previous`, behind `last`, the end of what it holds; or finds
/// it there at a start.
struct FollowerStored : Record {
  NodeIndex follower = 0;
  Position last;
  Position previous;
  Position position;
};

/// A follower is about to cut its log after `position`; it knows that `confirmed` is confirmed.
struct FollowerRewound : Record {
  NodeIndex follower = 0;
  Position position;
  Position confirmed;
};

/// A leader begins to answer requests in `epoch`. Everything up to `position` is confirmed.
struct LeaderServes : Record {
  NodeIndex node = 0;
  std::uint32_t epoch = 0;
  Position position;
  std::span<const PageImage> pages;  // every page that stock SQLite reads there; empty = not compared
};

/// That leader does not serve any more, and knows it.
struct LeaderGone : Record {
  NodeIndex node = 0;
  std::uint32_t epoch = 0;
};

/// A process started anew and has forgotten what was not on its disk.
struct NodeRestarted : Record {
  NodeIndex node = 0;
};

/// The primary made a log entry. Emit before the entry is sent to anybody.
struct EntryCommitted : Record {
  NodeIndex primary = 0;
  Position position;
  Position previous;                 // the entry it was chained to; a takeover may go back to an earlier one
  std::span<const PageImage> pages;  // what the entry changes
  std::uint32_t size_pages = 0;      // database size after the entry
  bool is_transaction_end = true;    // truth from SQLite's commit frame, not from the entry
  std::int64_t committed_ns = 0;     // by the clock of the primary, which can be off
};

/// The gap-free durable log of a follower now ends at `position` (also after a cut, a crash or a lost sync: may go
/// back).
struct Durable : Record {
  NodeIndex follower = 0;
  Position position;
};

/// A follower sent an acknowledgement of `position` and everything before.
struct AckSent : Record {
  NodeIndex follower = 0;
  Position position;
};

/// A node moved its confirmed mark. For a leader this opens the gate (`opens_gate`); the epoch of the position says
/// which leader it is.
struct Confirmed : Record {
  NodeIndex node = 0;
  Position position;
  bool opens_gate = true;
};

/// A replica took the entry into its WAL (hidden or not). Emit for accepted entries only, not for refused ones.
struct EntryReceived : Record {
  NodeIndex replica = 0;
  Position position;
};

/// A replica started with the state at `position` (from a snapshot or its own files): a new incarnation.
struct ReplicaBooted : Record {
  NodeIndex replica = 0;
  Position position;
};

/// A leader accepted the replica, which holds nothing after `kept` now: what was hidden beyond it was dropped.
struct ReplicaResumed : Record {
  NodeIndex replica = 0;
  Position kept;
};

/// A replica moved its visible mark. `pages`: what stock SQLite would now read, at least the changed pages when
/// comparison is on for this publication; empty = not compared (sampling). With `full_image` every page is listed.
struct Published : Record {
  NodeIndex replica = 0;
  Position position;
  std::uint32_t max_frame = 0;
  std::uint32_t size_pages = 0;
  std::span<const PageImage> pages;
  bool full_image = false;
  bool at_transaction_end = true;  // truth from the newest visible frame: does it end a transaction?
};

/// Frames up to `position` were copied into the database file.
struct Checkpointed : Record {
  NodeIndex node = 0;
  bool is_primary = false;
  Position position;
};

struct SnapshotStored : Record {
  Position label;
  std::span<const PageImage> image;  // every page, any order
};

/// Entries after `from` up to and including `to` are in cold storage.
struct SegmentStored : Record {
  Position from;
  Position to;
};

/// An object of cold storage whose newest entry is `up_to` was removed.
struct ColdRemoved : Record {
  Position up_to;
};

/// Time Travel: asked for a time by a clock, a leader names what was the newest entry then, of those up to `newest`,
/// which are confirmed.
struct TimeFound : Record {
  std::int64_t asked_ns = 0;
  Position newest;
  Position found;
};

/// Time Travel: the entry `restored` holds the state at `target`; `undo` is the newest entry before it.
struct Restored : Record {
  Position restored;
  Position target;
  Position undo;
};

/// A follower dropped everything up to and including `position` from its log.
struct Trimmed : Record {
  NodeIndex follower = 0;
  Position position;
};

/// An answer left the gate of the node that ran the query. at_ns = the instant at which it left.
struct Response : Record {
  std::uint64_t operation = 0;  // number for the witness text
  std::uint32_t session = 0;
  NodeIndex node = 0;                  // where the query ran
  bool is_primary = false;             // truth
  std::string_view region;             // truth
  bool claimed_primary = false;        // meta.served_by_primary
  std::string_view claimed_region;     // meta.served_by_region
  std::string_view required_bookmark;  // a bookmark, "first-primary", "first-unconstrained" or empty
  std::string_view returned_bookmark;  // empty when none was returned
  Position state;                      // the state that was read: for a write, the one before it
  bool wrote = false;                  // the query made a log entry
  Position created;                    // that entry, when wrote
  std::int64_t started_ns = 0;         // when the client sent the request
  bool made_up = false;                // the session was opened with a bookmark that no primary has issued
};

/// A request was answered with an error. Definite (`outcome_unknown` false) means: what it did never takes effect.
struct RequestFailed : Record {
  std::uint32_t session = 0;
  bool outcome_unknown = false;
  bool created_entry = false;
  Position created;  // the entry that the request made, when created_entry
};

/// The answer to a request that had to be refused, or to change nothing. `problem` says how it was not; empty: it was.
struct HostileAnswered : Record {
  std::string_view problem;
};

/// How long `position` took from confirmation to visibility at a replica. floor_ns: light in fibre between the two.
struct LagSample : Record {
  NodeIndex replica = 0;
  Position position;
  std::int64_t confirmed_ns = 0;
  std::int64_t published_ns = 0;
  std::int64_t floor_ns = 0;
};

/// End of the run, once per database and replica (`replica_alive` false: excused) after the quiet phase.
struct ReplicaEnded : Record {
  NodeIndex replica = 0;
  bool alive = true;
  Position visible;
};

/// Likewise for the followers of the set: the confirmed mark that each was told, and what it holds.
struct FollowerEnded : Record {
  NodeIndex follower = 0;
  bool alive = true;
  Position confirmed;
  Position durable;
  bool counts = true;          // its word counts for a leader that is to begin: it is a member of the quorum
  std::string_view destroyed;  // not, and this fault proves why; empty: nothing does
};

/// Before RunEnded: a node that can take no part any more, for a reason outside the protocol. Ground truth for excuses.
struct NodeDisabled : Record {
  NodeIndex node = 0;
  std::string_view why;  // "stopped at 12.000000000 s and never started again"
};

/// Likewise: a node that could lead the database, running or not.
struct HostEnded : Record {
  NodeIndex node = 0;
  bool alive = true;
};

/// A request that still waits for a bookmark, a lock or a confirmation when the run ends.
struct WaiterLeft : Record {
  NodeIndex node = 0;
  std::string_view what;
  std::int64_t since_ns = 0;
};

/// End of the run, once per database, after all ReplicaEnded, FollowerEnded and WaiterLeft of it.
struct RunEnded : Record {
  Position confirmed;
  Position committed;                    // last entry of the newest leader
  std::uint64_t pending_operations = 0;  // client operations without an outcome
  std::int64_t oldest_pending_since_ns = 0;
  bool served = true;             // a leader serves
  std::uint64_t writes_lost = 0;  // confirmed entries that are nowhere any more because of faults
};

}  // namespace tidemark::checkers
