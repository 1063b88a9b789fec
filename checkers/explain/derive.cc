#include "checkers/explain/derive.h"

#include <fmt/core.h>

#include <algorithm>

#include "checkers/explain/facts_of.h"
#include "checkers/explain/proof.h"

namespace tidemark::checkers::why {
namespace {

bool is_collection(const Event& event) {
  return event.kind == EventKind::kReadList || event.kind == EventKind::kReadSet;
}

/// "appended 3", "wrote 3".
std::string did(const History& history, const Event& write) {
  const char* verb = write.kind == EventKind::kAppend ? "appended" : write.kind == EventKind::kAdd ? "added" : "wrote";
  return fmt::format("{} {}", verb, history.show(write.value));
}

std::string read_register(const History& history, std::uint32_t transaction, std::uint32_t key, Value value) {
  return fmt::format("{} read {} = {}", name_of(history, transaction), history.show_key(key), history.show(value));
}

std::optional<Derivation> because(const Step& step, std::string text, std::vector<std::uint32_t> evidence = {}) {
  return Derivation{{}, {step.from, step.to, std::move(text)}, std::move(evidence)};
}

class Deriver {
 public:
  Deriver(const History& history, const Step& step)
      : history_(history), step_(step), from_(name_of(history, step.from)), to_(name_of(history, step.to)) {}

  std::optional<Derivation> derive() const {
    const auto count = history_.transactions().size();
    if (step_.from >= count || step_.to >= count || step_.from == step_.to) return std::nullopt;
    if (txn(step_.from).outcome == Outcome::kFail || txn(step_.to).outcome == Outcome::kFail) return std::nullopt;
    const bool data = step_.relation != Relation::kSo && step_.relation != Relation::kRt;
    if (data && step_.key >= history_.keys()) return std::nullopt;
    switch (step_.relation) {
      case Relation::kSo:
        return by_session();
      case Relation::kRt:
        return by_time();
      case Relation::kWr:
        return by_read();
      case Relation::kRw:
        return by_missing();
      case Relation::kWw:
        return by_order();
    }
    return std::nullopt;
  }

 private:
  const Txn& txn(std::uint32_t transaction) const { return history_.transactions()[transaction]; }
  std::string key() const { return history_.show_key(step_.key); }

  std::optional<Derivation> by_session() const {
    if (!history_.precedes(step_.from, step_.to)) return std::nullopt;
    return because(step_, fmt::format("they are of the same session ({}), {} first",
                                      history_.show_session(txn(step_.from).session), from_));
  }

  std::optional<Derivation> by_time() const {
    if (!history_.has_real_time() || txn(step_.from).ret == kNever) return std::nullopt;
    if (txn(step_.from).ret >= txn(step_.to).call) return std::nullopt;
    return because(step_, fmt::format("{} had ended when {} began", from_, to_));
  }

  std::optional<Derivation> by_read() const {
    if (txn(step_.to).outcome == Outcome::kFail || step_.before != step_.after) return std::nullopt;
    const Event* write = write_of(history_, step_.from, step_.key, step_.before);
    if (write == nullptr || !only_writer(history_, step_.from, step_.key, step_.before)) return std::nullopt;
    for (const Event& event : history_.events(txn(step_.to))) {
      if (event.key != step_.key || !is_collection(event) || !event.known) continue;
      if (!contains(history_, event, step_.before)) continue;
      return because(step_, fmt::format("{} {}, and the {} is {}'s", to_, history_.show(event),
                                        history_.show(step_.before), from_));
    }
    if (found(history_, step_.to, step_.key) != step_.before) return std::nullopt;
    return because(step_,
                   fmt::format("{}, and the {} is {}'s", read_register(history_, step_.to, step_.key, step_.before),
                               history_.show(step_.before), from_));
  }

  std::optional<Derivation> by_missing() const {
    const Event* write = write_of(history_, step_.to, step_.key, step_.after);
    if (write == nullptr || txn(step_.from).outcome == Outcome::kFail) return std::nullopt;
    for (const Event& event : history_.events(txn(step_.from))) {
      if (event.key != step_.key || !is_collection(event) || !event.known) continue;
      if (contains(history_, event, step_.after)) continue;
      if (!step_.before.is_nil() && !contains(history_, event, step_.before)) continue;
      return because(step_, fmt::format("{} {}, and {} {}, which was not there yet", from_, history_.show(event), to_,
                                        did(history_, *write)));
    }
    return register_missing(*write);
  }

  std::optional<Derivation> register_missing(const Event& write) const {
    if (write.kind != EventKind::kWrite && write.kind != EventKind::kCas) return std::nullopt;
    if (found(history_, step_.from, step_.key) != step_.before) return std::nullopt;
    const std::string read = read_register(history_, step_.from, step_.key, step_.before);
    if (step_.before.is_nil() && nil_is_first(history_, step_.key)) {
      return because(step_, fmt::format("{}, as it was in the beginning, and {} {}", read, to_, did(history_, write)));
    }
    if (step_.before.is_nil()) return std::nullopt;
    if (const auto column = by_column()) {
      return because(step_, fmt::format("{}, {} {}, and {}", read, to_, did(history_, write), *column));
    }
    if (found(history_, step_.to, step_.key) != step_.before) return std::nullopt;
    if (!one_writer(step_.before)) return std::nullopt;
    return because(step_, fmt::format("{}, which {} read too before it {}", read, to_, did(history_, write)));
  }

  /// What the version column of the key said when `value` was written or read; -1: nothing.
  std::int64_t version_of(Value value) const {
    for (const Txn& txn : history_.transactions()) {
      if (txn.outcome != Outcome::kOk) continue;
      for (const Event& event : history_.events(txn)) {
        const bool told = event.kind == EventKind::kWrite || (event.kind == EventKind::kRead && event.known);
        if (told && event.key == step_.key && event.value == value && event.version() >= 0) return event.version();
      }
    }
    return -1;
  }

  /// Values are written once, so their versions are those of their writes.
  std::optional<std::string> by_column() const {
    const std::int64_t before = version_of(step_.before);
    const std::int64_t after = version_of(step_.after);
    if (before < 0 || before >= after) return std::nullopt;
    return fmt::format("{} = {} has version {} and {} = {} version {}", key(), history_.show(step_.before), before,
                       key(), history_.show(step_.after), after);
  }

  bool one_writer(Value value) const {
    for (std::uint32_t i = 0; i < history_.transactions().size(); ++i) {
      if (txn(i).outcome == Outcome::kFail || write_of(history_, i, step_.key, value) == nullptr) continue;
      return i != step_.to && only_writer(history_, i, step_.key, value);
    }
    return false;
  }

  std::optional<Derivation> by_order() const {
    const Event* first = write_of(history_, step_.from, step_.key, step_.before);
    const Event* second = write_of(history_, step_.to, step_.key, step_.after);
    if (first == nullptr || second == nullptr) return std::nullopt;
    if (!only_writer(history_, step_.from, step_.key, step_.before)) return std::nullopt;
    if (first->kind != EventKind::kAppend) {
      if (const auto column = by_column()) return because(step_, *column);
      return rewritten();
    }
    const bool once = only_writer(history_, step_.to, step_.key, step_.after);
    for (std::uint32_t i = 0; i < history_.transactions().size(); ++i) {
      if (txn(i).outcome != Outcome::kOk) continue;
      for (const Event& event : history_.events(txn(i))) {
        if (event.key != step_.key || event.kind != EventKind::kReadList || !event.known) continue;
        if (auto found = ordered_by(i, event, once)) return found;
      }
    }
    return std::nullopt;
  }

  /// `once`: nobody else appended the second value. Where a read lacks it, it lacks every append of it.
  std::optional<Derivation> ordered_by(std::uint32_t reader, const Event& read, bool once) const {
    const auto elements = history_.elements(read);
    const auto a = std::find(elements.begin(), elements.end(), step_.before);
    const auto b = std::find(elements.begin(), elements.end(), step_.after);
    if (a == elements.end() || a > b || (b != elements.end() && !once)) return std::nullopt;
    std::vector<std::uint32_t> evidence;
    if (reader != step_.from && reader != step_.to) evidence.push_back(reader);
    const std::string where = fmt::format("{} {}, where", name_of(history_, reader), history_.show(read));
    if (b == elements.end()) {
      return because(step_,
                     fmt::format("{} the {} of {} is and the {} of {} is not yet", where, history_.show(step_.before),
                                 from_, history_.show(step_.after), to_),
                     std::move(evidence));
    }
    return because(step_,
                   fmt::format("{} the {} of {} stands before the {} of {}", where, history_.show(step_.before), from_,
                               history_.show(step_.after), to_),
                   std::move(evidence));
  }

  std::optional<Derivation> rewritten() const {
    if (found(history_, step_.to, step_.key) != step_.before) return std::nullopt;
    return because(step_, fmt::format("{}, which {} wrote, and then wrote {}",
                                      read_register(history_, step_.to, step_.key, step_.before), from_,
                                      history_.show(step_.after)));
  }

  const History& history_;
  const Step& step_;
  const std::string from_;
  const std::string to_;
};

}  // namespace

std::optional<Derivation> derive_directly(const History& history, const Step& step) {
  return Deriver(history, step).derive();
}

std::optional<Derivation> derive(const History& history, const Step& step, const std::vector<std::uint32_t>& witness,
                                 const Orders& orders) {
  if (auto derivation = derive_directly(history, step)) return derivation;
  if (step.relation != Relation::kWw && step.relation != Relation::kRw) return std::nullopt;
  if (auto derivation = prove(history, step, witness, orders)) return derivation;
  if (history.transactions().size() > kMostProved) return std::nullopt;
  std::vector<std::uint32_t> all(history.transactions().size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  return prove(history, step, all, orders);
}

}  // namespace tidemark::checkers::why
