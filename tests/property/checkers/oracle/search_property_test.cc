// The searches against the oracle, on small random histories of every kind of data.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checkers/search/linearizable.h"
#include "checkers/search/sequential_search.h"
#include "oracle.h"
#include "random_record.h"
#include "tally.h"

namespace tidemark::checkers::oracle {
namespace {

struct Tallies {
  Tally none, session, real_time, linearizable;
};

search::Constraint searched(Constraint constraint) {
  return static_cast<search::Constraint>(constraint);
}

void agree(const History& history, const Judgement& judgement, const Rules& rules, Tally& tally) {
  const bool valid = find_order(history, rules).has_value();
  tally.add(valid);
  RC_LOG() << show(history) << "constraint " << static_cast<int>(rules.constraint) << ": " << judgement.reason << '\n';
  for (const Anomaly& anomaly : judgement.anomalies) RC_LOG() << anomaly.name << ": " << anomaly.fact << '\n';
  RC_ASSERT(judgement.validity == (valid ? Validity::kValid : Validity::kInvalid));
  if (valid) {
    RC_ASSERT(is_order(history, rules, judgement.order));
    return;
  }
  RC_ASSERT(!judgement.anomalies.empty());
  RC_ASSERT(judgement.anomalies[0].transactions.size() <= 6U);
}

void searches_agree(const Shape& shape, Tallies& tallies) {
  EXPECT_TRUE(rc::check("a search finds an order exactly if there is one", [&] {
    const auto bytes = random_choices();
    const History history = random_record(bytes, shape);
    JudgeOptions options;
    options.want_order = true;
    options.failed_cas_compared = bytes.back() % 2 == 1;
    for (const Constraint constraint : {Constraint::kNone, Constraint::kSession, Constraint::kRealTime}) {
      const Rules rules{constraint, options.failed_cas_compared};
      Tally& tally = constraint == Constraint::kNone      ? tallies.none
                     : constraint == Constraint::kSession ? tallies.session
                                                          : tallies.real_time;
      agree(history, search::judge_by_search(history, searched(constraint), options), rules, tally);
    }
    if (!shape.single_events) return;
    const Rules rules{Constraint::kRealTime, options.failed_cas_compared};
    agree(history, search::judge_linearizable(history, options), rules, tallies.linearizable);
  }));
}

void expect_both(const Tallies& tallies, bool single_events) {
  tallies.none.expect_both(0.08);
  tallies.session.expect_both(0.08);
  tallies.real_time.expect_both(0.08);
  if (single_events) tallies.linearizable.expect_both(0.08);
}

struct Case {
  const char* name;
  Shape shape;
};

class Searches : public testing::TestWithParam<Case> {};

TEST_P(Searches, AgreeWithTheOracle) {
  Tallies tallies;
  searches_agree(GetParam().shape, tallies);
  expect_both(tallies, GetParam().shape.single_events);
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryKind, Searches,
    testing::Values(Case{"UniqueRegisters", {Theme::kUniqueRegisters, false, false, false, false}},
                    Case{"UniqueComparisons", {Theme::kUniqueComparisons, false, false, false, false}},
                    Case{"Registers", {Theme::kRegisters, false, true, false, false}},
                    Case{"OverlappingLists", {Theme::kLists, false, false, true, false, true}},
                    Case{"Lists", {Theme::kLists, false, false, false, false}},
                    Case{"RecurringLists", {Theme::kLists, false, true, true, false}},
                    Case{"Texts", {Theme::kTexts, false, true, false, false}},
                    Case{"Sets", {Theme::kSets, false, true, false, false}},
                    Case{"Counters", {Theme::kCounters, false, false, false, false}},
                    Case{"Mixed", {Theme::kMixed, false, false, false, false}},
                    Case{"SingleUniqueRegisters", {Theme::kUniqueRegisters, true, false, false, false}},
                    Case{"SingleRegisters", {Theme::kRegisters, true, true, false, false}},
                    Case{"SingleLists", {Theme::kLists, true, false, false, false}},
                    Case{"SingleTexts", {Theme::kTexts, true, false, false, false}},
                    Case{"SingleSets", {Theme::kSets, true, true, false, false}},
                    Case{"SingleCounters", {Theme::kCounters, true, false, false, false}},
                    Case{"SingleMixed", {Theme::kMixed, true, true, true, false}}),
    [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace tidemark::checkers::oracle
