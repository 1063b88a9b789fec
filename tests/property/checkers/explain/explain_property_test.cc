// Random small histories, every model: each step of each cycle is derived once more from the history, and the least
// that still fails does fail, in the same way.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checkers/explain/explain.h"
#include "checkers/explain/minimal.h"
#include "checkers/explain/picture.h"
#include "checkers/formats/write/write.h"
#include "checkers/judge/models.h"
#include "random_record.h"

namespace tidemark::checkers::oracle {
namespace {

why::Orders orders_of(Model model) {
  return {model != Model::kSerializable && model != Model::kReadCommitted,
          model == Model::kStrictSerializable || model == Model::kLinearizable};
}

void log(const History& history) {
  for (const Txn& txn : history.transactions()) {
    RC_LOG() << 'T' << txn.index << " session " << history.show_session(txn.session) << " outcome "
             << static_cast<int>(txn.outcome) << " @" << txn.call << '-' << txn.ret << ": " << history.show(txn)
             << '\n';
  }
}

void expect_steps_derived(const History& history, const Anomaly& anomaly, const why::Orders& orders) {
  for (const Step& step : anomaly.cycle) {
    RC_LOG() << anomaly.name << ": T" << step.from << ' ' << to_text(step.relation) << " T" << step.to << " of "
             << history.show_key(step.key) << ", " << history.show(step.before) << " to " << history.show(step.after)
             << '\n';
    why::Orders allowed = orders;
    allowed.real_time = allowed.real_time || anomaly.name.find("-realtime") != std::string::npos;
    RC_ASSERT(why::derive(history, step, anomaly.transactions, allowed).has_value());
  }
}

/// The number of contradictions that were looked at.
std::uint64_t explain_all(const Shape& shape, Model model) {
  std::uint64_t seen = 0;
  const why::Orders orders = orders_of(model);
  const Judge judged = [model](const History& history) { return judge(history, model); };
  EXPECT_TRUE(rc::check(info(model).name, [&] {
    const History history = random_record(random_choices(), shape);
    log(history);
    const Judgement judgement = judged(history);
    for (const Anomaly& anomaly : judgement.anomalies) {
      expect_steps_derived(history, anomaly, orders);
      RC_ASSERT(explain(history, info(model).guarantee, anomaly, orders).find(anomaly.name) != std::string::npos);
      RC_ASSERT(draw(history, anomaly, orders).find("</svg>") != std::string::npos);
    }
    if (judgement.anomalies.empty()) return;
    ++seen;
    MinimalOptions options;
    options.orders = orders;
    const Minimal minimal = minimal_history(history, judgement.anomalies[0], judged, options);
    RC_LOG() << "minimal:\n";
    log(minimal.history);
    RC_ASSERT(minimal.complete);
    RC_ASSERT(minimal.original.size() == minimal.history.transactions().size());
    RC_ASSERT(minimal.history.events().size() <= history.events().size());
    const Judgement again = judged(minimal.history);
    RC_ASSERT(again.validity == Validity::kInvalid);
    RC_ASSERT(again.anomalies.at(0).name == judgement.anomalies[0].name);
    expect_steps_derived(minimal.history, minimal.anomaly, orders);
  }));
  return seen;
}

struct Case {
  const char* name;
  Shape shape;
};

class Explained : public testing::TestWithParam<Case> {};

TEST_P(Explained, EveryStepFollowsAndTheLeastStillFails) {
  std::uint64_t seen = 0;
  for (const ModelInfo& model : models()) {
    if (model.model == Model::kLinearizable && !GetParam().shape.single_events) continue;
    seen += explain_all(GetParam().shape, model.model);
  }
  EXPECT_GT(seen, 200U) << "contradictions must be plentiful";
}

INSTANTIATE_TEST_SUITE_P(Shapes, Explained,
                         testing::Values(Case{"Registers", {Theme::kUniqueRegisters, false, false, false, false}},
                                         Case{"SingleRegisters", {Theme::kUniqueRegisters, true, false, false, false}},
                                         Case{"RecurringValues", {Theme::kRegisters, true, false, false, false}},
                                         Case{"Lists", {Theme::kLists, false, false, false, false}},
                                         Case{"TornLists", {Theme::kLists, false, false, false, true}},
                                         Case{"RecurringElements", {Theme::kLists, false, false, true, false}},
                                         Case{"Sets", {Theme::kSets, false, false, false, false}},
                                         Case{"Counters", {Theme::kCounters, false, false, false, false}},
                                         Case{"Texts", {Theme::kTexts, true, false, false, false}},
                                         Case{"Cleared", {Theme::kMixed, true, true, false, false}},
                                         Case{"Mixed", {Theme::kMixed, false, false, false, true}}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace tidemark::checkers::oracle
