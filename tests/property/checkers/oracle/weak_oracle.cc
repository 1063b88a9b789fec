#include "weak_oracle.h"

#include <algorithm>

namespace tidemark::checkers::oracle {
namespace {

bool must_precede(const History& history, const Rules& rules, std::size_t a, std::size_t b) {
  const Txn& first = history.transactions()[a];
  if (rules.constraint == Constraint::kNone || first.outcome != Outcome::kOk) return false;
  if (rules.constraint == Constraint::kSession) return session_before(history, a, b);
  return first.ret < history.transactions()[b].call;
}

void write(const History& history, std::uint32_t txn, Store& store) {
  for (const Event& event : history.events(history.transactions()[txn])) {
    Store::Item& item = store.items[event.key];
    if (event.kind == EventKind::kAppend) item.list.push_back(event.value);
    if (event.kind == EventKind::kWrite) item.value = event.value;
    if (event.kind == EventKind::kClear) item = {};
  }
}

std::set<std::uint32_t> written_keys(const History& history, std::uint32_t txn) {
  std::set<std::uint32_t> keys;
  for (const Event& event : history.events(history.transactions()[txn])) {
    if (event.is_write()) keys.insert(event.key);
  }
  return keys;
}

// What a search has been through: what was done to each transaction, and what the store holds.
using Been = std::set<std::vector<std::int64_t>>;

std::vector<std::int64_t> place(const std::vector<std::uint8_t>& status, const Store& store) {
  std::vector<std::int64_t> result(status.begin(), status.end());
  for (const auto& [key, item] : store.items) {
    result.push_back(-1 - static_cast<std::int64_t>(key));
    result.push_back(item.value.code());
    for (const Value value : item.list) result.push_back(value.code());
  }
  return result;
}

struct SnapshotSearch {
  const History& history;
  const Rules& rules;
  std::vector<std::uint8_t> status;  // 0: not begun; 1: begun; 2: committed or given up
  Been been;

  std::uint32_t size() const { return static_cast<std::uint32_t>(status.size()); }
  bool ok(std::uint32_t txn) const { return history.transactions()[txn].outcome == Outcome::kOk; }

  bool may_begin(std::uint32_t txn) const {
    if (status[txn] != 0 || history.transactions()[txn].outcome == Outcome::kFail) return false;
    for (std::uint32_t other = 0; other < size(); ++other) {
      if (status[other] != 2 && must_precede(history, rules, other, txn)) return false;
    }
    return true;
  }

  bool run(const Store& store) {
    bool complete = true;
    for (std::uint32_t txn = 0; txn < size(); ++txn) complete = complete && (status[txn] == 2 || !ok(txn));
    if (complete) return true;
    if (!been.insert(place(status, store)).second) return false;
    for (std::uint32_t txn = 0; txn < size(); ++txn) {
      const std::vector<std::uint8_t> before = status;
      if (may_begin(txn) && begin(txn, store) && run(store)) return true;
      status = before;
      if (status[txn] == 1) {
        Store after = store;
        if (commit(txn, after) && run(after)) return true;
        status = before;
      }
    }
    return false;
  }

  bool begin(std::uint32_t txn, const Store& store) {
    Store snapshot = store;
    if (!carry_out(history, txn, rules, snapshot)) return false;
    status[txn] = written_keys(history, txn).empty() ? 2 : 1;
    return true;
  }

  bool commit(std::uint32_t txn, Store& store) {
    const std::set<std::uint32_t> keys = written_keys(history, txn);
    for (std::uint32_t other = 0; other < size(); ++other) {
      if (other == txn || status[other] != 1) continue;
      for (const std::uint32_t key : written_keys(history, other)) {
        if (keys.count(key) != 0 && ok(other)) return false;  // it could not commit any more
        if (keys.count(key) != 0) status[other] = 2;
      }
    }
    write(history, txn, store);
    status[txn] = 2;
    return true;
  }
};

struct CommittedSearch {
  const History& history;
  const Rules& rules;
  std::vector<std::uint8_t> status;      // 1: done
  std::vector<Store> versions{Store{}};  // after each transaction that was done
  Been been;

  std::uint32_t size() const { return static_cast<std::uint32_t>(status.size()); }

  bool run() {
    bool complete = true;
    for (std::uint32_t txn = 0; txn < size(); ++txn)
      complete = complete && (status[txn] == 1 || history.transactions()[txn].outcome != Outcome::kOk);
    if (complete) return true;
    std::vector<std::int64_t> here;
    for (const Store& store : versions) {
      const std::vector<std::int64_t> one = place(status, store);
      here.insert(here.end(), one.begin(), one.end());
    }
    if (!been.insert(here).second) return false;
    for (std::uint32_t txn = 0; txn < size(); ++txn) {
      if (status[txn] == 1 || history.transactions()[txn].outcome == Outcome::kFail) continue;
      bool may = true;
      for (std::uint32_t other = 0; other < size(); ++other)
        may = may && (status[other] == 1 || other == txn || !must_precede(history, rules, other, txn));
      if (!may || !reads_hold(txn)) continue;
      Store after = versions.back();
      write(history, txn, after);
      status[txn] = 1;
      versions.push_back(after);
      if (run()) return true;
      versions.pop_back();
      status[txn] = 0;
    }
    return false;
  }

  bool reads_hold(std::uint32_t txn) {
    const Txn& of = history.transactions()[txn];
    Store own = versions.back();  // with its own writes
    std::set<std::uint32_t> wrote;
    for (const Event& event : history.events(of)) {
      Store::Item& item = own.items[event.key];
      if (event.is_write()) {
        wrote.insert(event.key);
        if (event.kind == EventKind::kAppend) item.list.push_back(event.value);
        if (event.kind == EventKind::kWrite) item.value = event.value;
        if (event.kind == EventKind::kClear) item = {};
        continue;
      }
      if (of.outcome != Outcome::kOk || !event.known) continue;
      bool found = wrote.count(event.key) != 0 && holds(event, item);
      for (Store& version : versions) {
        found = found || (wrote.count(event.key) == 0 && holds(event, version.items[event.key]));
      }
      if (!found) return false;
    }
    return true;
  }

  bool holds(const Event& event, const Store::Item& item) const {
    if (event.kind != EventKind::kReadList) return item.value == event.value;
    const auto elements = history.elements(event);
    return std::equal(elements.begin(), elements.end(), item.list.begin(), item.list.end());
  }
};

}  // namespace

bool allows_snapshot(const History& history, const Rules& rules) {
  SnapshotSearch search{history, rules, std::vector<std::uint8_t>(history.transactions().size(), 0), {}};
  return search.run({});
}

bool allows_read_committed(const History& history, const Rules& rules) {
  CommittedSearch search{history, rules, std::vector<std::uint8_t>(history.transactions().size(), 0), {Store{}}, {}};
  return search.run();
}

}  // namespace tidemark::checkers::oracle
