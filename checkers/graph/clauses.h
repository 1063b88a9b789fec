// Clauses over yes-or-no decisions, and what follows from them: the core of a conflict-driven search (Marques-Silva and
// Sakallah 1999; two watched literals, Moskewicz 2001). What the decisions mean is the caller's business.
//
// The caller decides, adds the clauses that its own reasoning yields, and after a conflict calls learn(). Every clause
// stays. Deterministic: there is no randomness and nothing is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tidemark::checkers::graph {

/// Variable v (from 1) has the literals 2v (true) and 2v + 1 (false).
using Literal = std::uint32_t;
inline constexpr Literal kKnown = 0;  // no decision at all: it always holds
constexpr Literal negation(Literal literal) {
  return literal ^ 1;
}

using ClauseId = std::uint32_t;
inline constexpr ClauseId kNoClause = UINT32_MAX;

class Clauses {
 public:
  Clauses();
  /// Its literal "true".
  Literal new_variable();
  bool is_true(Literal literal) const { return values_[literal] > 0; }
  bool is_false(Literal literal) const { return values_[literal] < 0; }
  bool assigned(Literal literal) const { return values_[literal] != 0; }

  std::uint32_t level() const { return static_cast<std::uint32_t>(level_starts_.size()); }
  std::uint32_t level_of(Literal literal) const { return levels_[literal >> 1]; }
  const std::vector<Literal>& trail() const { return trail_; }

  void decide(Literal literal);
  /// `reason`: the clause that leaves no other choice, with `literal` first; kNoClause: see
  /// assign_for_good() and decide().
  void assign(Literal literal, ClauseId reason);
  /// It holds whatever was decided, and stays when the caller goes back.
  void assign_for_good(Literal literal);
  /// Forgets all assignments above this level. The place on the trail up to which nothing has changed: behind it stand
  /// those that stay, perhaps at new places.
  std::size_t back_to(std::uint32_t level);
  /// A clause whose literals are all false, or all but the first, which may be true or open.
  ClauseId add(std::vector<Literal> literals, std::span<const ClauseId> because);
  /// Assigns all that follows. A clause that is violated, or kNoClause.
  ClauseId propagate();
  /// Adds the clause that would have prevented the conflict. The caller goes back to bearing_level() of it, where it
  /// leaves one choice: its first literal, which the caller assigns. kNoClause: the conflict depends on no decision;
  /// nothing satisfies all clauses.
  ClauseId learn(ClauseId conflict);

  /// The latest level of the literals of a clause but the first.
  std::uint32_t bearing_level(ClauseId id) const;

  std::span<const Literal> clause(ClauseId id) const {
    return {literals_.data() + starts_[id], literals_.data() + starts_[id + 1]};
  }
  /// The clauses without `because` of which `conflict`, a violated clause on level 0, is a consequence; ascending.
  std::vector<ClauseId> roots(ClauseId conflict) const;
  std::size_t clauses() const { return starts_.size() - 1; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Watch {
    ClauseId clause;
    Literal other;  // if this one is true, the clause need not be looked at
  };

  bool look_at(Watch& watch, Literal falsified, bool& dropped);
  void note(Literal literal, std::uint32_t level, std::uint32_t& open);

  std::vector<Literal> literals_;
  std::vector<std::size_t> starts_;
  std::vector<std::vector<ClauseId>> because_;
  std::vector<std::vector<Watch>> watches_;  // by literal: the clauses to look at when it becomes false
  std::vector<std::int8_t> values_;          // by literal: 1, -1, 0 open
  std::vector<std::uint32_t> levels_;        // by variable
  std::vector<ClauseId> reasons_;            // by variable
  std::vector<std::uint8_t> noted_;          // by variable, while learning
  std::vector<Literal> trail_;
  std::vector<std::size_t> level_starts_;
  std::size_t propagated_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Literal> learned_;
  std::vector<ClauseId> used_;
};

}  // namespace tidemark::checkers::graph
