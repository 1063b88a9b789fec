#include "model/apps/northwind/northwind_truths.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/apps/northwind/staff.h"
#include "model/apps/northwind/tables.h"

namespace tidemark::model {
namespace {

constexpr std::size_t kMostKept = 6;

std::string session_of(const EndedAction& action) {
  return "session " + std::to_string(action.session);
}

std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  if (!rows || row >= rows->rows() || column >= rows->columns()) return "";
  const Cell& cell = rows->row(row)[column];
  return cell.type == CellType::kText ? std::string(cell.text()) : "";
}

std::string short_text(const std::string& row) {
  constexpr std::size_t kMost = 80;
  return row.size() <= kMost ? row : row.substr(0, kMost) + "...";
}

/// The statements of an exported file.
std::vector<std::string> file_of(const EndedAction& action) {
  std::vector<std::string> file;
  for (const ResultSetRef& rows : action.shown)
    for (std::uint32_t row = 0; rows && row < rows->rows(); ++row) file.push_back(text_at(rows, row, 0));
  return file;
}

/// What is the application's: its tables, and of the schema what belongs to them.
DatabaseContent own_part(DatabaseContent content) {
  std::vector<std::string> names{std::string(northwind::kView)};
  for (const northwind::Table& table : northwind::tables()) names.emplace_back(table.name);
  std::erase_if(content, [&](const auto& entry) {
    return !entry.first.empty() && std::find(names.begin(), names.end(), entry.first) == names.end();
  });
  const auto schema = content.find("");
  if (schema == content.end()) return content;
  // Type, name, table and SQL of an object.
  std::erase_if(schema->second, [&](const std::string& object) {
    return std::none_of(names.begin(), names.end(), [&](const std::string& name) {
      return object.find("', '" + name + "', ") != std::string::npos;
    });
  });
  return content;
}

}  // namespace

std::string first_difference(const DatabaseContent& is, const DatabaseContent& should) {
  for (const auto& [table, due] : should) {
    const std::string name = table.empty() ? "the schema" : table;
    const auto found = is.find(table);
    if (found == is.end()) return name + " is not there";
    const std::vector<std::string>& rows = found->second;
    if (rows.size() != due.size())
      return name + " has " + std::to_string(rows.size()) + " rows instead of " + std::to_string(due.size());
    const auto [one, other] = std::mismatch(rows.begin(), rows.end(), due.begin());
    if (one != rows.end()) return name + " has (" + short_text(*one) + ") instead of (" + short_text(*other) + ")";
  }
  for (const auto& [table, rows] : is)
    if (!should.contains(table)) return table + " is there";
  return "";
}

std::vector<std::string> NorthwindTruths::names() const {
  return {"count-and-page-agree", "export-is-one-state", "restore-is-the-bookmark"};
}

void NorthwindTruths::ended(const EndedAction& action, const Broken& broken) {
  if (action.outcome != ActionOutcome::kOk) return;
  if (action.action.name == "list") see_list(action, broken);
  if (action.states == nullptr) return;
  if (action.action.name == "export") see_export(action, broken);
  if (action.action.name == "remember") remember(action);
  if (action.action.name == "restore") see_restore(action, broken);
}

void NorthwindTruths::see_list(const EndedAction& action, const Broken& broken) {
  if (action.shown.size() != 2) return;
  const std::int64_t total = number_at(action.shown.front(), 0, 0);
  const std::int64_t page = number_of(action.action, 1);
  const std::int64_t due = std::clamp<std::int64_t>(total - page * northwind::kPageRows, 0, northwind::kPageRows);
  const std::int64_t rows = action.shown.back()->rows();
  if (rows == due) return;
  broken("count-and-page-agree", session_of(action) + " was shown page " + std::to_string(page + 1) + " of " +
                                     std::get<std::string>(action.action.values.front()) + " with " +
                                     std::to_string(rows) + " rows, and a count of " + std::to_string(total) +
                                     ", which makes " + std::to_string(due) + " on this page");
}

/// It need not be the newest state, but one from which the session was answered.
void NorthwindTruths::see_export(const EndedAction& action, const Broken& broken) {
  std::string problem;
  const DatabaseContent made = action.states->load(file_of(action), problem);
  const std::string whose = "the file that was exported for " + session_of(action);
  if (!problem.empty()) return broken("export-is-one-state", whose + " cannot be loaded: " + problem);
  std::string difference;
  Bookmark last;
  for (const Bookmark& state : action.served) {
    if (state == last) continue;
    last = state;
    std::optional<DatabaseContent> content = action.states->content_at(state);
    if (!content) return;
    ++compared_;
    difference = first_difference(made, own_part(std::move(*content)));
    if (difference.empty()) return;
  }
  if (!difference.empty())
    broken("export-is-one-state", whose + " makes a database that never was; next to the state " + last.text() +
                                      ", which it was read from last, " + difference);
}

void NorthwindTruths::keep(const Bookmark& at, std::string when, const StateLibrary& states) {
  std::optional<DatabaseContent> content = states.content_at(at);
  if (!content) return;
  // Bookmarks grow: what goes first is the oldest.
  if (kept_.size() >= kMostKept) kept_.erase(kept_.begin());
  kept_[at.text()] = {std::move(when), std::move(*content)};
}

void NorthwindTruths::remember(const EndedAction& action) {
  if (!action.served.empty()) keep(action.served.back(), session_of(action) + " remembered", *action.states);
}

/// Columns target, undo, restored.
void NorthwindTruths::see_restore(const EndedAction& action, const Broken& broken) {
  if (action.shown.empty()) return;
  Bookmark undo, restored;
  const bool read = Bookmark::parse(text_at(action.shown.front(), 0, 1), undo) &&
                    Bookmark::parse(text_at(action.shown.front(), 0, 2), restored);
  if (!read) return broken("restore-is-the-bookmark", session_of(action) + " was told no bookmarks after a restore");
  const bool has_seen = action.sent.kind() == SessionToken::Kind::kBookmark && !action.made_up;
  if (has_seen && undo < action.sent.bookmark())
    return broken("restore-is-the-bookmark", session_of(action) + " was told that " + undo.text() +
                                                 " undoes its restore, which is from before the state " +
                                                 action.sent.text() + " that it had seen already");
  keep(undo, "was there before " + session_of(action) + " restored another", *action.states);
  const auto* const asked = std::get_if<std::string>(&action.action.values.front());
  const auto kept = asked == nullptr ? kept_.end() : kept_.find(*asked);
  if (kept == kept_.end()) return;
  const std::optional<DatabaseContent> content = action.states->content_at(restored);
  if (!content) return;
  ++compared_;
  const std::string difference = first_difference(*content, kept->second.content);
  if (difference.empty()) return;
  broken("restore-is-the-bookmark", session_of(action) + " went back to the state that " + kept->second.when + " (" +
                                        *asked + "); right after that, at " + restored.text() + ", " + difference);
}

}  // namespace tidemark::model
