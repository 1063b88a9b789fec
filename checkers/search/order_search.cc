#include "checkers/search/order_search.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/assert.h"
#include "checkers/search/content.h"
#include "checkers/search/order_state.h"

namespace tidemark::checkers::search {
namespace {

struct HashDigest {
  using is_avalanching = void;
  std::size_t operator()(const Digest128& digest) const { return digest.low; }
};

// A flat set doubles: while it grows, it holds its old and its new table, each at most 16 / 7 times what is used.
constexpr std::uint64_t kBytesPerMemory = 56;
constexpr std::uint64_t kFirstAttempt = 2'000;  // steps, and a few for each transaction

constexpr std::uint64_t kFewSteps = 20'000;  // of the search for the longest begin

constexpr std::uint32_t kSeenInAStep = 16;

enum class Rule : std::uint8_t { kNeeded, kRecorded, kChance };
constexpr std::uint32_t kRules = 3;

class OrderSearch {
 public:
  OrderSearch(const Program& program, const SearchInput& input, const JudgeOptions& options, Workspace& workspace)
      : options_(options),
        state_(program, input, workspace),
        real_time_(input.real_time),
        to_the_reader_(input.to_the_reader),
        node_(workspace.nodes),
        needed_(workspace.needed) {
    find_equals(input.real_time && input.edges.empty());
  }

  SearchResult run() {
    const std::uint32_t impossible = to_the_reader_ ? kNone : state_.reader_of_the_impossible();
    if (impossible != kNone) {
      result_.never_written = true;
      result_.stuck.push_back(state_.txn(impossible));
      result_.validity = Validity::kInvalid;
      return std::move(result_);
    }
    for (std::uint32_t attempt = 0;; ++attempt) {
      const End end = attempt_once(attempt);
      if (end == End::kGivenUp) continue;
      finish(end);
      return std::move(result_);
    }
  }

 private:
  enum class End : std::uint8_t { kFound, kExhausted, kGivenUp, kSteps, kMemory };
  struct Choice {
    std::uint64_t rank = 0;
    std::uint32_t item = 0;
  };
  struct Frame {
    OrderState::Mark mark;  // before the choice that led here
    std::size_t first_choice = 0;
    std::size_t next_choice = 0;
    Digest128 fingerprint;
  };

  End attempt_once(std::uint32_t attempt) {
    rule_ = static_cast<Rule>(attempt % kRules);
    seed_ = attempt;
    const std::uint64_t steps = (kFirstAttempt + 4ULL * state_.size()) << std::min(attempt / kRules, 24U);
    const std::uint64_t limit = result_.steps + std::min(steps, options_.step_budget);
    if (enter(state_.mark())) return End::kFound;
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next_choice == choices_.size()) {
        leave();
        continue;
      }
      if (result_.steps > options_.step_budget) return End::kSteps;
      if (exhausted_.size() * kBytesPerMemory + choices_.size() * sizeof(Choice) > options_.memory_budget)
        return End::kMemory;
      if (result_.steps > limit) {
        abandon();
        return End::kGivenUp;
      }
      const OrderState::Mark mark = state_.mark();
      const std::uint32_t item = choices_[frame.next_choice++].item;
      ++result_.steps;
      if (!take(item)) {
        go_back(mark);
      } else if (enter(mark)) {
        return End::kFound;
      }
    }
    return End::kExhausted;
  }

  // A blind write hides idle ones right before it.
  bool take(std::uint32_t item) {
    const Action& first = state_.actions(item)[0];
    if (first.kind == ActionKind::kPut && !to_the_reader_) {
      std::uint32_t seen = 0;
      for (std::uint32_t other = state_.head(); !state_.beyond(other); ++seen) {
        const std::uint32_t in_front = state_.before(other);
        const bool hidden = other != item && !state_.optional(other) && state_.actions(other).size() == 1 &&
                            state_.actions(other)[0].key == first.key && state_.is_idle(other);
        if (hidden && !state_.advance(other)) return false;
        other = state_.next(hidden ? in_front : other);
      }
      note_seen(seen);
    }
    return state_.advance(item);
  }

  // The state after a choice: takes what only reads; opens a frame unless the state is known to lead nowhere.
  bool enter(const OrderState::Mark& mark) {
    take_reads();
    if (state_.complete()) return true;
    Frame frame{mark, choices_.size(), choices_.size(), state_.fingerprint()};
    if (exhausted_.contains(frame.fingerprint)) {
      note_longest();
      go_back(mark);
      return false;
    }
    collect_choices();
    frames_.push_back(frame);
    return false;
  }

  void go_back(const OrderState::Mark& mark) {
    state_.go_back(mark);
    unchanged_ = std::min(unchanged_, mark.trail);
  }

  void leave() {
    note_longest();
    exhausted_.insert(frames_.back().fingerprint);
    go_back(frames_.back().mark);
    choices_.resize(frames_.back().first_choice);
    frames_.pop_back();
  }

  void abandon() {
    go_back(frames_.front().mark);
    frames_.clear();
    choices_.clear();
  }

  // Looking at what can come next counts as well, where there is much of it.
  void note_seen(std::uint32_t seen) { result_.steps += seen / kSeenInAStep; }

  void take_reads() {
    std::uint32_t seen = 0;
    for (std::uint32_t item = state_.head(); !state_.beyond(item);) {
      ++seen;
      if (!state_.only_reads(item) || !state_.machine().holds(state_.actions(item))) {
        item = state_.next(item);
        continue;
      }
      const std::uint32_t in_front = state_.before(item);
      state_.take_read(item);
      item = state_.next(in_front);
    }
    note_seen(seen);
  }

  void collect_choices() {
    ++node_;
    const std::size_t first = choices_.size();
    if (rule_ == Rule::kNeeded) note_needed();
    for (std::uint32_t item = state_.head(); !state_.beyond(item); item = state_.next(item)) {
      if (state_.only_reads(item) || (state_.optional(item) && state_.is_idle(item))) continue;
      if (class_[item] == kNone) {
        choices_.push_back({rank(item), item});
        continue;
      }
      First& one = first_of_class_[class_[item]];
      if (one.node != node_) {
        one = {node_, choices_.size()};
        choices_.push_back({rank(item), item});
      } else if (state_.ret(item) < state_.ret(choices_[one.choice].item)) {
        choices_[one.choice] = {rank(item), item};
      }
    }
    note_seen(static_cast<std::uint32_t>(choices_.size() - first));
    std::sort(choices_.begin() + static_cast<std::ptrdiff_t>(first), choices_.end(),
              [](const Choice& a, const Choice& b) { return a.rank != b.rank ? a.rank < b.rank : a.item < b.item; });
  }

  void note_needed() {
    for (std::uint32_t item = state_.head(); !state_.beyond(item); item = state_.next(item)) {
      if (state_.optional(item)) continue;
      for (const Action& action : state_.actions(item)) {
        if (action.want == kNone) continue;
        for (const std::uint32_t producer : state_.producers(action.want)) needed_[producer] = node_;
      }
    }
  }

  std::uint64_t rank(std::uint32_t item) const {
    const std::uint64_t tie = real_time_ ? state_.ret(item) : item;
    if (rule_ == Rule::kRecorded) return tie + (state_.optional(item) ? 1ULL << 40 : 0);
    if (rule_ == Rule::kChance) return scramble(node_ * 0x9e3779b97f4a7c15ULL + seed_ * 0x2545f4914f6cdd1dULL + item);
    std::uint64_t group = state_.optional(item) ? 3 : 1;
    for (const Action& action : state_.actions(item)) {
      const bool change = action.kind != ActionKind::kExpect && action.kind != ActionKind::kExpectNot;
      if (!change) continue;
      const bool waited_for =
          action.producer != kNone && action.kind != ActionKind::kInsert && needed_[action.producer] == node_;
      if (waited_for || state_.is_next(action)) {
        group = 0;
        break;
      }
      if (group == 1 && state_.is_needed(action)) group = 2;
    }
    return group << 40 | tie;
  }

  // Transactions with the same actions are of one class. Of those that can come next, the one that ends first stands
  // first in some order, if there is any: they can change places. Where edges tell them apart, only those of unknown
  // outcome, which nothing follows, are alike.
  void find_equals(bool all) {
    boost::unordered_flat_map<Digest128, std::uint32_t, HashDigest> classes;
    class_.assign(state_.size(), kNone);
    for (std::uint32_t item = 0; item < state_.size(); ++item) {
      if (state_.only_reads(item) || (!all && !state_.optional(item))) continue;
      Digest128 digest;
      for (const Action& action : state_.actions(item)) {
        digest = mix(digest, static_cast<std::uint64_t>(action.kind) << 32 | action.key);
        digest = mix(mix(mix(digest, action.content.a), action.content.b), action.content.length);
      }
      class_[item] = classes.try_emplace(digest, static_cast<std::uint32_t>(classes.size())).first->second;
    }
    first_of_class_.assign(classes.size(), {});
  }

  // Keeps a copy of the longest trail, of which all before `unchanged_` is in the copy already.
  void note_longest() {
    const std::vector<std::uint32_t>& trail = state_.trail();
    if (noted_ && trail.size() <= longest_.size()) return;
    noted_ = true;
    longest_.resize(unchanged_);
    longest_.insert(longest_.end(), trail.begin() + static_cast<std::ptrdiff_t>(unchanged_), trail.end());
    unchanged_ = trail.size();
    result_.stuck.clear();
    for (std::uint32_t item = state_.head(); !state_.beyond(item); item = state_.next(item)) {
      if (!state_.optional(item)) result_.stuck.push_back(state_.txn(item));
    }
  }

  void finish(End end) {
    const std::vector<std::uint32_t>& trail = end == End::kFound ? state_.trail() : longest_;
    for (const std::uint32_t item : trail) result_.order.push_back(state_.txn(item));
    switch (end) {
      case End::kFound:
        result_.validity = Validity::kValid;
        result_.stuck.clear();
        return;
      case End::kExhausted:
        result_.validity = Validity::kInvalid;
        return;
      case End::kMemory:
        result_.reason = fmt::format("the search remembers more than {} bytes", options_.memory_budget);
        return;
      default:
        result_.reason = fmt::format("the search is not at an end after {} steps", options_.step_budget);
    }
  }

  const JudgeOptions& options_;
  OrderState state_;
  const bool real_time_;
  const bool to_the_reader_;
  SearchResult result_;
  boost::unordered_flat_set<Digest128, HashDigest> exhausted_;
  std::vector<Frame> frames_;
  std::vector<Choice> choices_;
  Rule rule_ = Rule::kNeeded;
  std::uint64_t seed_ = 0;
  std::uint64_t& node_;
  std::vector<std::uint64_t>& needed_;
  std::vector<std::uint32_t> class_;  // of items
  struct First {
    std::uint64_t node = 0;
    std::size_t choice = 0;
  };
  std::vector<First> first_of_class_;  // at the last node where one was met
  std::vector<std::uint32_t> longest_;
  std::size_t unchanged_ = 0;  // so many items of longest_ begin the trail still
  bool noted_ = false;
};

}  // namespace

SearchResult search_order(const Program& program, SearchInput input, const JudgeOptions& options,
                          Workspace& workspace) {
  SearchResult result = OrderSearch(program, input, options, workspace).run();
  if (result.validity != Validity::kInvalid || result.never_written) return result;
  input.to_the_reader = true;
  JudgeOptions few = options;
  few.step_budget = kFewSteps + 8 * input.transactions.size();
  SearchResult shown = OrderSearch(program, input, few, workspace).run();
  TIDEMARK_ASSERT(shown.validity != Validity::kValid, "both searches look for the same orders");
  result.order = std::move(shown.order);
  result.stuck = std::move(shown.stuck);
  result.steps += shown.steps;
  return result;
}

}  // namespace tidemark::checkers::search
