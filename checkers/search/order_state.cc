#include "checkers/search/order_state.h"

#include <algorithm>

#include "checkers/search/content.h"

namespace tidemark::checkers::search {
namespace {

Digest128 hash_of(std::uint32_t item) {
  return {scramble(item + 0x51ed270b0a2f3b4dULL), scramble((item + 1ULL) * 0x9e3779b97f4a7c15ULL)};
}

bool is_change(const Action& action) {
  return action.kind != ActionKind::kExpect && action.kind != ActionKind::kExpectNot;
}

}  // namespace

Workspace::Workspace(const Program& program)
    : machine(program),
      readers_left(program.wants().states.size(), 0),
      children_left(program.wants().states.size(), 0),
      producers_left(program.wants().producers, 0),
      needed(program.wants().producers, 0) {}

OrderState::OrderState(const Program& program, const SearchInput& input, Workspace& workspace)
    : program_(program),
      input_(input),
      machine_(workspace.machine),
      readers_left_(workspace.readers_left),
      children_left_(workspace.children_left),
      producers_left_(workspace.producers_left) {
  done_.assign(size(), 0);
  for (std::uint32_t item = 0; item < size(); ++item) {
    count(item, 1);
    const Txn& of = program.history().transactions()[txn(item)];
    call_.push_back(of.call);
    ret_.push_back(optional(item) ? kNever : of.ret);
    if (optional(item)) continue;
    ++required_left_;
    if (input.real_time) by_ret_.push_back(item);
  }
  std::sort(by_ret_.begin(), by_ret_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return ret_[a] != ret_[b] ? ret_[a] < ret_[b] : a < b; });
  rank_.assign(size(), kNone);
  for (std::uint32_t place = 0; place < by_ret_.size(); ++place) rank_[by_ret_[place]] = place;
  link_all();
}

OrderState::~OrderState() {
  go_back({});
  for (std::uint32_t item = 0; item < size(); ++item) count(item, -1);
}

void OrderState::link_all() {
  open_predecessors_.assign(size(), 0);
  successors_first_.assign(size() + 1, 0);
  for (const auto& [from, to] : input_.edges) {
    ++open_predecessors_[to];
    ++successors_first_[from + 1];
  }
  for (std::uint32_t item = 0; item < size(); ++item) successors_first_[item + 1] += successors_first_[item];
  std::vector<std::uint32_t> place(successors_first_.begin(), successors_first_.end() - 1);
  successors_.resize(input_.edges.size());
  for (const auto& [from, to] : input_.edges) successors_[place[from]++] = to;

  next_.assign(size() + 1, size());
  previous_.assign(size() + 1, size());
  std::uint32_t last = size();
  for (std::uint32_t item = 0; item < size(); ++item) {
    if (open_predecessors_[item] != 0) continue;
    next_[last] = item;
    previous_[item] = last;
    last = item;
  }
  next_[last] = size();
  previous_[size()] = last;
}

void OrderState::count(std::uint32_t item, std::int32_t by) {
  for (const Action& action : actions(item)) {
    if (action.want != kNone) count_reader(action.want, by);
    if (action.producer != kNone && action.kind != ActionKind::kInsert)
      producers_left_[action.producer] += static_cast<std::uint32_t>(by);
  }
}

void OrderState::count_reader(std::uint32_t wanted, std::int32_t by) {
  bool was_due = due(wanted);
  readers_left_[wanted] += static_cast<std::uint32_t>(by);
  const std::vector<Wants::State>& states = program_.wants().states;
  while (due(wanted) != was_due) {
    wanted = states[wanted].parent;
    if (wanted == kNone) return;
    was_due = due(wanted);
    children_left_[wanted] += static_cast<std::uint32_t>(by);
  }
}

void OrderState::mark_done(std::uint32_t item) {
  trail_.push_back(item);
  done_[item] = 1;
  const Digest128 hash = hash_of(item);
  done_hash_ = {done_hash_.high ^ hash.high, done_hash_.low ^ hash.low};
  if (!optional(item)) --required_left_;
  count(item, -1);
  while (limit_ < by_ret_.size() && done_[by_ret_[limit_]] != 0) ++limit_;
  next_[previous_[item]] = next_[item];
  previous_[next_[item]] = previous_[item];
  for (std::uint32_t i = successors_first_[item]; i < successors_first_[item + 1]; ++i) {
    const std::uint32_t other = successors_[i];
    if (--open_predecessors_[other] != 0) continue;
    // Where its predecessor was: a pass over the list that takes what it can meets it next.
    const std::uint32_t after = next_[item];
    const std::uint32_t in_front = previous_[after];
    next_[in_front] = other;
    previous_[other] = in_front;
    next_[other] = after;
    previous_[after] = other;
  }
}

void OrderState::mark_open(std::uint32_t item) {
  for (std::uint32_t i = successors_first_[item + 1]; i > successors_first_[item]; --i) {
    const std::uint32_t other = successors_[i - 1];
    if (open_predecessors_[other]++ != 0) continue;
    next_[previous_[other]] = next_[other];
    previous_[next_[other]] = previous_[other];
  }
  next_[previous_[item]] = item;
  previous_[next_[item]] = item;
  count(item, 1);
  if (!optional(item)) ++required_left_;
  const Digest128 hash = hash_of(item);
  done_hash_ = {done_hash_.high ^ hash.high, done_hash_.low ^ hash.low};
  done_[item] = 0;
  if (rank_[item] != kNone) limit_ = std::min<std::size_t>(limit_, rank_[item]);
}

Digest128 OrderState::fingerprint() const {
  const Digest128& state = machine_.fingerprint();
  return {done_hash_.high ^ state.high, done_hash_.low ^ state.low};
}

bool OrderState::advance(std::uint32_t item) {
  left_behind_.clear();
  for (const Action& action : actions(item)) {
    const std::uint32_t wanted = is_change(action) ? machine_.wanted(action.key) : kNone;
    if (wanted != kNone) left_behind_.push_back(wanted);
  }
  const std::size_t before = machine_.mark();
  if (!machine_.apply(actions(item))) return false;
  mark_done(item);
  if (input_.to_the_reader || !loses_something(item)) return true;
  go_back({trail_.size() - 1, before});
  return false;
}

void OrderState::take_read(std::uint32_t item) {
  mark_done(item);
}

void OrderState::go_back(const Mark& mark) {
  while (trail_.size() > mark.trail) {
    mark_open(trail_.back());
    trail_.pop_back();
  }
  machine_.roll_back(mark.machine);
}

std::span<const std::uint32_t> OrderState::producers(std::uint32_t wanted) const {
  const Wants& wants = program_.wants();
  const std::uint32_t first = wants.producers_of_first[wanted];
  return {wants.producers_of.data() + first, wants.producers_of_first[wanted + 1] - first};
}

bool OrderState::producible(std::uint32_t wanted) const {
  for (const std::uint32_t producer : producers(wanted)) {
    if (producers_left_[producer] != 0) return true;
  }
  return false;
}

bool OrderState::lost(std::uint32_t wanted) const {
  if (readers_left_[wanted] == 0) return false;
  return machine_.wanted(program_.wants().states[wanted].key) != wanted && !producible(wanted);
}

std::uint32_t OrderState::child_on_the_way(std::uint32_t state, std::uint32_t parent, std::size_t steps) const {
  const std::vector<Wants::State>& states = program_.wants().states;
  for (; steps > 0 && state != kNone; --steps) {
    if (states[state].parent == parent) return state;
    state = states[state].parent;
  }
  return kNone;
}

bool OrderState::passed_through(std::uint32_t state, std::uint32_t wanted, std::size_t steps) const {
  for (; steps > 0 && state != kNone; --steps) {
    if (state == wanted) return true;
    state = program_.wants().states[state].parent;
  }
  return false;
}

// The key has left the state. What must still grow from it, other than by the way that was taken, needs it again.
bool OrderState::lost_behind(std::uint32_t wanted, std::size_t steps) const {
  const std::uint32_t now = machine_.wanted(program_.wants().states[wanted].key);
  if (now == wanted) return false;
  std::uint32_t needing = readers_left_[wanted] + children_left_[wanted];
  if (children_left_[wanted] != 0) {
    const std::uint32_t taken = child_on_the_way(now, wanted, steps);
    if (taken != kNone && due(taken)) --needing;
  }
  return needing != 0 && !producible(wanted);
}

bool OrderState::loses_something(std::uint32_t item) const {
  const std::size_t steps = actions(item).size();
  for (const std::uint32_t wanted : left_behind_) {
    if (lost_behind(wanted, steps)) return true;
  }
  const Wants& wants = program_.wants();
  for (const Action& action : actions(item)) {
    if (action.producer == kNone || action.kind == ActionKind::kInsert) continue;
    if (producers_left_[action.producer] != 0) continue;
    for (std::uint32_t i = wants.states_of_first[action.producer]; i < wants.states_of_first[action.producer + 1];
         ++i) {
      const std::uint32_t wanted = wants.states_of[i];
      if (lost(wanted)) return true;
      // This was the only change that could make it. Was it made?
      const bool missed = wants.states[wanted].once && due(wanted);
      if (missed && !passed_through(machine_.wanted(action.key), wanted, steps)) return true;
    }
  }
  return false;
}

std::uint32_t OrderState::reader_of_the_impossible() const {
  for (std::uint32_t item = 0; item < size(); ++item) {
    for (const Action& action : actions(item)) {
      if (action.want != kNone && lost(action.want) && !optional(item)) return item;
    }
  }
  return kNone;
}

bool OrderState::is_needed(const Action& change) const {
  if (change.producer == kNone || change.kind == ActionKind::kInsert) return true;
  const Wants& wants = program_.wants();
  for (std::uint32_t i = wants.states_of_first[change.producer]; i < wants.states_of_first[change.producer + 1]; ++i) {
    if (due(wants.states_of[i])) return true;
  }
  return false;
}

bool OrderState::is_idle(std::uint32_t item) const {
  const std::span<const Action> all = actions(item);
  if (all.size() != 1 || all[0].kind != ActionKind::kPut || program_.shape(all[0].key) != Shape::kRegister)
    return false;
  return program_.wants().probed[all[0].producer] == 0 && !is_needed(all[0]);
}

bool OrderState::is_next(const Action& change) const {
  if (change.kind != ActionKind::kExtend) return false;
  const std::uint32_t now = machine_.wanted(change.key);
  const Wants& wants = program_.wants();
  for (std::uint32_t i = wants.states_of_first[change.producer]; i < wants.states_of_first[change.producer + 1]; ++i) {
    const std::uint32_t wanted = wants.states_of[i];
    if (now != kNone && wants.states[wanted].parent == now && due(wanted)) return true;
  }
  return false;
}

}  // namespace tidemark::checkers::search
