#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::checkers::oracle {
namespace {

// Does anything append to this key as to a text? Then nil is the empty text.
bool is_text(const History& history, std::uint32_t key) {
  for (const Event& event : history.events()) {
    if (event.key == key && event.kind == EventKind::kAppendText) return true;
  }
  return false;
}

std::string text_of(const History& history, Value value) {
  if (value.is_nil()) return {};
  return value.is_text() ? history.text(value) : std::to_string(value.number());
}

bool holds(const History& history, std::uint32_t key, Value value, const Store::Item& item) {
  return is_text(history, key) ? item.text == text_of(history, value) : item.value == value;
}

void put(const History& history, std::uint32_t key, Value value, Store::Item& item) {
  if (is_text(history, key)) {
    item.text = text_of(history, value);
  } else {
    item.value = value;
  }
}

bool read_holds(const History& history, const Event& event, const Store::Item& item) {
  switch (event.kind) {
    case EventKind::kReadList: {
      const auto elements = history.elements(event);
      return std::equal(elements.begin(), elements.end(), item.list.begin(), item.list.end());
    }
    case EventKind::kReadSet: {
      const auto elements = history.elements(event);
      return std::set<Value>(elements.begin(), elements.end()) == item.members;
    }
    case EventKind::kReadCounter:
      return item.count == (event.value.is_nil() ? 0 : event.value.number());
    default:
      return holds(history, event.key, event.value, item);
  }
}

struct Search {
  const History& history;
  const Rules& rules;
  std::vector<bool> done;
  std::vector<std::uint32_t> order;

  const Txn& of(std::size_t txn) const { return history.transactions()[txn]; }

  bool required(std::size_t txn) const {
    if (of(txn).outcome == Outcome::kOk) return true;
    if (of(txn).outcome == Outcome::kInfo || !rules.failed_cas_compared) return false;
    const auto events = history.events(of(txn));
    return events.size() == 1 && events[0].kind == EventKind::kCas;
  }

  bool must_precede(std::size_t a, std::size_t b) const {
    if (rules.constraint == Constraint::kNone || !required(a)) return false;
    if (rules.constraint == Constraint::kSession) return session_before(history, a, b);
    return of(a).ret < of(b).call;
  }

  bool may_come_next(std::size_t txn) const {
    for (std::size_t other = 0; other < done.size(); ++other) {
      if (!done[other] && other != txn && must_precede(other, txn)) return false;
    }
    return true;
  }

  bool run(const Store& store) {
    bool complete = true;
    for (std::size_t txn = 0; txn < done.size(); ++txn) complete = complete && (done[txn] || !required(txn));
    if (complete) return true;
    for (std::size_t txn = 0; txn < done.size(); ++txn) {
      const bool part = required(txn) || of(txn).outcome == Outcome::kInfo;
      if (done[txn] || !part || !may_come_next(txn)) continue;
      Store after = store;
      if (!carry_out(history, static_cast<std::uint32_t>(txn), rules, after)) continue;
      done[txn] = true;
      order.push_back(static_cast<std::uint32_t>(txn));
      if (run(after)) return true;
      order.pop_back();
      done[txn] = false;
    }
    return false;
  }
};

}  // namespace

bool session_before(const History& history, std::size_t a, std::size_t b) {
  const Txn& first = history.transactions()[a];
  const Txn& second = history.transactions()[b];
  return a < b && first.session == second.session && (!history.has_real_time() || first.ret < second.call);
}

bool carry_out(const History& history, std::uint32_t txn, const Rules& rules, Store& store) {
  const Txn& of = history.transactions()[txn];
  for (const Event& event : history.events(of)) {
    Store::Item& item = store.items[event.key];
    switch (event.kind) {
      case EventKind::kAppend:
        item.list.push_back(event.value);
        break;
      case EventKind::kWrite:
        put(history, event.key, event.value, item);
        break;
      case EventKind::kAppendText:
        item.text += text_of(history, event.value);
        break;
      case EventKind::kAdd:
        item.members.insert(event.value);
        break;
      case EventKind::kIncrement:
        item.count += event.value.is_nil() ? 0 : event.value.number();
        break;
      case EventKind::kClear:
        item = {};
        break;
      case EventKind::kCas: {
        const bool same = holds(history, event.key, history.expected(event), item);
        if (of.outcome == Outcome::kFail) return rules.failed_cas_compared && !same;
        if (!same) return false;
        put(history, event.key, event.value, item);
        break;
      }
      default:
        if (of.outcome == Outcome::kOk && event.known && !read_holds(history, event, item)) return false;
    }
  }
  return true;
}

std::optional<std::vector<std::uint32_t>> find_order(const History& history, const Rules& rules) {
  Search search{history, rules, std::vector<bool>(history.transactions().size()), {}};
  if (!search.run({})) return std::nullopt;
  return search.order;
}

bool is_order(const History& history, const Rules& rules, const std::vector<std::uint32_t>& order) {
  Search search{history, rules, std::vector<bool>(history.transactions().size()), {}};
  Store store;
  for (const std::uint32_t txn : order) {
    if (txn >= search.done.size() || search.done[txn] || !search.may_come_next(txn)) return false;
    if (history.transactions()[txn].outcome == Outcome::kFail && !search.required(txn)) return false;
    if (!carry_out(history, txn, rules, store)) return false;
    search.done[txn] = true;
  }
  for (std::size_t txn = 0; txn < search.done.size(); ++txn) {
    if (search.required(txn) && !search.done[txn]) return false;
  }
  return true;
}

std::string show(const History& history) {
  std::string text;
  for (const Txn& txn : history.transactions()) {
    text += fmt::format("s{} {:<4} [{}, {}] {}\n", history.show_session(txn.session),
                        txn.outcome == Outcome::kOk     ? "ok"
                        : txn.outcome == Outcome::kFail ? "fail"
                                                        : "info",
                        txn.call, txn.ret == kNever ? std::string("-") : std::to_string(txn.ret), history.show(txn));
  }
  return text;
}

}  // namespace tidemark::checkers::oracle
