// The inner state of ReplicationChecker.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "checkers/replication/chain.h"
#include "checkers/replication/replication_checker.h"

namespace tidemark::checkers {

enum class Invariant : std::uint8_t {
  kQ,
  kLog,
  kHide,
  kTxn,
  kImg,
  kBm,
  kVmono,
  kCmono,
  kWait,
  kMeta,
  kFresh,
  kGate,
  kCkpt,
  kSnap,
  kLag,
  kGc,
  kCount
};

struct NodeState {
  bool is_follower = true;
  Ordinal durable = 0;
  bool booted = false;  // is a replica
  Ordinal received = 0;
  bool received_fork = false;
  Ordinal visible = 0;
  Ordinal confirmed = 0;
  std::uint64_t confirmed_key = 0;
  Ordinal sampled = 0;  // the newest lag sample since the boot
  Ordinal excused = 0;  // was confirmed before the boot: needs no sample
};

struct DatabaseState {
  Chain chain;
  std::vector<NodeState> nodes;
  bool followers_known = false;
  Ordinal confirmed = 0;  // the leader's mark
  struct Ack {
    std::int64_t sent_ns;
    Ordinal ordinal;  // greatest so far
  };
  std::deque<Ack> acks;  // ascending by sent_ns
  void note_acknowledged(std::int64_t sent_ns, Ordinal ordinal);
  std::vector<Ordinal> snapshots;  // ordinals; the empty database counts as one
  struct Range {
    Ordinal from, to;
  };
  std::vector<Range> segments;  // merged, ascending
};

struct ReplicationChecker::State {
  struct Finding {
    std::uint64_t observations = 0;
    std::string witness;
    std::string unknown;
  };

  ReplicationOptions options;
  std::vector<DatabaseState> databases;
  std::array<Finding, static_cast<std::size_t>(Invariant::kCount)> findings;
  bool any_violation = false;

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
  std::string node_name(NodeIndex index) const;
  std::string at(const DatabaseState& database, Ordinal ordinal) const;
  void prune(DatabaseState& database);
  void check_confirmation(DatabaseState& database, const Confirmed& record, Ordinal ordinal);
  void check_pages(Invariant invariant, const DatabaseState& database, const Record& record,
                   std::span<const PageImage> pages, Ordinal ordinal, bool full, const std::string& who);
  void check_session(const Response& record);
  void check_meta(const Response& record);
  void check_age(DatabaseState& database, const Response& record, Ordinal state);
  Ordinal cold_prefix(const DatabaseState& database) const;
};

std::string show(const Position& position);

}  // namespace tidemark::checkers
