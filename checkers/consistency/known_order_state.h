// The inner state of KnownOrderChecker: operations that wait to be judged, sessions, and what was found.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "checkers/consistency/known_order.h"
#include "checkers/consistency/replay.h"
#include "checkers/history/externals.h"

namespace tidemark::checkers {

struct KnownOrderChecker::State {
  struct Session {
    LogPosition cursor = 0;
    std::uint64_t by_index = 0;  // the operation that brought it there
    std::int64_t by_complete_ns = 0;
    std::uint16_t by_region = 0;
    bool by_write = false;
    bool moved = false;
  };

  explicit State(KnownOrderOptions given) : options(given) {}

  void take(const Operation& operation);
  void process(bool everything, std::int64_t watermark_ns);
  void log_writes(bool everything, std::int64_t watermark_ns);
  std::int64_t judge_limit(bool everything, std::int64_t watermark_ns) const;
  void forget(std::int64_t watermark_ns);
  void judge(const Transaction& transaction, LogPosition position);
  void judge_write(const Transaction& transaction, LogPosition position, Session& session);
  void judge_read(const Transaction& transaction, Session& session);
  void note_read(const Transaction& transaction, LogPosition place);
  /// First place >= from where all external reads hold; kLogEnd and `failed` when there is none.
  LogPosition find_reads(LogPosition from, const ExternalRead** failed);
  /// Likewise, and where the rows were that inserts found.
  LogPosition find_place(LogPosition from, const ExternalRead** failed);
  bool holds_before(LogPosition position, const ExternalRead** failed);
  void move(Session& session, const Transaction& transaction, LogPosition to, bool by_write);
  void violate(const Transaction& transaction, const std::string& text);

  // Witness texts (known_order_witness.cc).
  std::string describe(const Transaction& transaction) const;
  std::string where_it_stood(const Session& session) const;
  std::string write_name(LogPosition position) const;
  std::string explain_read(const Transaction& transaction, const Session& session, const ExternalRead* failed);
  std::string explain_content(const ExternalRead& read, LogPosition cursor);
  std::string explain_element(const MicroOp& read, std::int64_t element, std::size_t place);

  KnownOrderOptions options;
  Batch batch;
  std::vector<LogPosition> positions;  // parallel to batch: where a write sits, 0 = not in the log (yet)
  std::vector<std::size_t> unlogged;   // places in batch
  Replay replay;
  Externals externals;
  std::vector<Target> targets;  // parallel to externals.reads()
  std::vector<KeyLog*> logs;    // likewise; the log of the key that was read
  boost::unordered_flat_map<std::uint32_t, Session> sessions;
  struct Ended {
    std::uint64_t fed = 0;  // operations that were fed before it ended
    std::uint32_t session = 0;
  };
  std::deque<Ended> ended;   // to be forgotten once these operations are judged
  std::uint64_t judged = 0;  // operations that left the batch
  boost::unordered_flat_map<std::int64_t, std::uint64_t> failed_elements;  // element -> operation that surely failed

  std::int64_t watermark_ns = INT64_MIN;
  std::uint64_t observations = 0;
  std::uint64_t expired = 0;
  std::string violation;
  std::int64_t violation_ns = 0;  // when the operation ended that contradicts the others
  std::string order_problem;      // bookmarks that form no order: same, too late
  std::int64_t order_problem_ns = 0;
  std::string missing_problem;  // acknowledged writes without a bookmark
  bool mixed_models = false;
};

}  // namespace tidemark::checkers
