// What HistoryRecorder holds for each database. Private to it.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scenarios/run/entry_fates.h"
#include "scenarios/run/history_recorder.h"

namespace tidemark::scenarios {

/// What belongs to one database: its file, its checkers, its open operations.
struct HistoryRecorder::Judge {
  std::unique_ptr<checkers::HistoryWriter> writer;
  std::optional<checkers::KnownOrderChecker> order;
  std::optional<checkers::SessionChecker> sessions;
  std::map<std::uint32_t, Open> open;                             // by process
  std::set<std::pair<std::int64_t, std::uint32_t>> open_by_time;  // (invoked, process)
  /// Records by completion. A request of several queries ends later than its first query did, so a record is kept until
  /// nothing that is still open can bring an earlier one: a history is in the order of completion.
  std::multimap<std::int64_t, checkers::Operation> held;
  /// Operations of unknown outcome, by session: their requests may still make an entry.
  struct Unanswered {
    std::uint32_t process = 0;
    Open open;
    std::optional<std::uint64_t> index;  // once its record was handed on
  };
  std::map<std::uint32_t, std::vector<Unanswered>> unanswered;
  std::deque<std::pair<std::int64_t, std::uint32_t>> ended;  // (when, session): their records may still be held
  std::uint64_t next_index = 0;
  std::uint64_t since_advance = 0;
  std::int64_t now_ns = 0;
  struct Restore {
    model::Bookmark restored, target;
    sim::Instant began;
  };
  std::vector<Restore> restores;  // open
  EntryFates fates;
  /// The newest different tables that were read: every copy shows one of a few states, so most reads find theirs here.
  struct Table {
    Digest128 digest;
    checkers::OrderRows rows;
  };
  std::array<Table, 16> tables;
  std::size_t next_table = 0;
};

}  // namespace tidemark::scenarios
