#include "checkers/explain/facts_of.h"

#include <fmt/core.h>

#include <algorithm>

#include "checkers/explain/derive.h"

namespace tidemark::checkers::why {
namespace {

/// The event of an acknowledged transaction other than `writer` that saw `value` in `key`.
const Event* sight_of(const History& history, const Txn& txn, std::uint32_t key, Value value) {
  if (txn.outcome != Outcome::kOk) return nullptr;
  for (const Event& event : history.events(txn)) {
    if (event.key != key) continue;
    if (event.kind == EventKind::kCas && history.expected(event) == value) return &event;
    if (event.is_read() && event.known && contains(history, event, value)) return &event;
  }
  return nullptr;
}

}  // namespace

std::string name_of(const History& history, std::uint32_t transaction) {
  return fmt::format("T{}", history.transactions()[transaction].index);
}

bool puts(const Event& event) {
  switch (event.kind) {
    case EventKind::kAppend:
    case EventKind::kAdd:
    case EventKind::kWrite:
    case EventKind::kCas:
      return true;
    default:
      return false;
  }
}

const Event* write_of(const History& history, std::uint32_t transaction, std::uint32_t key, Value value) {
  for (const Event& event : history.events(history.transactions()[transaction])) {
    if (event.key == key && puts(event) && event.value == value) return &event;
  }
  return nullptr;
}

std::optional<Value> last_write(const History& history, std::uint32_t transaction, std::uint32_t key) {
  std::optional<Value> last;
  for (const Event& event : history.events(history.transactions()[transaction])) {
    if (event.key == key && puts(event)) last = event.value;
  }
  return last;
}

std::optional<Value> found(const History& history, std::uint32_t transaction, std::uint32_t key) {
  const Txn& txn = history.transactions()[transaction];
  if (txn.outcome == Outcome::kFail) return std::nullopt;
  for (const Event& event : history.events(txn)) {
    if (event.key != key) continue;
    if (event.kind == EventKind::kRead && event.known && txn.outcome == Outcome::kOk) return event.value;
    if (event.kind == EventKind::kCas) return history.expected(event);
    if (event.is_write()) return std::nullopt;
  }
  return std::nullopt;
}

bool contains(const History& history, const Event& read, Value value) {
  if (read.kind != EventKind::kReadList && read.kind != EventKind::kReadSet) return read.value == value;
  const auto elements = history.elements(read);
  return std::find(elements.begin(), elements.end(), value) != elements.end();
}

bool only_writer(const History& history, std::uint32_t transaction, std::uint32_t key, Value value) {
  for (std::uint32_t i = 0; i < history.transactions().size(); ++i) {
    if (i == transaction || history.transactions()[i].outcome == Outcome::kFail) continue;
    if (write_of(history, i, key, value) != nullptr) return false;
  }
  return true;
}

bool nil_is_first(const History& history, std::uint32_t key) {
  return std::none_of(history.events().begin(), history.events().end(), [key](const Event& event) {
    return event.key == key && (event.kind == EventKind::kClear || (puts(event) && event.value.is_nil()));
  });
}

Effect effect_of(const History& history, std::uint32_t transaction) {
  const Txn& txn = history.transactions()[transaction];
  Effect effect;
  effect.sure = txn.outcome == Outcome::kOk;
  if (txn.outcome != Outcome::kInfo) return effect;
  for (const Event& event : history.events(txn)) {
    if (!puts(event) || !only_writer(history, transaction, event.key, event.value)) continue;
    for (std::uint32_t i = 0; i < history.transactions().size(); ++i) {
      const Event* sight =
          i == transaction ? nullptr : sight_of(history, history.transactions()[i], event.key, event.value);
      if (sight == nullptr) continue;
      effect.sure = true;
      effect.reader = i;
      effect.because = fmt::format("{} took effect although its outcome is unknown: {} saw its {} in {}",
                                   name_of(history, transaction), name_of(history, i), history.show(event.value),
                                   history.show_key(event.key));
      return effect;
    }
  }
  return effect;
}

}  // namespace tidemark::checkers::why
