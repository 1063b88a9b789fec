// Replica: what a page holds of one channel: rows by the rules of the library, or by those of the repairs. It outlives
// pages and crashes: the browser keeps it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/apps/sync/semantics.h"

namespace tidemark::model::sync {

/// One item. Columns in this order: id, votes, created_at, updated_at, deleted_at, revision.
struct Row {
  std::string votes;  // numbers of the actions that voted for it, joined by commas
  std::string created_at, updated_at;
  std::string deleted_at;  // "" = live
  std::int64_t revision = 0;
};
using Rows = std::map<std::int64_t, Row>;

class Replica {
 public:
  /// Rows of a sync or a broadcast; true when something is missing before them (revisions only).
  bool take(const ResultSetRef& rows, const Semantics& semantics);
  /// A sync has brought everything up to this revision.
  void reached(std::int64_t revision);

  /// What the next sync asks for; null: everything.
  SqlValue since(const Semantics& semantics) const;
  /// Everything up to here is in it, and nothing beyond.
  std::int64_t revision() const { return complete_; }
  bool gapless() const { return newest_ <= complete_; }
  /// Tombstones among them.
  const Rows& rows() const { return rows_; }

 private:
  Rows rows_;
  std::int64_t complete_ = 0;
  std::int64_t newest_ = 0;
};

/// Does a list of votes hold this one?
bool has_vote(const std::string& votes, std::int64_t action);
/// What an action makes of the live rows, as far as they allow it. `type`: "add", "vote" or "remove". Doing it twice
/// changes nothing more.
void apply_action(Rows& live, const std::string& type, std::int64_t action, std::int64_t item);

}  // namespace tidemark::model::sync
