#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "checkers/search/content.h"
#include "checkers/search/state.h"
#include "checkers/search/wants.h"

namespace tidemark::checkers::search {
namespace {

constexpr EventKinds kAnyShape = bit(EventKind::kClear);
constexpr EventKinds kRegisterEvents =
    bit(EventKind::kWrite) | bit(EventKind::kRead) | bit(EventKind::kCas) | kAnyShape;
constexpr EventKinds kTextEvents = kRegisterEvents | bit(EventKind::kAppendText);
constexpr EventKinds kListEvents = bit(EventKind::kAppend) | bit(EventKind::kReadList) | kAnyShape;
constexpr EventKinds kSetEvents = bit(EventKind::kAdd) | bit(EventKind::kReadSet) | kAnyShape;
constexpr EventKinds kCounterEvents = bit(EventKind::kIncrement) | bit(EventKind::kReadCounter) | kAnyShape;

Shape shape_of(EventKinds kinds) {
  const auto within = [kinds](EventKinds allowed) { return (kinds & ~allowed) == 0; };
  if (kinds == 0) return Shape::kUntouched;
  if (within(kRegisterEvents)) return Shape::kRegister;
  if (within(kTextEvents)) return Shape::kText;
  if (within(kListEvents)) return Shape::kList;
  if (within(kSetEvents)) return Shape::kSet;
  return within(kCounterEvents) ? Shape::kCounter : Shape::kMixed;
}

struct KeyValue {
  std::uint32_t key = 0;
  Value value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

struct HashKeyValue {
  using is_avalanching = void;
  std::size_t operator()(const KeyValue& at) const {
    return scramble(static_cast<std::uint64_t>(at.value.code()) + 0x9e3779b97f4a7c15ULL * (at.key + 1ULL));
  }
};

using ValueMap = boost::unordered_flat_map<KeyValue, std::uint32_t, HashKeyValue>;
using ValueSet = boost::unordered_flat_set<KeyValue, HashKeyValue>;

}  // namespace

/// Builds a Program. Order: shapes of keys, what unknown outcomes can matter, actions, wants.
class Compiler {
 public:
  Compiler(Program& program, const Reading& reading)
      : program_(program), history_(program.history_), reading_(reading) {}

  void run() {
    find_shapes();
    if (!program_.refusal_.empty()) return;
    find_observed();
    program_.first_.push_back(0);
    for (const Txn& txn : history_.transactions()) compile(txn);
    find_wants({history_, program_.shapes_, producers_, std::move(wanted_events_), std::move(text_lengths_)},
               program_.index_->wanted, program_.wants_);
    find_probed();
  }

 private:
  void find_shapes() {
    std::vector<EventKinds> kinds(history_.keys(), 0);
    for (const Event& event : history_.events()) {
      kinds[event.key] |= bit(event.kind);
      const bool amount = event.kind == EventKind::kIncrement || event.kind == EventKind::kReadCounter;
      if (amount && event.known && event.value.is_text() && program_.refusal_.empty())
        program_.refusal_ = fmt::format("\"{}\": the number does not fit", history_.show(event));
    }
    for (std::uint32_t key = 0; key < history_.keys(); ++key) {
      program_.shapes_.push_back(shape_of(kinds[key]));
      if (program_.shapes_.back() == Shape::kMixed && program_.refusal_.empty())
        program_.refusal_ =
            fmt::format("key {} has kinds of events that a search does not know together", history_.show_key(key));
    }
  }

  // What somebody found, of what transactions of unknown outcome may have written.
  void find_observed() {
    observed_keys_.assign(history_.keys(), false);
    for (const Txn& txn : history_.transactions()) {
      if (txn.outcome != Outcome::kInfo) continue;
      for (const Event& event : history_.events(txn)) doubtful_.insert({event.key, event.value});
    }
    if (doubtful_.empty()) return;
    for (const Txn& txn : history_.transactions()) {
      for (const Event& event : history_.events(txn)) observe(txn, event);
    }
  }

  void observe(const Txn& txn, const Event& event) {
    const bool failed_cas = event.kind == EventKind::kCas && txn.outcome == Outcome::kFail;
    if (failed_cas && reading_.failed_cas_compared) all_matter_.insert({event.key, Value{}});
    if (event.kind == EventKind::kCas && txn.outcome != Outcome::kFail) {
      observed_keys_[event.key] = true;
      observed_.insert({event.key, history_.expected(event)});
    }
    if (!event.is_read() || txn.outcome != Outcome::kOk || !event.known) return;
    observed_keys_[event.key] = true;
    if (event.kind == EventKind::kReadList || event.kind == EventKind::kReadSet) {
      for (const Value value : history_.elements(event)) {
        if (doubtful_.contains({event.key, value})) observed_.insert({event.key, value});
      }
    } else {
      observed_.insert({event.key, event.value});
    }
  }

  // Without this event, everything that was observed would have been observed just the same.
  bool matters(const Event& event) const {
    if (event.is_read()) return false;
    if (all_matter_.contains({event.key, Value{}})) return true;
    if (!observed_keys_[event.key]) return false;
    switch (program_.shapes_[event.key]) {
      case Shape::kRegister:
      case Shape::kList:
      case Shape::kSet:
        return event.kind == EventKind::kClear || observed_.contains({event.key, event.value});
      default:
        return true;
    }
  }

  std::uint8_t role(const Txn& txn) const {
    const std::span<const Event> events = history_.events(txn);
    if (txn.outcome == Outcome::kOk) return 1;
    if (txn.outcome == Outcome::kFail)
      return reading_.failed_cas_compared && events.size() == 1 && events[0].kind == EventKind::kCas ? 1 : 0;
    return std::any_of(events.begin(), events.end(), [this](const Event& event) { return matters(event); }) ? 2 : 0;
  }

  void compile(const Txn& txn) {
    const std::uint8_t part = role(txn);
    bool only_reads = true;
    if (part != 0) {
      first_action_ = program_.actions_.size();
      for (const Event& event : history_.events(txn)) add(txn, event);
      for (std::size_t i = first_action_; i < program_.actions_.size(); ++i) {
        const ActionKind kind = program_.actions_[i].kind;
        only_reads = only_reads && (kind == ActionKind::kExpect || kind == ActionKind::kExpectNot);
      }
    }
    program_.role_.push_back(part);
    program_.only_reads_.push_back(only_reads ? 1 : 0);
    program_.first_.push_back(program_.actions_.size());
  }

  void add(const Txn& txn, const Event& event) {
    Action action;
    action.key = event.key;
    const bool judged = txn.outcome == Outcome::kOk && event.known;
    switch (event.kind) {
      case EventKind::kReadList:
      case EventKind::kReadSet:
      case EventKind::kRead:
      case EventKind::kReadCounter:
        if (judged) expect(read_content(event), event);
        return;
      case EventKind::kCas: {
        const bool failed = txn.outcome == Outcome::kFail;
        action.kind = failed ? ActionKind::kExpectNot : ActionKind::kExpect;
        action.content = plain_content(event.key, history_.expected(event));
        if (failed) {
          program_.actions_.push_back(action);
          return;
        }
        if (txn.outcome == Outcome::kOk) {
          expect(action.content, event);
        } else {
          program_.actions_.push_back(action);
        }
        put(event);
        return;
      }
      case EventKind::kWrite:
        put(event);
        return;
      case EventKind::kAppend:
      case EventKind::kAppendText:
        extend(event);
        return;
      case EventKind::kAdd:
        action.kind = ActionKind::kInsert;
        action.content = member_content(event.value);
        action.producer = members_.try_emplace({event.key, event.value}, members_.size()).first->second;
        program_.members_ = static_cast<std::uint32_t>(members_.size());
        break;
      case EventKind::kIncrement:
        action.kind = ActionKind::kAdd;
        action.content.a = static_cast<std::uint64_t>(event.value.is_nil() ? 0 : event.value.number());
        break;
      case EventKind::kClear:
        action.kind = ActionKind::kReset;
        action.producer = producer({event.key, Way::kReset, {}});
        break;
      default:
        return;  // of banks: such a key is kMixed, and the program refused
    }
    program_.actions_.push_back(action);
  }

  void put(const Event& event) {
    Action action;
    action.key = event.key;
    action.kind = ActionKind::kPut;
    action.content = plain_content(event.key, event.value);
    action.producer = producer({event.key, Way::kPut, action.content});
    program_.actions_.push_back(action);
  }

  void extend(const Event& event) {
    Run run;
    if (event.kind == EventKind::kAppend) {
      run.add_value(event.value);
    } else {
      run = run_of(text_of(history_, event.value));
    }
    if (run.content.length == 0) return;
    Action action;
    action.key = event.key;
    action.kind = ActionKind::kExtend;
    action.content = run.content;
    action.scale_a = run.scale_a;
    action.scale_b = run.scale_b;
    action.producer = producer({event.key, Way::kExtend, run.content});
    program_.actions_.push_back(action);
    if (event.kind == EventKind::kAppendText) lengths_of(event.key).push_back(run.content.length);
  }

  std::uint32_t producer(const KeyContent& at) {
    const auto next = static_cast<std::uint32_t>(producers_.size());
    Producer& producer = producers_.try_emplace(at, Producer{next, 0}).first->second;
    ++producer.changes;
    return producer.id;
  }

  std::vector<std::uint64_t>& lengths_of(std::uint32_t key) {
    if (text_lengths_.empty()) text_lengths_.resize(history_.keys());
    return text_lengths_[key];
  }

  // An expectation of a transaction that is ok. The first event of a transaction on a key tells what others left there.
  void expect(const Content& content, const Event& event) {
    Action action;
    action.key = event.key;
    action.content = content;
    bool first = true;
    for (std::size_t i = first_action_; i < program_.actions_.size(); ++i) {
      first = first && program_.actions_[i].key != event.key;
    }
    const Shape shape = program_.shapes_[event.key];
    if (first && shape != Shape::kSet && shape != Shape::kCounter) {
      const auto next = static_cast<std::uint32_t>(program_.wants_.states.size());
      const auto [place, added] = program_.index_->wanted.try_emplace({event.key, Way::kPut, content}, next);
      if (added) {
        program_.wants_.states.push_back({event.key, content});
        wanted_events_.push_back(&event);
      }
      action.want = place->second;
    }
    program_.actions_.push_back(action);
  }

  Content plain_content(std::uint32_t key, Value value) const {
    return program_.shapes_[key] == Shape::kText ? run_of(text_of(history_, value)).content : register_content(value);
  }

  Content read_content(const Event& event) {
    if (event.kind == EventKind::kReadList) {
      Run run;
      for (const Value value : history_.elements(event)) run.add_value(value);
      return run.content;
    }
    if (event.kind == EventKind::kReadSet) {
      const std::span<const Value> elements = history_.elements(event);
      sorted_.assign(elements.begin(), elements.end());
      std::sort(sorted_.begin(), sorted_.end());
      sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
      Content sum;
      for (const Value value : sorted_) {
        const Content member = member_content(value);
        sum = {sum.a + member.a, sum.b + member.b, sum.length + 1};
      }
      return sum;
    }
    if (event.kind == EventKind::kReadCounter)
      return {static_cast<std::uint64_t>(event.value.is_nil() ? 0 : event.value.number()), 0, 0};
    return plain_content(event.key, event.value);
  }

  void find_probed() {
    std::vector<std::uint8_t>& probed = program_.wants_.probed;
    probed.assign(producers_.size(), 0);
    std::vector<bool> by_exclusion(history_.keys(), false);
    for (const Action& action : program_.actions_) {
      if (action.kind == ActionKind::kExpectNot) by_exclusion[action.key] = true;
      if (action.kind != ActionKind::kExpect || action.want != kNone) continue;
      const auto found = producers_.find({action.key, Way::kPut, action.content});
      if (found != producers_.end()) probed[found->second.id] = 1;
    }
    for (const Action& action : program_.actions_) {
      const bool change = action.producer != kNone && action.kind != ActionKind::kInsert;
      if (change && by_exclusion[action.key]) probed[action.producer] = 1;
    }
  }

  Program& program_;
  const History& history_;
  const Reading& reading_;
  std::size_t first_action_ = 0;
  std::vector<bool> observed_keys_;
  ValueSet doubtful_;
  ValueSet observed_;
  ValueSet all_matter_;  // keys, with nil
  ValueMap members_;
  ProducerMap producers_;
  std::vector<std::vector<std::uint64_t>> text_lengths_;  // of what is appended, by key
  std::vector<const Event*> wanted_events_;               // one for each wanted state
  std::vector<Value> sorted_;
};

Program::Program(const History& history, const Reading& reading)
    : history_(history), index_(std::make_unique<Index>()) {
  Compiler(*this, reading).run();
}

Program::~Program() = default;

std::uint32_t Program::find_wanted(std::uint32_t key, const Content& content) const {
  const auto found = index_->wanted.find({key, Way::kPut, content});
  return found == index_->wanted.end() ? kNone : found->second;
}

}  // namespace tidemark::checkers::search
