#include "model/apps/edge_cache/edge_changes.h"

#include <algorithm>

namespace tidemark::model {

std::string EdgeChange::says() const {
  const std::string quoted = " \"" + text + "\"";
  if (kind == Kind::kRenamed) return "renamed item " + std::to_string(item) + " to" + quoted;
  if (kind == Kind::kRelabelled) return "relabelled category " + std::to_string(category) + " as" + quoted;
  return "added item " + std::to_string(item) + quoted + " to category " + std::to_string(category);
}

std::int64_t EdgeChanges::wrote(const EndedAction& action, const ShownPage& shown) {
  if (shown.rows.empty() || action.action.values.empty()) return 0;
  const ShownPage::Row& row = shown.rows.front();
  EdgeChange change;
  change.kind = EdgeChange::Kind::kRenamed;
  if (action.action.name == "relabel") change.kind = EdgeChange::Kind::kRelabelled;
  const auto* const text = std::get_if<std::string>(&action.action.values.back());
  // An item that is added again, after a lost answer, may have been renamed since: the row is another write's then.
  const bool another = text == nullptr || *text != row.name;
  if (action.action.name == "add" && !another) change.kind = EdgeChange::Kind::kAdded;
  change.item = change.kind == EdgeChange::Kind::kRelabelled ? 0 : row.id;
  change.category = row.category;
  change.text = row.name;
  change.session = another ? 0 : action.session;
  change.acknowledged = action.completed;
  const auto [known, first] = known_.try_emplace(row.revision, change);
  if (!first && known->second.session == 0) known->second = change;
  return another ? 0 : row.revision;
}

void EdgeChanges::saw(const EndedAction& action, const ShownPage& shown) {
  const auto note = [&](std::int64_t revision, EdgeChange change) {
    if (revision == 0) return;
    change.acknowledged = action.completed;
    known_.try_emplace(revision, std::move(change));
  };
  for (const ShownPage::Row& row : shown.rows)
    note(row.revision, {EdgeChange::Kind::kRenamed, row.id, row.category, row.name, 0, {}});
  if (action.action.name == "list")
    note(shown.label_revision, {EdgeChange::Kind::kRelabelled, 0, number_of(action.action, 0), shown.label, 0, {}});
}

bool EdgeChanges::touches(const EdgeChange& change, const ActionBody& page, const ShownPage& shown) {
  const bool relabels = change.kind == EdgeChange::Kind::kRelabelled;
  if (page.name == "item") return !relabels && change.item == number_of(page, 0);
  const bool here = page.name == "newest" || change.category == number_of(page, 0);
  if (relabels) return page.name == "list" && here;
  if (change.kind == EdgeChange::Kind::kAdded) return here;
  return std::any_of(shown.rows.begin(), shown.rows.end(), [&](const auto& row) { return row.id == change.item; });
}

}  // namespace tidemark::model
