#include "model/apps/sync/sync_truths.h"

#include <algorithm>
#include <charconv>

#include "model/apps/sync/replica.h"

namespace tidemark::model {
namespace {

std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  return std::string(rows->row(row)[column].text());
}

std::vector<std::int64_t> numbers(const std::string& votes) {
  std::vector<std::int64_t> all;
  const char* const end = votes.data() + votes.size();
  for (const char* at = votes.data(); at < end; ++at) {
    std::int64_t number = 0;
    at = std::from_chars(at, end, number).ptr;
    all.push_back(number);
  }
  return all;
}

bool changes(const ActionBody& action) {
  return action.name == "add" || action.name == "vote" || action.name == "remove";
}

std::string whose(const EndedAction& look) {
  return "session " + std::to_string(look.session) + "'s page at " + sim::to_text(look.completed);
}

}  // namespace

std::vector<std::string> SyncTruths::names() const {
  return {"changes-arrive", "deletions-arrive", "failed-do-nothing", "actions-once", "effects-at-once", "views-agree"};
}

void SyncTruths::begun(const BegunAction& begun) {
  const ActionBody& action = begun.action;
  if (!changes(action)) return;
  const std::int64_t number = number_of(action, 0), item = number_of(action, 1);
  Done& done = actions_[number];
  ++done.open;
  Item& its = items_[item];
  if (!done.type.empty()) return;  // sent again
  done.type = action.name;
  done.item = item;
  if (action.name == "add") its.adds.push_back(number);
  if (action.name == "vote") its.votes.push_back(number);
  if (action.name == "remove") its.removals.push_back(number);
}

void SyncTruths::ended(const EndedAction& action, const Broken& broken) {
  if (changes(action.action)) return end_change(action, broken);
  if (action.action.name == "look" && action.outcome == ActionOutcome::kOk) see_page(action, broken);
}

void SyncTruths::end_change(const EndedAction& action, const Broken& broken) {
  const std::int64_t number = number_of(action.action, 0);
  Done& done = actions_[number];
  if (done.open > 0) --done.open;
  done.session = action.session;
  switch (action.outcome) {
    case ActionOutcome::kUnknown:
      done.unknown = true;
      return;
    case ActionOutcome::kFail:
      done.failed = true;
      if (!done.acknowledged) done.at = action.completed;
      if (done.seen && done.only_failed()) broken("failed-do-nothing", told(number) + ", and pages have shown it");
      return;
    case ActionOutcome::kOk:
      break;
  }
  if (!done.acknowledged) done.at = action.completed;
  done.acknowledged = true;
  if (done.type == "add") standing_.insert(done.item);
  if (done.type == "remove") standing_.erase(done.item);
  see_effect(action, broken);
}

/// The item as it was on the page right after the action was asked for, and when it was acknowledged.
void SyncTruths::see_effect(const EndedAction& action, const Broken& broken) const {
  const std::int64_t number = number_of(action.action, 0), item = number_of(action.action, 1);
  const std::string& type = action.action.name;
  const bool may_be_gone = !items_.at(item).removals.empty();
  for (std::size_t when = 0; when < action.shown.size(); ++when) {
    const ResultSetRef& rows = action.shown[when];
    const bool there = rows->rows() == 1;
    const bool shows = type == "remove" ? !there
                       : type == "add"  ? there || may_be_gone
                                        : !there || sync::has_vote(text_at(rows, 0, 1), number);
    if (shows) continue;
    broken("effects-at-once", "session " + std::to_string(action.session) + "'s " + type + " " +
                                  std::to_string(number) + " of item " + std::to_string(item) +
                                  " is not on its own page " +
                                  (when == 0 ? "right after it was asked for" : "when it is acknowledged"));
  }
}

/// "session 4's vote 17 for item 3 (acknowledged at 3.204 s)".
std::string SyncTruths::told(std::int64_t action) const {
  const Done& done = actions_.at(action);
  const std::string vote =
      done.type == "vote" ? "vote " + std::to_string(action) + " for item " : done.type + " of item ";
  const std::string outcome = done.acknowledged ? "acknowledged at " + sim::to_text(done.at)
                              : done.failed     ? "reported as failed at " + sim::to_text(done.at)
                                                : std::string("not acknowledged");
  return "session " + std::to_string(done.session) + "'s " + vote + std::to_string(done.item) + " (" + outcome + ")";
}

void SyncTruths::see_page(const EndedAction& look, const Broken& broken) {
  const ResultSetRef& rows = look.shown.front();
  Page page;
  for (std::uint32_t row = 0; row < rows->rows(); ++row) page[number_at(rows, row, 1)] = text_at(rows, row, 2);
  for (const auto& [item, votes] : page) see_item(look, item, votes, broken);
  for (const std::int64_t item : standing_)
    if (!page.contains(item)) miss_item(look, item, broken);
  compare(look, page, broken);
}

void SyncTruths::see_item(const EndedAction& look, std::int64_t item, const std::string& votes, const Broken& broken) {
  const Item& its = items_[item];
  if (its.adds.size() == 1) see_action(look, its.adds.front(), broken);
  for (const std::int64_t removal : its.removals) {
    if (actions_[removal].acknowledged_before(look.invoked))
      broken("deletions-arrive", told(removal) + " has not reached " + whose(look) + ": the item is still on it");
  }
  std::vector<std::int64_t> shown = numbers(votes);
  for (const std::int64_t vote : shown) see_action(look, vote, broken);
  std::sort(shown.begin(), shown.end());
  const auto twice = std::adjacent_find(shown.begin(), shown.end());
  if (twice != shown.end()) broken("actions-once", told(*twice) + " stands twice on " + whose(look));
  // On a page that has missed the removal the item is as it was.
  if (!stays(its)) return;
  for (const std::int64_t vote : its.votes) {
    if (!actions_[vote].acknowledged_before(look.invoked) || std::binary_search(shown.begin(), shown.end(), vote))
      continue;
    broken("changes-arrive", told(vote) + " is missing from " + whose(look));
  }
}

void SyncTruths::see_action(const EndedAction& look, std::int64_t action, const Broken& broken) {
  Done& done = actions_[action];
  done.seen = true;
  if (done.only_failed()) broken("failed-do-nothing", told(action) + " is on " + whose(look));
}

void SyncTruths::miss_item(const EndedAction& look, std::int64_t item, const Broken& broken) const {
  const Item& its = items_.at(item);
  const auto added = std::find_if(its.adds.begin(), its.adds.end(),
                                  [&](std::int64_t add) { return actions_.at(add).acknowledged_before(look.invoked); });
  if (added == its.adds.end() || !stays(its)) return;
  if (its.removals.empty()) {
    broken("changes-arrive", told(*added) + " is missing from " + whose(look));
  } else {
    broken("failed-do-nothing", told(its.removals.front()) + ", and the item is not on " + whose(look));
  }
}

/// No removal was asked for that can have taken effect.
bool SyncTruths::stays(const Item& item) const {
  return std::all_of(item.removals.begin(), item.removals.end(),
                     [this](std::int64_t removal) { return actions_.at(removal).only_failed(); });
}

/// Columns channel, revision.
void SyncTruths::compare(const EndedAction& look, const Page& page, const Broken& broken) {
  const ResultSetRef& revisions = look.shown.back();
  for (std::uint32_t row = 0; row < revisions->rows(); ++row) {
    const std::int64_t channel = number_at(revisions, row, 0), revision = number_at(revisions, row, 1);
    Page own;
    for (const auto& [item, votes] : page)
      if (sync::channel_of(item) == channel) own.emplace(item, votes);
    const auto [known, first] = by_revision_.try_emplace({channel, revision}, Shown{own, look.session});
    if (first || known->second.page == own) continue;
    broken("views-agree", "the pages of sessions " + std::to_string(known->second.session) + " and " +
                              std::to_string(look.session) + " show revision " + std::to_string(revision) + " of " +
                              std::string(sync::table_of(channel)) +
                              " differently: " + std::to_string(known->second.page.size()) + " and " +
                              std::to_string(own.size()) + " items");
  }
}

}  // namespace tidemark::model
