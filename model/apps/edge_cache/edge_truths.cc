#include "model/apps/edge_cache/edge_truths.h"

#include <algorithm>

#include "model/apps/edge_cache/pages.h"

namespace tidemark::model {
namespace {

std::string session_text(std::uint32_t session) {
  return "session " + std::to_string(session);
}

/// "its old name "item 17" from the cache in FRA, as it was after change 12, kept there for 1234 ms".
std::string what_was_shown(const ActionBody& page, const ShownPage& shown, const EdgeChange& missed) {
  std::string text;
  if (page.name == "item") {
    text = shown.rows.empty() ? "that there is no such item"
           : missed.kind == EdgeChange::Kind::kRenamed
               ? "its old name \"" + shown.rows.front().name + "\""
               : "item " + std::to_string(number_of(page, 0)) + " as it was before";
  } else if (missed.kind == EdgeChange::Kind::kAdded) {
    text = "a list without it (" + url_of(page) + ")";
  } else if (missed.kind == EdgeChange::Kind::kRelabelled) {
    text = "its old label \"" + shown.label + "\"";
  } else {
    text = "its old name in a list (" + url_of(page) + ")";
  }
  text += shown.from_cache ? " from the cache in " : " from the database through ";
  text += shown.pop + ", as it was after change " + std::to_string(shown.revision);
  if (shown.from_cache) text += ", kept there for " + std::to_string(shown.age_ms) + " ms";
  return text;
}

}  // namespace

std::vector<std::string> EdgeTruths::names() const {
  return {std::string(kOwnChangesShown), std::string(kNeverShownOlder), std::string(kShowsOneState)};
}

void EdgeTruths::ended(const EndedAction& action, const Broken& broken) {
  if (action.outcome != ActionOutcome::kOk) return;
  const ShownPage shown = read_page(action.shown);
  Mark& mark = marks_[action.session];
  if (!is_page(action.action.name)) {
    const std::int64_t revision = changes_.wrote(action, shown);
    if (revision != 0) mark.wrote.insert(revision);
  } else {
    changes_.saw(action, shown);
    judge(action, shown, mark, broken);
    judge_state(action, shown, broken);
  }
  mark.revision = std::max(mark.revision, shown.revision);
}

/// The newest change that the session has a right to and the page does not show.
void EdgeTruths::judge(const EndedAction& action, const ShownPage& shown, const Mark& mark,
                       const Broken& broken) const {
  const auto& known = changes_.known();
  const std::string whose = session_text(action.session);
  bool own_told = false, seen_told = false;
  for (auto it = known.upper_bound(mark.revision); it != known.begin();) {
    const auto& [revision, change] = *--it;
    if (revision <= shown.revision || (own_told && seen_told)) return;
    if (!EdgeChanges::touches(change, action.action, shown)) continue;
    const std::string number = " (change " + std::to_string(revision) + ")";
    const std::string old = what_was_shown(action.action, shown, change);
    if (mark.wrote.contains(revision)) {
      if (!own_told) broken(kOwnChangesShown, whose + " " + change.says() + number + " and then read " + old);
      own_told = true;
    } else {
      const std::string who = change.session == 0 ? "somebody" : session_text(change.session);
      if (!seen_told)
        broken(kNeverShownOlder, whose + " had been shown the state after change " + std::to_string(mark.revision) +
                                     ", in which " + who + " had " + change.says() + number + ", and then read " + old);
      seen_told = true;
    }
  }
}

/// No row is newer than the state, names are those that were written, and an item's page shows that item.
void EdgeTruths::judge_state(const EndedAction& action, const ShownPage& shown, const Broken& broken) const {
  const std::string page = url_of(action.action) + ", shown to " + session_text(action.session) + " by " +
                           (shown.from_cache ? "the cache in " : "the database through ") + shown.pop;
  for (const ShownPage::Row& row : shown.rows) {
    const std::string item = "item " + std::to_string(row.id);
    if (action.action.name == "item" && row.id != number_of(action.action, 0))
      broken(kShowsOneState, page + ", shows " + item);
    if (row.revision > shown.revision)
      broken(kShowsOneState, page + " as it was after change " + std::to_string(shown.revision) + ", shows " + item +
                                 " \"" + row.name + "\" as of change " + std::to_string(row.revision));
    const auto change = changes_.known().find(row.revision);
    if (row.revision != 0 && change != changes_.known().end() && change->second.text != row.name)
      broken(kShowsOneState, page + ", shows " + item + " as \"" + row.name + "\"; change " +
                                 std::to_string(row.revision) + " " + change->second.says());
  }
}

std::optional<EdgeAccount::Read> EdgeAccount::ended(const EndedAction& action) {
  std::uint32_t broken = 0;
  truths_.ended(action, [&](std::string_view, const std::string&) { ++broken; });
  if (action.outcome != ActionOutcome::kOk) return std::nullopt;
  const ShownPage shown = read_page(action.shown);
  if (!is_page(action.action.name)) {
    changes_.wrote(action, shown);
    return std::nullopt;
  }
  Read read;
  read.hit = shown.from_cache;
  read.broken = broken;
  const auto& known = changes_.known();
  for (auto change = known.upper_bound(shown.revision); change != known.end(); ++change) {
    if (change->second.acknowledged > action.invoked) continue;
    if (!EdgeChanges::touches(change->second, action.action, shown)) continue;
    const sim::Duration age = action.invoked - change->second.acknowledged;
    if (!read.stale || age > *read.stale) read.stale = age;
  }
  return read;
}

}  // namespace tidemark::model
