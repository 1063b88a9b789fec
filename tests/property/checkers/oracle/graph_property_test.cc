// The graph of dependencies against the oracle: serializability with every constraint, snapshot isolation, read
// committed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checkers/graph/transactional.h"
#include "random_record.h"
#include "tally.h"
#include "weak_oracle.h"

namespace tidemark::checkers::oracle {
namespace {

using graph::Isolation;

constexpr Constraint kConstraints[] = {Constraint::kNone, Constraint::kSession, Constraint::kRealTime};
constexpr Isolation kIsolations[] = {Isolation::kSerializable, Isolation::kSnapshot, Isolation::kReadCommitted};

struct Tallies {
  Tally of[3][3];  // isolation, constraint
  Tally& at(Isolation isolation, Constraint constraint) {
    return of[static_cast<std::size_t>(isolation)][static_cast<std::size_t>(constraint)];
  }
};

bool truth(const History& history, Isolation isolation, const Rules& rules) {
  if (isolation == Isolation::kSerializable) return find_order(history, rules).has_value();
  return isolation == Isolation::kSnapshot ? allows_snapshot(history, rules) : allows_read_committed(history, rules);
}

void agree(const History& history, Isolation isolation, Constraint constraint, Tally& tally) {
  graph::TransactionalModel model;
  model.isolation = isolation;
  model.sessions = constraint != Constraint::kNone;
  model.real_time = constraint == Constraint::kRealTime;
  JudgeOptions options;
  options.want_order = true;
  const Judgement judgement = graph::judge_transactional(history, model, options);
  const Rules rules{constraint, false};
  const bool valid = truth(history, isolation, rules);
  tally.add(valid);
  if (judgement.validity == Validity::kUnknown) {
    ++tally.undecided;
    RC_ASSERT(!judgement.reason.empty());
    return;
  }
  RC_LOG() << show(history) << "isolation " << static_cast<int>(isolation) << ", constraint "
           << static_cast<int>(constraint) << ": " << judgement.reason << '\n';
  for (const Anomaly& anomaly : judgement.anomalies) RC_LOG() << anomaly.name << ": " << anomaly.fact << '\n';
  RC_ASSERT(judgement.validity == (valid ? Validity::kValid : Validity::kInvalid));
  RC_ASSERT(valid == judgement.anomalies.empty());
  if (valid && isolation == Isolation::kSerializable) RC_ASSERT(is_order(history, rules, judgement.order));
}

void graphs_agree(const Shape& shape, bool weak, Tallies& tallies) {
  EXPECT_TRUE(rc::check("a graph has a forbidden cycle exactly if no order explains the history", [&] {
    const auto bytes = random_choices();
    const History history = random_record(bytes, shape);
    for (const Isolation isolation : kIsolations) {
      if (!weak && isolation != Isolation::kSerializable) continue;
      for (const Constraint constraint : kConstraints)
        agree(history, isolation, constraint, tallies.at(isolation, constraint));
    }
  }));
}

TEST(Graph, AgreesWithTheOracleOnLists) {
  Tallies tallies;
  graphs_agree({Theme::kLists, false, false, false}, true, tallies);
  for (const Constraint constraint : kConstraints) {
    for (const Isolation isolation : kIsolations) tallies.at(isolation, constraint).expect_both(0.05);
    tallies.at(Isolation::kSerializable, constraint).expect_undecided_at_most(0);
    tallies.at(Isolation::kReadCommitted, constraint).expect_undecided_at_most(0);
    tallies.at(Isolation::kSnapshot, constraint).expect_undecided_at_most(0.02);
  }
}

TEST(Graph, AgreesWithTheOracleOnRegistersWithUniqueWrites) {
  Tallies tallies;
  graphs_agree({Theme::kUniqueRegisters, false, false, false}, true, tallies);
  for (const Constraint constraint : kConstraints) {
    for (const Isolation isolation : kIsolations) tallies.at(isolation, constraint).expect_both(0.05);
  }
}

TEST(Graph, AgreesWithTheOracleOnComparisonsWithUniqueWrites) {
  Tallies tallies;
  graphs_agree({Theme::kUniqueComparisons, false, false, false}, false, tallies);
  for (const Constraint constraint : kConstraints) {
    tallies.at(Isolation::kSerializable, constraint).expect_both(0.05);
    tallies.at(Isolation::kSerializable, constraint).expect_undecided_at_most(0.0);
  }
}

TEST(Graph, AgreesWithTheOracleOnListsWhoseElementsRecur) {
  Tallies tallies;
  graphs_agree({Theme::kLists, false, true, true}, false, tallies);
}

TEST(Graph, AgreesWithTheOracleOnSets) {
  Tallies tallies;
  graphs_agree({Theme::kSets, false, false, false}, false, tallies);
}

TEST(Graph, AgreesWithTheOracleOnRegistersWhoseValuesRecur) {
  Tallies tallies;
  graphs_agree({Theme::kRegisters, false, true, false}, false, tallies);
}

TEST(Graph, AgreesWithTheOracleWhereSessionsDoSeveralThingsAtATime) {
  for (const Theme theme : {Theme::kLists, Theme::kUniqueRegisters}) {
    Shape shape;
    shape.theme = theme;
    shape.overlapping = true;
    Tallies tallies;
    graphs_agree(shape, true, tallies);
    for (const Constraint constraint : kConstraints) {
      for (const Isolation isolation : kIsolations) tallies.at(isolation, constraint).expect_both(0.05);
    }
  }
}

TEST(Graph, AgreesWithTheOracleOnMixtures) {
  Tallies tallies;
  graphs_agree({Theme::kMixed, false, false, false}, false, tallies);
}

}  // namespace
}  // namespace tidemark::checkers::oracle
