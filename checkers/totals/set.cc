#include "checkers/totals/set.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "checkers/totals/tell.h"

namespace tidemark::checkers::totals {
namespace {

constexpr std::uint32_t kNobody = UINT32_MAX;
constexpr std::size_t kMostMissing = 64;  // followed further, of a session and set

struct KeyValue {
  std::uint32_t key = 0;
  Value value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

struct HashKeyValue {
  std::size_t operator()(const KeyValue& one) const {
    return (static_cast<std::uint64_t>(one.value.code()) ^ (one.key * 0xd6e8feb86659fd93ULL)) * 0x9e3779b97f4a7c15ULL;
  }
};

struct Element {
  std::uint32_t key = 0;
  Value value;
  std::uint32_t failed = kNobody;    // a transaction that failed to add it
  bool added = false;                // ok or unknown
  bool told = false;                 // "never-added" was reported
  std::uint32_t known_at = kNever;   // real time: whoever is called later must find it
  std::uint32_t known_by = kNobody;  // the transaction behind known_at
};

struct Missing {
  std::uint32_t element = 0;
  std::uint32_t known_by = 0;
  std::uint32_t txn = 0;  // did not find it
};

/// What a session must find in a set.
struct View {
  std::uint32_t read = kNobody;                                // its last read
  std::vector<std::uint32_t> elements;                         // of that read, ascending
  std::vector<std::pair<std::uint32_t, std::uint32_t>> added;  // since then: element, transaction
  std::vector<Missing> missing;
};

class Sets {
 public:
  Sets(const History& history, const JudgeOptions& options, const SetOptions& set)
      : history_(history), real_time_(set.real_time), findings_(options) {}

  Judgement judge() {
    if (real_time_ && !history_.has_real_time()) {
      findings_.doubt("the history does not tell when transactions were called and ended");
      return findings_.judgement(0);
    }
    doubt_other_kinds(history_, bit(EventKind::kAdd) | bit(EventKind::kReadSet), findings_);
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) note_additions(txn);
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) walk(txn);
    for (const std::uint64_t at : views_in_order_) tell_missing(views_.at(at));
    if (real_time_) judge_times();
    return findings_.judgement(reads_);
  }

 private:
  std::uint32_t element(std::uint32_t key, Value value) {
    const auto next = static_cast<std::uint32_t>(elements_.size());
    const auto [place, is_new] = ids_.try_emplace({key, value}, next);
    if (is_new) {
      Element& one = elements_.emplace_back();
      one.key = key;
      one.value = value;
    }
    return place->second;
  }

  void know(Element& one, std::uint32_t txn) {
    const std::uint32_t end = history_.transactions()[txn].ret;
    if (end >= one.known_at) return;
    one.known_at = end;
    one.known_by = txn;
  }

  void note_additions(std::uint32_t txn) {
    const Txn& of = history_.transactions()[txn];
    for (const Event& event : history_.events(of)) {
      if (event.kind != EventKind::kAdd) continue;
      Element& one = elements_[element(event.key, event.value)];
      if (of.outcome == Outcome::kFail) {
        one.failed = txn;
        continue;
      }
      one.added = true;
      if (of.outcome == Outcome::kOk) know(one, txn);
    }
  }

  View& view(std::uint32_t txn, std::uint32_t key) {
    const std::uint64_t at = static_cast<std::uint64_t>(history_.chain(txn)) << 32 | key;
    const auto [place, is_new] = views_.try_emplace(at);
    if (is_new) views_in_order_.push_back(at);
    return place->second;
  }

  void walk(std::uint32_t txn) {
    const Txn& of = history_.transactions()[txn];
    if (of.outcome != Outcome::kOk) return;
    for (const Event& event : history_.events(of)) {
      if (event.kind == EventKind::kAdd) {
        view(txn, event.key).added.emplace_back(element(event.key, event.value), txn);
      } else if (event.kind == EventKind::kReadSet && event.known) {
        ++reads_;
        find_elements(event);
        for (const std::uint32_t id : found_) check_added(id, txn);
        compare(view(txn, event.key), txn);
      }
    }
  }

  void find_elements(const Event& read) {
    found_.clear();
    for (const Value value : history_.elements(read)) found_.push_back(element(read.key, value));
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  }

  bool found(std::uint32_t id) const { return std::binary_search(found_.begin(), found_.end(), id); }

  std::string name(const Element& one) const {
    return fmt::format("{} of {}", history_.show(one.value), history_.show_key(one.key));
  }

  void check_added(std::uint32_t id, std::uint32_t txn) {
    Element& one = elements_[id];
    know(one, txn);
    if (one.added || one.told) return;
    one.told = true;
    if (one.failed == kNobody) {
      findings_.add("never-added", {txn},
                    fmt::format("{} found {}, which nobody added", called(history_, txn), name(one)));
    } else {
      findings_.add("never-added", {one.failed, txn},
                    fmt::format("{} found {}, which only {} added, and that failed", called(history_, txn), name(one),
                                called(history_, one.failed)));
    }
  }

  void compare(View& view, std::uint32_t txn) {
    for (const auto& [id, by] : view.added) miss(view, id, by, txn);
    std::size_t at = 0;
    for (const std::uint32_t id : view.elements) {
      while (at < found_.size() && found_[at] < id) ++at;
      if (at == found_.size() || found_[at] != id) miss(view, id, view.read, txn);
    }
    for (Missing& missing : view.missing) {
      if (missing.txn == txn || missing.txn == kNobody || !found(missing.element)) continue;
      tell(missing, txn);
      missing.txn = kNobody;
    }
    view.read = txn;
    view.elements = found_;
    view.added.clear();
  }

  void miss(View& view, std::uint32_t id, std::uint32_t known_by, std::uint32_t txn) const {
    if (!found(id) && view.missing.size() < kMostMissing) view.missing.push_back({id, known_by, txn});
  }

  // `again`: the transaction that found it again.
  void tell(const Missing& missing, std::uint32_t again) {
    const Element& one = elements_[missing.element];
    std::vector<std::uint32_t> transactions{missing.known_by, missing.txn};
    std::string fact = fmt::format("{} knew {}; {}, later in the session, does not find it",
                                   called(history_, missing.known_by), name(one), called(history_, missing.txn));
    if (missing.known_by == missing.txn)
      fact = fmt::format("{} does not find {}, which it knew", called(history_, missing.txn), name(one));
    if (missing.known_by == missing.txn) transactions.pop_back();
    if (again != kNobody) {
      transactions.push_back(again);
      fact += fmt::format("; {} finds it again", called(history_, again));
    }
    findings_.add(again == kNobody ? "lost-element" : "resurrected", std::move(transactions), std::move(fact));
    broken_.push_back(missing.txn);
  }

  void tell_missing(const View& view) {
    for (const Missing& missing : view.missing) {
      if (missing.txn != kNobody) tell(missing, kNobody);
    }
  }

  // A read finds every element of its set that was known before it was called, if it finds as many of those as there
  // are.
  void judge_times() {
    std::sort(broken_.begin(), broken_.end());
    known_.resize(history_.keys());
    for (std::uint32_t id = 0; id < elements_.size(); ++id) {
      if (elements_[id].known_at != kNever) known_[elements_[id].key].push_back(id);
    }
    for (std::vector<std::uint32_t>& of_key : known_) {
      std::sort(of_key.begin(), of_key.end(), [this](std::uint32_t a, std::uint32_t b) {
        return elements_[a].known_at != elements_[b].known_at ? elements_[a].known_at < elements_[b].known_at : a < b;
      });
    }
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) {
      const Txn& of = history_.transactions()[txn];
      if (of.outcome != Outcome::kOk || std::binary_search(broken_.begin(), broken_.end(), txn)) continue;
      for (const Event& event : history_.events(of)) {
        if (event.kind == EventKind::kReadSet && event.known) judge_time(txn, of.call, event);
      }
    }
  }

  void judge_time(std::uint32_t txn, std::uint32_t call, const Event& read) {
    find_elements(read);
    const std::vector<std::uint32_t>& of_key = known_[read.key];
    const auto end = std::partition_point(of_key.begin(), of_key.end(),
                                          [&](std::uint32_t id) { return elements_[id].known_at < call; });
    const auto here =
        std::count_if(found_.begin(), found_.end(), [&](std::uint32_t id) { return elements_[id].known_at < call; });
    if (here == end - of_key.begin()) return;
    const auto lost = std::find_if(of_key.begin(), end, [&](std::uint32_t id) { return !found(id); });
    const Element& one = elements_[*lost];
    findings_.add("lost-element", {one.known_by, txn},
                  fmt::format("{} knew {} and had ended when {} was called, which does not find it",
                              called(history_, one.known_by), name(one), called(history_, txn)));
  }

  const History& history_;
  const bool real_time_;
  Findings findings_;
  boost::unordered_flat_map<KeyValue, std::uint32_t, HashKeyValue> ids_;
  std::vector<Element> elements_;
  boost::unordered_flat_map<std::uint64_t, View> views_;  // session and key; looked up, never walked
  std::vector<std::uint64_t> views_in_order_;
  std::vector<std::uint32_t> found_;   // by the read at hand, ascending
  std::vector<std::uint32_t> broken_;  // reads that were reported
  std::vector<std::vector<std::uint32_t>> known_;
  std::uint64_t reads_ = 0;
};

}  // namespace

Judgement judge_set(const History& history, const JudgeOptions& options, const SetOptions& set) {
  return Sets(history, options, set).judge();
}

}  // namespace tidemark::checkers::totals
