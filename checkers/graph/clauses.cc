#include "checkers/graph/clauses.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace tidemark::checkers::graph {

Clauses::Clauses() : starts_(1, 0), watches_(2), values_(2, 0), levels_(1, 0), reasons_(1, kNoClause), noted_(1, 0) {}

Literal Clauses::new_variable() {
  const auto literal = static_cast<Literal>(values_.size());
  values_.resize(values_.size() + 2, 0);
  watches_.resize(watches_.size() + 2);
  levels_.push_back(0);
  reasons_.push_back(kNoClause);
  noted_.push_back(0);
  return literal;
}

void Clauses::decide(Literal literal) {
  level_starts_.push_back(trail_.size());
  assign(literal, kNoClause);
}

void Clauses::assign(Literal literal, ClauseId reason) {
  TIDEMARK_ASSERT(!assigned(literal), "a literal is assigned once");
  values_[literal] = 1;
  values_[negation(literal)] = -1;
  levels_[literal >> 1] = level();
  reasons_[literal >> 1] = reason;
  trail_.push_back(literal);
}

void Clauses::assign_for_good(Literal literal) {
  assign(literal, kNoClause);
  levels_[literal >> 1] = 0;
}

std::size_t Clauses::back_to(std::uint32_t wanted) {
  if (wanted >= level()) return trail_.size();
  const std::size_t kept = level_starts_[wanted];
  std::size_t end = kept;
  for (std::size_t i = kept; i < trail_.size(); ++i) {
    const Literal literal = trail_[i];
    if (level_of(literal) == 0) {
      trail_[end++] = literal;
    } else {
      values_[literal] = 0;
      values_[negation(literal)] = 0;
    }
  }
  trail_.resize(end);
  level_starts_.resize(wanted);
  propagated_ = std::min(propagated_, kept);
  return kept;
}

ClauseId Clauses::add(std::vector<Literal> literals, std::span<const ClauseId> because) {
  const auto id = static_cast<ClauseId>(clauses());
  // The two that become open first when the caller goes back must be watched.
  const auto earlier = [this](Literal a, Literal b) { return level_of(a) < level_of(b); };
  if (is_false(literals[0])) {
    std::iter_swap(literals.begin(), std::max_element(literals.begin(), literals.end(), earlier));
  }
  if (literals.size() > 1) {
    std::iter_swap(literals.begin() + 1, std::max_element(literals.begin() + 1, literals.end(), earlier));
    watches_[literals[0]].push_back({id, literals[1]});
    watches_[literals[1]].push_back({id, literals[0]});
  }
  literals_.insert(literals_.end(), literals.begin(), literals.end());
  starts_.push_back(literals_.size());
  because_.emplace_back(because.begin(), because.end());
  return id;
}

/// False: the clause is violated. `dropped`: it is watched elsewhere from now on.
bool Clauses::look_at(Watch& watch, Literal falsified, bool& dropped) {
  Literal* const first = literals_.data() + starts_[watch.clause];
  const std::size_t size = starts_[watch.clause + 1] - starts_[watch.clause];
  if (first[0] == falsified) std::swap(first[0], first[1]);
  watch.other = first[0];
  if (is_true(first[0])) return true;
  for (std::size_t i = 2; i < size; ++i) {
    if (is_false(first[i])) continue;
    std::swap(first[1], first[i]);
    watches_[first[1]].push_back({watch.clause, first[0]});
    dropped = true;
    steps_ += i;
    return true;
  }
  steps_ += size;
  if (is_false(first[0])) return false;
  assign(first[0], watch.clause);
  return true;
}

ClauseId Clauses::propagate() {
  while (propagated_ < trail_.size()) {
    const Literal falsified = negation(trail_[propagated_++]);
    std::vector<Watch>& watches = watches_[falsified];
    std::size_t kept = 0;
    ClauseId violated = kNoClause;
    for (std::size_t i = 0; i < watches.size(); ++i) {
      ++steps_;
      Watch watch = watches[i];
      bool dropped = false;
      if (violated == kNoClause && !is_true(watch.other) && !look_at(watch, falsified, dropped)) {
        violated = watch.clause;
      }
      if (!dropped) watches[kept++] = watch;
    }
    watches.resize(kept);
    if (violated != kNoClause) return violated;
  }
  return kNoClause;
}

void Clauses::note(Literal literal, std::uint32_t at, std::uint32_t& open) {
  if (noted_[literal >> 1] != 0) return;
  if (level_of(literal) == 0) {
    // It always holds: not part of the clause, but of the reason why the clause holds.
    if (reasons_[literal >> 1] != kNoClause) used_.push_back(reasons_[literal >> 1]);
    return;
  }
  noted_[literal >> 1] = 1;
  if (level_of(literal) == at) {
    ++open;
  } else {
    learned_.push_back(literal);
  }
}

ClauseId Clauses::learn(ClauseId conflict) {
  std::uint32_t at = 0;
  for (const Literal literal : clause(conflict)) at = std::max(at, level_of(literal));
  if (at == 0) return kNoClause;
  learned_.assign(1, kKnown);
  used_.assign(1, conflict);
  std::uint32_t open = 0;
  for (const Literal literal : clause(conflict)) note(literal, at, open);
  std::size_t i = trail_.size();
  for (;;) {
    while (noted_[trail_[i - 1] >> 1] == 0) --i;
    const Literal literal = trail_[--i];
    if (--open == 0) {
      learned_[0] = negation(literal);
      break;
    }
    const ClauseId reason = reasons_[literal >> 1];
    used_.push_back(reason);
    steps_ += clause(reason).size();
    for (const Literal other : clause(reason)) {
      if (other != literal) note(other, at, open);
    }
  }
  for (const Literal literal : learned_) noted_[literal >> 1] = 0;
  // Those that were resolved away are noted still; they stand behind the first of the level.
  for (std::size_t j = level_starts_[at - 1]; j < trail_.size(); ++j) noted_[trail_[j] >> 1] = 0;
  std::sort(used_.begin(), used_.end());
  used_.erase(std::unique(used_.begin(), used_.end()), used_.end());
  return add(learned_, used_);
}

std::uint32_t Clauses::bearing_level(ClauseId id) const {
  std::uint32_t level = 0;
  for (const Literal literal : clause(id).subspan(1)) level = std::max(level, level_of(literal));
  return level;
}

std::vector<ClauseId> Clauses::roots(ClauseId conflict) const {
  std::vector<std::uint8_t> seen(clauses(), 0);
  std::vector<ClauseId> open{conflict};
  std::vector<ClauseId> result;
  seen[conflict] = 1;
  const auto reach = [&](ClauseId id) {
    if (id == kNoClause || seen[id] != 0) return;
    seen[id] = 1;
    open.push_back(id);
  };
  while (!open.empty()) {
    const ClauseId id = open.back();
    open.pop_back();
    if (because_[id].empty()) result.push_back(id);
    for (const ClauseId other : because_[id]) reach(other);
    for (const Literal literal : clause(id)) {
      if (assigned(literal) && level_of(literal) == 0) reach(reasons_[literal >> 1]);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace tidemark::checkers::graph
