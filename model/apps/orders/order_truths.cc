#include "model/apps/orders/order_truths.h"

#include <algorithm>

#include "model/apps/orders/shop.h"

namespace tidemark::model {
namespace {

using Kind = SessionToken::Kind;
using List = std::set<std::string, std::less<>>;

/// "c3/o17".
std::string order_of(const ActionBody& action) {
  const auto* customer = std::get_if<std::string>(&action.values[0]);
  const auto* order = std::get_if<std::string>(&action.values[1]);
  return (customer == nullptr ? "?" : *customer) + "/" + (order == nullptr ? "?" : *order);
}

bool notes(const EndedAction& action, std::string_view note) {
  return std::find(action.notes.begin(), action.notes.end(), note) != action.notes.end();
}

bool is_order(const EndedAction& action) {
  return action.action.name == "order";
}

std::string session_text(std::uint32_t session) {
  return "session " + std::to_string(session);
}

/// Columns customerId, orderId, quantity. The second of two equal orders goes to `twice`.
List list_of(const ResultSetRef& rows, std::string& twice) {
  List list;
  for (std::uint32_t row = 0; row < rows->rows(); ++row) {
    std::string order;
    for (const std::uint32_t column : {0U, 1U}) {
      const Cell& cell = rows->row(row)[column];
      order += (column == 0 ? "" : "/") + std::string(cell.type == CellType::kText ? cell.text() : "?");
    }
    if (!list.insert(order).second) twice = std::move(order);
  }
  return list;
}

}  // namespace

std::vector<std::string> OrderTruths::names() const {
  return {"orders-are-listed", "lists-never-go-back",    "pages-open-up-to-date",
          "orders-once",       "retried-orders-succeed", "bookmarks-are-accepted",
          "table-stays"};
}

void OrderTruths::begun(const BegunAction& action) {
  if (action.action.name == "reset") resets_.push_back({action.session, true, action.invoked, {}, {}});
}

void OrderTruths::ended(const EndedAction& action, const Broken& broken) {
  if (action.action.name == "reset") note_reset(action);
  Page& page = pages_[action.page];
  if (!page.begun) {
    page.begun = true;
    page.opened = action.invoked;
    // With anything else somebody has presented a bookmark of the past, or dropped the one that the page had.
    page.promised = action.sent.kind() == promise_.kind();
    if (action.sent.kind() == Kind::kBookmark) page.kept = action.sent;
  }
  judge_answer(action, page, broken);
  if (is_order(action)) note_order(action, page);
  const bool listed = action.outcome == ActionOutcome::kOk && !action.shown.empty();
  if (listed) judge_list(action, page, broken);
}

/// Sure to be without effect: it is no reset. Without an answer: it may yet come.
void OrderTruths::note_reset(const EndedAction& action) {
  const auto own = std::find_if(resets_.rbegin(), resets_.rend(),
                                [&](const Reset& reset) { return reset.session == action.session && reset.open; });
  if (own == resets_.rend()) return;
  own->open = false;
  if (action.outcome == ActionOutcome::kFail) {
    resets_.erase(std::next(own).base());
  } else if (action.outcome == ActionOutcome::kOk) {
    own->completed = action.completed;
    own->after = action.made_up ? SessionToken() : action.received;
  }
}

void OrderTruths::note_order(const EndedAction& action, Page& page) {
  if (action.outcome != ActionOutcome::kOk && !notes(action, kOrderPlaced)) return;
  const std::string order = order_of(action.action);
  const Order placed{action.session, action.invoked, action.completed};
  page.placed.try_emplace(order, placed);
  customers_[action.client].try_emplace(order, placed);
}

/// What an answer says besides its list.
void OrderTruths::judge_answer(const EndedAction& action, const Page& page, const Broken& broken) const {
  const std::string who = session_text(action.session);
  // Nobody else uses the number.
  if (is_order(action) && action.error.find("UNIQUE constraint failed") != std::string_view::npos)
    broken("retried-orders-succeed", "order " + order_of(action.action) + " was refused to " + who + " at " +
                                         to_text(action.completed) +
                                         " as one that is there already: its own first attempt had placed it");
  if (action.made_up) return;
  if (action.error.find("invalid bookmark") != std::string_view::npos)
    broken("bookmarks-are-accepted", "the " + action.action.name + " of " + who + " was refused at " +
                                         to_text(action.completed) + ": its page sends the bookmark \"" +
                                         action.sent.text() + "\", and what it was told there is no bookmark");
  if (notes(action, kTableMade) && page.shown)
    broken("table-stays", "the table was there when " + who + " was shown its list at " + to_text(page.shown_at) +
                              ", and was missing for its " + action.action.name + " at " + to_text(action.completed));
}

bool OrderTruths::keeps(const EndedAction& action, Page& page) {
  if (action.received.kind() == Kind::kNone) return true;
  const bool has_one = page.kept.kind() == Kind::kBookmark || page.kept.kind() == Kind::kForeign;
  if (has_one && action.received.text_less(page.kept)) return false;
  page.kept = action.received;
  return true;
}

void OrderTruths::judge_list(const EndedAction& action, Page& page, const Broken& broken) {
  std::string twice;
  List list = list_of(action.shown.front(), twice);
  const std::string who = session_text(action.session);
  const std::string when = to_text(action.completed);
  if (!twice.empty())
    broken("orders-once", "order " + twice + " stands twice in the list that " + who + " was shown at " + when);
  if (action.made_up) return;
  const bool first = std::exchange(page.promised, false);
  std::string instead;
  if (keeps(action, page)) {
    if (page.shown && !reset_since(page.shown_bookmark))
      for (const std::string& order : *page.shown)
        if (!list.contains(order))
          broken("lists-never-go-back", who + " was shown order " + order + " at " + to_text(page.shown_at) +
                                            " and no longer at " + when + ", and nobody has reset the shop");
    page.shown = std::move(list);
    page.shown_at = action.completed;
    page.shown_bookmark = action.received;
  } else {
    instead =
        " (it keeps the list of " + to_text(page.shown_at) + ": the bookmark of the answer is older than its own)";
    if (!page.shown) page.shown.emplace();
  }
  const auto missing = [&](const auto& entry) {
    return !page.shown->contains(entry.first) && !reset_since(entry.second.invoked);
  };
  if (const auto order = std::find_if(page.placed.begin(), page.placed.end(), missing); order != page.placed.end())
    broken("orders-are-listed", "order " + order->first + " was placed by " + session_text(order->second.session) +
                                    " at " + to_text(order->second.told) + " and is missing from its list" +
                                    (order->second.session == action.session ? "" : ", now of " + who + ",") + " at " +
                                    when + instead);
  const Orders& own = customers_[action.client];
  const auto lost = std::find_if(own.begin(), own.end(),
                                 [&](const auto& entry) { return entry.second.told <= page.opened && missing(entry); });
  if (first && lost != own.end())
    broken("pages-open-up-to-date", "order " + lost->first + " was placed by " + session_text(lost->second.session) +
                                        " at " + to_text(lost->second.told) +
                                        " and is missing from the first list of the page that the same customer " +
                                        "opened at " + to_text(page.opened) + ", shown to " + who + " at " + when);
}

bool OrderTruths::reset_since(sim::Instant instant) const {
  return std::any_of(resets_.begin(), resets_.end(),
                     [&](const Reset& reset) { return !reset.completed || *reset.completed >= instant; });
}

bool OrderTruths::reset_since(const SessionToken& bookmark) const {
  const bool known = bookmark.kind() == Kind::kBookmark;
  return std::any_of(resets_.begin(), resets_.end(), [&](const Reset& reset) {
    const bool placed = known && reset.completed && reset.after.kind() == Kind::kBookmark;
    return !placed || bookmark.text_less(reset.after);
  });
}

}  // namespace tidemark::model
