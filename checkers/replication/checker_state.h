// The inner state of ReplicationChecker.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "checkers/replication/chain.h"
#include "checkers/replication/replication_checker.h"

namespace tidemark::checkers {

enum class Invariant : std::uint8_t {
  kQ,
  kDur,
  kLog,
  kOne,
  kCmono,
  kBm,
  kFence,
  kHide,
  kTxn,
  kVmono,
  kWait,
  kFresh,
  kMeta,
  kImg,
  kSnap,
  kPitr,
  kGc,
  kCkpt,
  kGate,
  kErr,
  kLag,
  kRes,
  kCount
};

/// What a node holds of the log: everything up to `position`, of which everything up to `common` is on the main line.
struct Held {
  Position position;
  Ordinal common = 0;
  bool on_chain = true;
  std::uint64_t switches = 0;  // of the chain when `common` was found
};

/// Events of one kind within the second that began at `since_ns`.
struct Rate {
  std::int64_t since_ns = 0;
  std::uint32_t count = 0;
  std::uint32_t note(std::int64_t at_ns);
};

struct NodeState {
  // Followers.
  bool in_set = true;     // of the current set
  bool in_joint = false;  // of the other set while one is being replaced
  Held durable;
  Held most;  // the furthest that was ever durable
  Held lost;  // was durable before the last cut: acks that left then were true
  /// A fault has spoilt what it stored.
  struct Struck {
    bool any = false;
    bool knows = true;  // of each of them
    Held held;          // the most that it held before one of them
  };
  Struck struck;
  struct Promise {
    std::uint32_t epoch = 0;
    Held held;  // durable when the promise was given
  };
  std::vector<Promise> promises;  // ascending, the newest few
  /// The end of what it has written, durable or not; nothing while it is not known, as at the start of a copy.
  std::optional<Position> stored;
  std::optional<Position> rewound;  // where its log is about to end, by a cut that it said before
  std::int64_t durable_since_ns = 0;
  std::uint32_t late_acks = 0;  // in a row
  Position last_ack;
  Rate repeated_acks;
  // Followers and leaders.
  std::uint64_t confirmed_key = 0;
  // Replicas.
  bool booted = false;
  Held received;
  Ordinal visible = 0;
  Ordinal sampled = 0;  // the newest lag sample since the boot
  Ordinal excused = 0;  // was confirmed before the boot or the last resumption: needs no sample
  std::uint32_t boots_in_vain = 0;
  Rate resumes;
};

struct DatabaseState {
  Chain chain;
  std::vector<NodeState> nodes;
  bool followers_known = false;
  std::uint32_t set_size = 0;  // of the current set; 0 while unknown
  bool joint = false;
  Ordinal confirmed = 0;
  /// Per epoch, the newest few: what was issued and what was confirmed.
  struct Epoch {
    std::uint32_t epoch = 0;
    std::uint32_t issued = 0;  // highest sequence
    std::uint64_t confirmed_key = 0;
    bool served = false;
  };
  std::deque<Epoch> epochs;  // ascending
  Epoch& epoch(std::uint32_t number);
  /// The leader of the newest epoch that has begun to serve.
  std::uint32_t serving_epoch = 0;
  NodeIndex serving_node = 0;
  std::int64_t serving_since_ns = 0;
  std::uint32_t promised_epoch = 0;  // the newest that anybody promised
  std::uint32_t epochs_in_vain = 0;  // begun since a leader served
  struct Ack {
    std::int64_t sent_ns;
    Ordinal ordinal;  // greatest so far
  };
  std::deque<Ack> acks;  // ascending by sent_ns
  void note_acknowledged(std::int64_t sent_ns, Ordinal ordinal);
  std::vector<Position> failed;  // entries of requests that failed for good, not decided yet
  struct Snapshot {
    Ordinal ordinal;
    std::int64_t stored_ns;
  };
  std::vector<Snapshot> snapshots;  // the empty database counts as one until something is removed
  bool from_origin = true;          // nothing was removed from cold storage
  struct Range {
    Ordinal from, to;
  };
  std::vector<Range> segments;  // merged, ascending
  Ordinal trimmed = 0;          // the furthest trim of any follower
  bool abandoned = false;       // confirmed entries were lost, beyond the budget: nothing more can be judged
  std::uint64_t lost = 0;       // so many
  bool mistaken = false;        // some were lost that no fault accounts for: nothing is excused any more

  Held hold(const Position& position) const;
  /// Brings `held` up to the main line of now.
  const Held& now(Held& held) const;
  /// How far what the follower has acknowledged reaches on the main line; for an epoch: before it promised a later one.
  Ordinal counted(NodeState& node) const;
  Ordinal counted_before_promise(NodeState& node, std::uint32_t epoch) const;
};

struct ReplicationChecker::State {
  struct Finding {
    std::uint64_t observations = 0;
    std::string witness;
    std::int64_t at_ns = 0;  // of the witness
    std::string unknown;
    std::string note;  // of a valid verdict
  };
  /// The first entry that was shown too early: what became of it is told at the end.
  struct Exposed {
    bool any = false;
    DatabaseIndex db = 0;
    Position position;
  };

  ReplicationOptions options;
  std::vector<DatabaseState> databases;
  std::array<Finding, static_cast<std::size_t>(Invariant::kCount)> findings;
  bool any_violation = false;
  Exposed exposed;
  ReplicationTally tally;

  DatabaseState& database(const Record& record);
  NodeState& node(DatabaseState& database, NodeIndex index);
  void saw(Invariant invariant) { ++findings[static_cast<std::size_t>(invariant)].observations; }
  /// Keeps the first violation of the invariant. `text` is a callable, so that valid runs build no strings.
  template <typename Text>
  void check(Invariant invariant, const Record& record, bool holds, const Text& text) {
    saw(invariant);
    if (!holds) [[unlikely]]
      violate(invariant, record, text());
  }
  void violate(Invariant invariant, const Record& record, const std::string& text);
  void undecided(Invariant invariant, const std::string& text);
  void expose(const Record& record, const Position& position);
  std::string fate_of_exposed() const;
  std::string database_name(DatabaseIndex index) const;
  std::string node_name(NodeIndex index) const;
  std::string at(const DatabaseState& database, Ordinal ordinal) const;
  std::string holders_text(DatabaseState& database, Ordinal (DatabaseState::*how)(NodeState&) const);
  void prune(DatabaseState& database);
  void check_pages(Invariant invariant, const DatabaseState& database, const Record& record,
                   std::span<const PageImage> pages, Ordinal ordinal, bool full, const std::string& who);

  // takeover.cc
  void check_quorum(DatabaseState& database, const Confirmed& record, Ordinal ordinal);
  void check_promptness(NodeState& node, const AckSent& record);
  void check_fence(DatabaseState& database, const Confirmed& record, Ordinal ordinal);
  void move_confirmed(DatabaseState& database, const Record& record, Ordinal ordinal);
  void lose(DatabaseState& database, const Record& record, Ordinal kept, bool excused, const std::string& text);
  void check_copies(DatabaseState& database, const Record& record);
  // disaster.cc
  bool struck(const DatabaseState& database) const;
  std::uint32_t would_hold(DatabaseState& database, Ordinal ordinal) const;
  bool excused_leader(DatabaseState& database, Ordinal kept) const;
  bool excused_loss(DatabaseState& database, Ordinal kept) const;
  Ordinal newest_copy(DatabaseState& database) const;
  std::string no_copy_text(const DatabaseState& database, Ordinal best) const;
  void report_loss(DatabaseState& database, const Record& record, Ordinal kept, const std::string& text);
  // answers.cc
  void check_failed(DatabaseState& database, const Record& record);
  void check_session(const Response& record);
  void check_meta(const Response& record);
  void check_former_leader(DatabaseState& database, const Response& record);
  void check_age(DatabaseState& database, const Response& record, Ordinal state);
  // cold.cc
  Ordinal cold_prefix(const DatabaseState& database) const;
  bool same_image(const DatabaseState& database, const Record& record, Ordinal restored, Ordinal target);
};

std::string show(const Position& position);
/// "At 3.000000000 s"
std::string show_at(const Record& record);

}  // namespace tidemark::checkers
