// The messages between the hops. Each is immutable and shared by reference (sim/core/payload.h); sizes on the wire are
// those of a plain binary encoding.
//
// Requests and answers between worker, replica and primary (D1Request, D1Response) carry an id chosen by the sender;
// the answer comes back on the same connection with the same id. Between clients and workers see protocol/http.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/types/bookmark.h"
#include "model/types/entry.h"
#include "model/types/value.h"
#include "sim/core/payload.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// Payload::type() of every message. Part of the trace: append, never renumber.
enum class MessageType : std::uint16_t {
  kAppend = 1,
  kAck = 2,
  kConfirm = 3,
  kTrim = 4,
  kRegister = 5,
  kRegistered = 6,
  kSeal = 7,
  kSealed = 8,
  kFetch = 9,
  kFetched = 10,
  kJoin = 11,
  kD1Request = 16,
  kD1Response = 17,
  kRestoreRequest = 18,
  kRestoreResponse = 19,
  kHttpRequest = 32,
  kHttpResponse = 33,
  kSocketFrame = 34,
  kAppoint = 48,
  kLeaderReport = 49,
  kGrant = 50,
  kReconfigure = 51,
  kReconfigured = 52,
  kReconfiguredAck = 53,
  kRetire = 54,
  kWake = 55,
};

/// Leader -> followers and replicas, the same object to all: entries that follow each other in the log.
struct Append final : sim::Payload {
  Append() : Payload(static_cast<std::uint16_t>(MessageType::kAppend)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
  std::vector<EntryRef> entries;  // at least one
};

/// What a follower is to the quorum. Only a member's log counts, for confirmation and for takeover.
enum class FollowerState : std::uint8_t {
  kBlank,    // never joined, or its disk was emptied: it holds nothing and remembers nothing
  kLearner,  // joined with a base; its log does not yet reach the position that it was told to reach
  kMember,   // holds everything after its base that it ever acknowledged
  kDamaged,  // lost something that it may have acknowledged: waits for a Join
};

/// Follower -> leader: everything up to `bookmark` (its digest says which log) is durable here.
struct Ack final : sim::Payload {
  Ack() : Payload(static_cast<std::uint16_t>(MessageType::kAck)) {}
  std::uint32_t wire_bytes() const override { return 80; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t follower = 0;  // Process::id()
  std::uint32_t epoch = 0;     // newest promise of the follower: larger than the leader's = the leader is deposed
  Bookmark bookmark;
  FollowerState state = FollowerState::kMember;
  /// Of the Join that the log began with: acks of an earlier life of the log do not count for this one.
  std::uint64_t generation = 0;
  Bookmark base;  // the log begins after it
};

/// Leader -> followers and replicas: everything up to `bookmark` is confirmed. The bookmark carries epoch and digest,
/// so a confirm can never be taken for another entry with the same number.
struct Confirm final : sim::Payload {
  Confirm() : Payload(static_cast<std::uint16_t>(MessageType::kConfirm)) {}
  std::uint32_t wire_bytes() const override { return 80; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
  Bookmark bookmark;
  sim::Instant confirmed_at;  // at the leader: when the quorum was reached (for lag samples)
  /// For lag samples only, not charged on the wire: when this message was sent, and the entries that it confirms and no
  /// Confirm before it did, oldest first, each with the instant of its quorum.
  struct Newly {
    Bookmark bookmark;
    sim::Instant at;
  };
  sim::Instant flushed_at;
  std::vector<Newly> newly;
};

/// Leader -> followers: everything up to `bookmark` is in cold storage and may be dropped.
struct Trim final : sim::Payload {
  Trim() : Payload(static_cast<std::uint16_t>(MessageType::kTrim)) {}
  std::uint32_t wire_bytes() const override { return 80; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
  Bookmark bookmark;
};

/// Replica leader -> leader: ship me every entry after `have`.
struct Register final : sim::Payload {
  Register() : Payload(static_cast<std::uint16_t>(MessageType::kRegister)) {}
  std::uint32_t wire_bytes() const override { return 96; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t replica = 0;  // Process::id()
  /// Of this question; grows over all lives of the replica, and the answer repeats it: neither side takes a copy of an
  /// earlier one for the newest. Digests leave it out.
  std::uint64_t number = 0;
  std::uint32_t epoch = 0;  // of the leader that `have` came from
  Bookmark have;            // newest entry here, hidden or not; counts when `epoch` is the leader's own
  Bookmark visible;         // newest published entry: confirmed, so on the log of every later leader
};

/// Leader -> replica leader: accepted (the entries after `have` follow on this connection), or the leader no longer
/// holds them (boot again from cold storage).
struct Registered final : sim::Payload {
  Registered() : Payload(static_cast<std::uint16_t>(MessageType::kRegistered)) {}
  std::uint32_t wire_bytes() const override { return 96; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  bool accepted = false;
  std::uint64_t number = 0;  // of the Register
  std::uint32_t epoch = 0;
  Bookmark confirmed;
  /// Entries follow after this position (the `have` or the `visible` of the request): what is hidden beyond it here is
  /// not of this leader's log and must be dropped.
  Bookmark after;
};

/// New leader -> followers: from now on refuse every epoch older than this one. Answered by Sealed once the promise is
/// durable.
struct Seal final : sim::Payload {
  Seal() : Payload(static_cast<std::uint16_t>(MessageType::kSeal)) {}
  std::uint32_t wire_bytes() const override { return 40; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
};

/// Follower -> new leader. `epoch` is the follower's promise: larger than the Seal's means refused.
struct Sealed final : sim::Payload {
  Sealed() : Payload(static_cast<std::uint16_t>(MessageType::kSealed)) {}
  std::uint32_t wire_bytes() const override { return 200; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t follower = 0;  // Process::id()
  std::uint32_t epoch = 0;
  FollowerState state = FollowerState::kBlank;
  std::uint64_t generation = 0;
  Bookmark base;       // the log begins after it (trimmed entries are before it)
  Bookmark last;       // newest durable entry; base when the log is empty
  Bookmark confirmed;  // newest entry that it knows to be confirmed
};

/// New leader -> follower: send the entries after `after`, which the follower must hold (or have as its base).
struct Fetch final : sim::Payload {
  Fetch() : Payload(static_cast<std::uint16_t>(MessageType::kFetch)) {}
  std::uint32_t wire_bytes() const override { return 100; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
  Bookmark after;
  std::uint32_t most_entries = 64;
};

/// Follower -> leader. Not ok: `after` is not on this log any more, an entry could not be read, or the epoch is over.
struct Fetched final : sim::Payload {
  Fetched() : Payload(static_cast<std::uint16_t>(MessageType::kFetched)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t follower = 0;  // Process::id()
  std::uint32_t epoch = 0;
  bool ok = false;
  Bookmark after;                 // of the Fetch
  std::vector<EntryRef> entries;  // consecutive; fewer than asked = the durable end of the log
};

/// Leader -> follower that is blank, damaged or too far behind: forget your log and begin anew after `base`, which is
/// in cold storage (or the origin). You are a learner until `target` is durable, then a member.
struct Join final : sim::Payload {
  Join() : Payload(static_cast<std::uint16_t>(MessageType::kJoin)) {}
  std::uint32_t wire_bytes() const override { return 160; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t epoch = 0;
  std::uint64_t generation = 0;  // larger than that of every earlier Join of this follower
  Bookmark base;
  Bookmark target;
};

struct Statement {
  std::string sql;
  std::vector<SqlValue> params;
};

/// Worker -> Durable Object, and replica -> primary when forwarded.
struct D1Request final : sim::Payload {
  D1Request() : Payload(static_cast<std::uint16_t>(MessageType::kD1Request)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint64_t id = 0;
  std::uint32_t database = 0;
  bool batch = false;      // one transaction, results per statement
  bool forwarded = false;  // came through a replica
  std::vector<Statement> statements;
  SessionToken token;          // bookmark, constraint, or nothing
  std::uint32_t session = 0;   // for observers only: the checkers' session
  sim::Instant first_arrival;  // for observers only: when it reached the first Durable Object (forwarded requests)
};

/// Documented fields of the D1 result's meta object (return-object docs).
struct ResultMeta {
  std::string served_by = "v3-tidemark";
  std::string served_by_region;
  std::string served_by_colo;
  bool served_by_primary = false;
  std::int64_t sql_duration_ns = 0;
  std::int64_t duration_ns = 0;
  std::int64_t changes = 0;
  std::int64_t last_row_id = 0;
  bool changed_db = false;
  std::int64_t size_after = 0;
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;
  std::uint32_t total_attempts = 1;
};

struct StatementResult {
  ResultSetRef rows;
  ResultMeta meta;
};

/// For observers only, never on the wire: what the copy that executed a request did. Travels with the answer so that
/// the copy that was asked first can report it when it forwarded the request.
struct ExecutionTruth {
  std::uint32_t node = 0;  // Process::id(); 0 when nothing was executed
  bool primary = false;
  std::string_view region;  // lives as long as the cluster
  Bookmark state;           // the state that was read
  Bookmark created;         // the entry that was made; origin when none
  sim::Instant sent;        // when the answer left that copy, after its gate
};

struct D1Response final : sim::Payload {
  D1Response() : Payload(static_cast<std::uint16_t>(MessageType::kD1Response)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint64_t id = 0;
  bool success = false;
  std::string error;       // "D1_ERROR: no such table: Orders: SQLITE_ERROR"
  bool retryable = false;  // transient: D1 itself may retry when every statement only reads
  std::vector<StatementResult> results;
  SessionToken bookmark;         // kNone when there is none
  bool outcome_unknown = false;  // failures: a write of the request may have taken effect or may still do so
  ExecutionTruth truth;
};

}  // namespace tidemark::model
