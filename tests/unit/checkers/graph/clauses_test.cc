// The core of the search against all assignments, on small random formulas. The caller's part is that of
// serial_order.cc: a clause is added where it is violated or leaves one choice.
#include "checkers/graph/clauses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "draws.h"

namespace tidemark::checkers::graph {
namespace {

using Formula = std::vector<std::vector<Literal>>;

bool holds(const std::vector<Literal>& clause, std::uint32_t assignment) {  // bit v: variable v is true
  return std::any_of(clause.begin(), clause.end(),
                     [&](Literal literal) { return (assignment >> (literal >> 1) & 1U) != (literal & 1U); });
}

bool satisfiable(const Formula& formula, std::uint32_t variables) {
  for (std::uint32_t assignment = 0; assignment < 1U << variables; ++assignment) {
    const auto fits = [&](const std::vector<Literal>& clause) { return holds(clause, assignment << 1); };
    if (std::all_of(formula.begin(), formula.end(), fits)) return true;
  }
  return false;
}

Formula random_formula(Draws& draws, std::uint32_t variables) {
  Formula formula;
  const std::uint32_t count = 4 + draws.below(5 * variables);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::vector<Literal> clause;
    const std::uint32_t size = draws.below(8) == 0 ? 1 : 2 + draws.below(3);
    for (std::uint32_t j = 0; j < size; ++j) {
      const Literal literal = 2 * (1 + draws.below(variables)) + draws.below(2);
      const auto same = [&](Literal other) { return other >> 1 == literal >> 1; };
      if (std::none_of(clause.begin(), clause.end(), same)) clause.push_back(literal);
    }
    formula.push_back(std::move(clause));
  }
  return formula;
}

class Search {
 public:
  Search(const Formula& formula, std::uint32_t variables, Draws& draws)
      : formula_(formula), variables_(variables), draws_(draws) {
    for (std::uint32_t i = 0; i < variables; ++i) clauses_.new_variable();
  }

  /// Is there an assignment? At most so many rounds.
  bool run() {
    for (int round = 0; round < 10'000; ++round) {
      ClauseId conflict = clauses_.propagate();
      if (conflict == kNoClause) {
        check_that_all_was_followed();
        const Next next = look();
        if (next == Next::kFits) return true;
        if (next == Next::kWentOn) continue;
        conflict = clauses_.add(violated_, {});
      }
      const ClauseId learned = clauses_.learn(conflict);
      if (learned == kNoClause) {
        check_roots(conflict);
        return false;
      }
      clauses_.back_to(clauses_.bearing_level(learned));
      const Literal first = clauses_.clause(learned)[0];
      EXPECT_FALSE(clauses_.assigned(first));
      if (clauses_.assigned(first)) return false;
      clauses_.assign(first, learned);
    }
    ADD_FAILURE() << "the search does not end";
    return false;
  }

 private:
  enum class Next { kFits, kWentOn, kConflict };

  /// A clause of the formula that is violated or leaves one choice; else a decision.
  Next look() {
    for (const std::vector<Literal>& clause : formula_) {
      const auto is_false = [this](Literal literal) { return clauses_.is_false(literal); };
      const auto is_true = [this](Literal literal) { return clauses_.is_true(literal); };
      if (std::any_of(clause.begin(), clause.end(), is_true)) continue;
      const auto open =
          std::count_if(clause.begin(), clause.end(), [&](Literal literal) { return !is_false(literal); });
      if (open == 0) {
        violated_ = clause;
        return Next::kConflict;
      }
      if (open == 1 && draws_.below(2) == 0) {
        force(clause);
        return Next::kWentOn;
      }
    }
    std::vector<Literal> open;
    for (Literal literal = 2; literal < 2 * (variables_ + 1); ++literal) {
      if (!clauses_.assigned(literal)) open.push_back(literal);
    }
    if (open.empty()) return Next::kFits;
    clauses_.decide(open[draws_.below(static_cast<std::uint32_t>(open.size()))]);
    return Next::kWentOn;
  }

  void force(std::vector<Literal> clause) {
    const auto open = std::find_if(clause.begin(), clause.end(), [this](Literal l) { return !clauses_.assigned(l); });
    std::iter_swap(clause.begin(), open);
    if (clause.size() == 1 && draws_.below(2) == 0) {
      known_.push_back(clause);
      return clauses_.assign_for_good(clause[0]);
    }
    std::uint32_t level = 0;
    for (std::size_t i = 1; i < clause.size(); ++i) level = std::max(level, clauses_.level_of(clause[i]));
    clauses_.back_to(level);
    const ClauseId reason = clauses_.add(clause, {});
    clauses_.assign(clause[0], reason);
  }

  void check_that_all_was_followed() const {
    for (ClauseId id = 0; id < clauses_.clauses(); ++id) {
      std::size_t open = 0;
      bool fits = false;
      for (const Literal literal : clauses_.clause(id)) {
        fits = fits || clauses_.is_true(literal);
        open += clauses_.assigned(literal) ? 0 : 1;
      }
      EXPECT_TRUE(fits || open > 1) << "clause " << id << " leaves " << open;
    }
  }

  /// The witness: with what was known beside, its clauses cannot all hold.
  void check_roots(ClauseId conflict) const {
    Formula roots = known_;
    for (const ClauseId id : clauses_.roots(conflict)) {
      const std::span<const Literal> clause = clauses_.clause(id);
      std::vector<Literal> sorted(clause.begin(), clause.end());
      std::sort(sorted.begin(), sorted.end());
      const auto same = [&](std::vector<Literal> other) {
        std::sort(other.begin(), other.end());
        return other == sorted;
      };
      EXPECT_TRUE(std::any_of(formula_.begin(), formula_.end(), same)) << "no clause that was given";
      roots.push_back(std::move(sorted));
    }
    EXPECT_FALSE(satisfiable(roots, variables_));
  }

  const Formula& formula_;
  std::uint32_t variables_;
  Draws& draws_;
  Clauses clauses_;
  std::vector<Literal> violated_;
  Formula known_;  // assigned for good
};

TEST(Clauses, HaveAnAssignmentExactlyIfOneOfAllFits) {
  Draws draws(20261122);
  int found = 0;
  constexpr int kFormulas = 3'000;
  for (int i = 0; i < kFormulas && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const std::uint32_t variables = 2 + draws.below(7);
    const Formula formula = random_formula(draws, variables);
    const bool fits = Search(formula, variables, draws).run();
    EXPECT_EQ(fits, satisfiable(formula, variables));
    found += fits ? 1 : 0;
  }
  EXPECT_GT(found, kFormulas / 5);
  EXPECT_LT(found, kFormulas * 4 / 5);
}

}  // namespace
}  // namespace tidemark::checkers::graph
