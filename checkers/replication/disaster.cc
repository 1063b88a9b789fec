// What faults beyond the budget took: when do they account for the loss of confirmed entries?
#include <fmt/format.h>

#include <algorithm>

#include "checkers/replication/checker_state.h"

namespace tidemark::checkers {

void ReplicationChecker::on(const ContentLost& record) {
  DatabaseState& database = state_->database(record);
  if (database.abandoned) return;
  NodeState& node = state_->node(database, record.follower);
  NodeState::Struck& struck = node.struck;
  struck.held = database.now(node.most);
  struck.any = true;
  struck.knows = struck.knows && record.noticed;
}

bool ReplicationChecker::State::struck(const DatabaseState& database) const {
  return std::any_of(database.nodes.begin(), database.nodes.end(),
                     [](const NodeState& node) { return node.struck.any; });
}

/// Followers of the set that would hold the entry, had each kept what no fault took from it.
std::uint32_t ReplicationChecker::State::would_hold(DatabaseState& database, Ordinal ordinal) const {
  std::uint32_t count = 0;
  for (NodeState& node : database.nodes) {
    if (node.booted || !(node.in_set || node.in_joint)) continue;
    // What one says that cannot know what it lost proves nothing; what one says that knows counts as of now.
    const Ordinal held = !node.struck.any    ? database.now(node.most).common
                         : node.struck.knows ? database.now(node.durable).common
                                             : 0;
    if (held >= ordinal) ++count;
  }
  return count;
}

/// May a leader that made no mistake go on after `kept`? Followers that know what they lost do not count when it asks,
/// so one that held the next entry and does not know must be among those that do.
bool ReplicationChecker::State::excused_leader(DatabaseState& database, Ordinal kept) const {
  if (!options.beyond_budget || database.mistaken || would_hold(database, kept + 1) >= options.quorum) return false;
  return std::any_of(database.nodes.begin(), database.nodes.end(), [&](NodeState& node) {
    return node.struck.any && !node.struck.knows && database.now(node.struck.held).common > kept;
  });
}

/// May what comes after `kept` be in no log and not in cold storage?
bool ReplicationChecker::State::excused_loss(DatabaseState& database, Ordinal kept) const {
  if (!options.beyond_budget || database.mistaken || would_hold(database, kept + 1) > 0) return false;
  return std::any_of(database.nodes.begin(), database.nodes.end(),
                     [&](NodeState& node) { return node.struck.any && database.now(node.struck.held).common > kept; });
}

/// The newest place on the main line up to which everything is in the log of a follower of the set or in cold storage.
Ordinal ReplicationChecker::State::newest_copy(DatabaseState& database) const {
  Ordinal best = 0;
  for (NodeState& node : database.nodes)
    if (node.in_set || node.in_joint) best = std::max(best, database.now(node.durable).common);
  return best >= database.confirmed ? best : std::max(best, cold_prefix(database));
}

std::string ReplicationChecker::State::no_copy_text(const DatabaseState& database, Ordinal best) const {
  return fmt::format("no follower of the set and no cold storage holds what is confirmed up to {}; the most is {}",
                     at(database, database.confirmed), at(database, best));
}

void ReplicationChecker::State::report_loss(DatabaseState& database, const Record& record, Ordinal kept,
                                            const std::string& text) {
  database.lost = database.confirmed - std::min(kept, database.confirmed);
  tally.confirmed_lost += database.lost;
  const std::string note = fmt::format("budget exceeded: {} writes lost. {}, database {}: {}.", database.lost,
                                       show_at(record), database_name(record.db), text);
  Finding& finding = findings[static_cast<std::size_t>(Invariant::kDur)];
  std::string& told = options.loss_is_unknown ? finding.unknown : finding.note;
  told += (told.empty() ? "" : "\n") + note;
}

/// The end of a run in which a disk lost its content: is all that was confirmed still somewhere?
void ReplicationChecker::on(const RunEnded& record) {
  DatabaseState& database = state_->database(record);
  const bool told = database.abandoned || database.confirmed == 0 || !database.followers_known;
  if (told || !state_->options.beyond_budget || !state_->struck(database)) return;
  const Ordinal best = state_->newest_copy(database);
  if (best >= database.confirmed) return;
  const std::string text = state_->no_copy_text(database, best);
  if (state_->excused_loss(database, best)) return state_->report_loss(database, record, best, text);
  state_->violate(Invariant::kGc, record, text);
}

std::uint64_t ReplicationChecker::lost_beyond_budget(DatabaseIndex db) const {
  return db < state_->databases.size() ? state_->databases[db].lost : 0;
}

bool ReplicationChecker::went_on_without() const {
  return std::any_of(state_->databases.begin(), state_->databases.end(),
                     [](const DatabaseState& database) { return database.abandoned; });
}

}  // namespace tidemark::checkers
