#include "register_guarantee_oracle.h"

#include <algorithm>

namespace tidemark::checkers::oracle {
namespace {

using Order = std::vector<std::uint32_t>;  // the transactions that wrote a key

struct Part {
  std::uint32_t key;
  bool write;
  Value value;
  std::uint32_t writer = UINT32_MAX;  // of what was read; UINT32_MAX: the beginning
};

/// What is left of each transaction: one read of a key before it wrote there, and its last write.
struct Plain {
  std::vector<std::vector<Part>> parts;
  std::vector<bool> happened;
  bool fine = true;
};

const Event* writes(const History& history, std::uint32_t txn, std::uint32_t key) {
  const Event* last = nullptr;
  for (const Event& event : history.events(history.transactions()[txn])) {
    if (event.key == key && event.is_write()) last = &event;
  }
  return last;
}

std::optional<std::uint32_t> writer_of(const History& history, std::uint32_t key, Value value) {
  for (std::uint32_t txn = 0; txn < history.transactions().size(); ++txn) {
    const Event* last = writes(history, txn, key);
    if (last != nullptr && last->value == value && history.transactions()[txn].outcome != Outcome::kFail) return txn;
  }
  return std::nullopt;
}

Plain plain(const History& history) {
  Plain result;
  const auto count = static_cast<std::uint32_t>(history.transactions().size());
  result.parts.resize(count);
  for (const Txn& txn : history.transactions()) result.happened.push_back(txn.outcome == Outcome::kOk);
  for (std::uint32_t txn = 0; txn < count; ++txn) {
    std::map<std::uint32_t, Value> own;
    std::map<std::uint32_t, Value> read;
    for (const Event& event : history.events(history.transactions()[txn])) {
      if (event.kind == EventKind::kWrite) own[event.key] = event.value;
      if (event.kind != EventKind::kRead || !event.known || history.transactions()[txn].outcome != Outcome::kOk)
        continue;
      const auto mine = own.find(event.key);
      if (mine != own.end()) {
        result.fine = result.fine && mine->second == event.value;
        continue;
      }
      const auto [before, fresh] = read.try_emplace(event.key, event.value);
      result.fine = result.fine && before->second == event.value;
      if (!fresh) continue;
      Part part{event.key, false, event.value, UINT32_MAX};
      if (!event.value.is_nil()) {
        const auto writer = writer_of(history, event.key, event.value);
        result.fine = result.fine && writer.has_value() && *writer != txn;
        if (!result.fine) return result;
        part.writer = *writer;
        result.happened[*writer] = true;
      }
      result.parts[txn].push_back(part);
    }
    for (const auto& [key, value] : own) result.parts[txn].push_back({key, true, value, UINT32_MAX});
  }
  return result;
}

/// The same with lists whose states are the versions in these orders. Someone reads them all, which nobody minds.
History as_lists(const History& history, const Plain& plain, const std::map<std::uint32_t, Order>& orders) {
  HistoryBuilder builder;
  const auto value_of = [&](std::uint32_t key, std::uint32_t writer) { return writes(history, writer, key)->value; };
  const auto read = [&](std::uint32_t key, std::size_t length) {
    std::vector<Value> elements;
    const auto order = orders.find(key);
    for (std::size_t i = 0; i < length; ++i) elements.push_back(value_of(key, order->second[i]));
    builder.read_elements(EventKind::kReadList, builder.key(Value::integer(key)), elements);
  };
  for (std::uint32_t txn = 0; txn < plain.parts.size(); ++txn) {
    const Txn& of = history.transactions()[txn];
    builder.begin(builder.session(Value::integer(of.session)));
    for (const Part& part : plain.parts[txn]) {
      if (part.write) {
        builder.event(EventKind::kAppend, builder.key(Value::integer(part.key)), part.value);
        continue;
      }
      std::size_t length = 0;
      if (part.writer != UINT32_MAX) {
        const Order& order = orders.at(part.key);
        length = static_cast<std::size_t>(std::find(order.begin(), order.end(), part.writer) - order.begin()) + 1;
      }
      read(part.key, length);
    }
    HistoryBuilder::End end;
    end.outcome = of.outcome;
    builder.finish(end);
  }
  builder.begin(builder.session(Value::integer(1'000'000)));
  for (const auto& [key, order] : orders) read(key, order.size());
  builder.finish({});
  return builder.build(false);
}

/// What a transaction read of a key stands before what it wrote there.
bool follows_reads(const Plain& plain, const std::map<std::uint32_t, Order>& orders) {
  for (std::uint32_t txn = 0; txn < plain.parts.size(); ++txn) {
    for (const Part& part : plain.parts[txn]) {
      if (part.write || part.writer == UINT32_MAX || orders.count(part.key) == 0) continue;
      const Order& order = orders.at(part.key);
      const auto own = std::find(order.begin(), order.end(), txn);
      if (own != order.end() && std::find(order.begin(), own, part.writer) == own) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<bool> register_guarantee_holds(const History& history, Guarantee guarantee) {
  const Plain all = plain(history);
  if (!all.fine) return std::nullopt;
  std::map<std::uint32_t, Order> orders;
  for (std::uint32_t txn = 0; txn < all.parts.size(); ++txn) {
    for (const Part& part : all.parts[txn]) {
      if (part.write && all.happened[txn]) orders[part.key].push_back(txn);
    }
  }
  std::size_t cases = 1;
  for (const auto& [key, order] : orders) {
    for (std::size_t i = 2; i <= order.size(); ++i) cases *= i;
  }
  if (cases > 2000) return std::nullopt;
  bool some = false;
  for (;;) {
    if (follows_reads(all, orders)) {
      some = true;
      if (guarantee_holds(as_lists(history, all, orders), guarantee)) return true;
    }
    auto next = orders.begin();
    while (next != orders.end() && !std::next_permutation(next->second.begin(), next->second.end())) ++next;
    if (next == orders.end()) break;
  }
  if (!some) return std::nullopt;  // two transactions read what the other wrote
  return false;
}

}  // namespace tidemark::checkers::oracle
