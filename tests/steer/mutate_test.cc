// Mutated plans are plans: they can be carried out, and what was not changed stays as it was.
#include "steer/mutate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "shipped.h"
#include "steer/plan_text.h"
#include "steer/trial.h"

namespace tidemark::steer {
namespace {

/// A run of the seed, as it is.
struct Base {
  Base(const std::string& name, std::uint64_t seed) : scenario(shipped(name)), ground(scenario, seed) {
    Choice choice;
    choice.run = choice.seed = seed;
    plan = run_choice(scenario, choice, reached).plan;
    weights.assign(reached.marks.size(), 1);
  }
  scenarios::Scenario scenario;
  Ground ground;
  sim::FaultPlan plan;
  Reached reached;
  std::vector<std::uint64_t> weights;
};

class OfScenario : public testing::TestWithParam<std::string> {};

TEST_P(OfScenario, GroundDrawsThePlanOfTheRun) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Base base(GetParam(), seed);
    EXPECT_EQ(base.ground.drawn(), base.plan) << "seed " << seed;
  }
}

TEST_P(OfScenario, MutatedPlansCanBeCarriedOut) {
  std::size_t changed = 0, grown = 0;
  std::set<std::string> words;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Base base(GetParam(), seed), other(GetParam(), seed + 100);
    for (std::uint64_t round = 0; round < 60; ++round) {
      sim::RandomStream random(seed * 1000 + round, "mutate");
      Material material{base.ground, base.reached.marks, base.weights, round % 2 == 0, &other.plan};
      material.least = 1 + static_cast<unsigned>(round % 4);
      material.grow_to = round % 3 == 0 ? kMostFaults : 0;
      const Mutated mutated = mutate(base.plan, material, random);
      std::vector<std::uint64_t> blamed;
      EXPECT_EQ(base.ground.problem(mutated.plan, blamed), "") << "seed " << seed << ": " << mutated.how;
      EXPECT_LE(mutated.plan.faults.size(), std::max(kMostFaults, base.plan.faults.size()));
      EXPECT_EQ(mutated.plan.phase, base.plan.phase);
      EXPECT_EQ(mutated.plan.beyond_budget, base.plan.beyond_budget);
      changed += !(mutated.plan == base.plan);
      grown += mutated.plan.faults.size() > base.plan.faults.size();
      for (std::size_t at = 0; at < mutated.how.size();
           at = std::min(mutated.how.find("; ", at), mutated.how.size() - 2) + 2)
        words.insert(mutated.how.substr(at, mutated.how.find(' ', at) - at));
    }
  }
  EXPECT_GT(changed, 300U);
  EXPECT_GT(grown, 40U);  // in one of the scenarios the budget is nearly full
  for (const char* word : {"add", "aim", "splice", "drop", "move", "stretch", "copy", "redraw"})
    EXPECT_EQ(words.count(word), 1U) << word;
}

TEST_P(OfScenario, MutationIsAFunctionOfItsStream) {
  const Base base(GetParam(), 3);
  std::set<std::string> texts;
  for (std::uint64_t round = 0; round < 20; ++round) {
    sim::RandomStream first(round, "mutate"), second(round, "mutate");
    const Material material{base.ground, base.reached.marks, base.weights};
    const Mutated a = mutate(base.plan, material, first), b = mutate(base.plan, material, second);
    EXPECT_EQ(a.plan, b.plan);
    EXPECT_EQ(a.how, b.how);
    texts.insert(plan_text(a.plan));
  }
  EXPECT_GT(texts.size(), 10U);
}

TEST_P(OfScenario, FaultsThatAreNotNamedStayAsTheyWere) {
  const Base base(GetParam(), 5);
  std::map<std::uint64_t, sim::Fault> before;
  for (const sim::Fault& fault : base.plan.faults) before.emplace(fault.id, fault);
  for (std::uint64_t round = 0; round < 60; ++round) {
    sim::RandomStream random(round, "mutate");
    const Material material{base.ground, base.reached.marks, base.weights};
    const Mutated mutated = mutate(base.plan, material, random);
    std::set<std::uint64_t> ids;
    for (const sim::Fault& fault : mutated.plan.faults) {
      EXPECT_TRUE(ids.insert(fault.id).second) << "twice: " << fault.id;
      const auto known = before.find(fault.id);
      if (known == before.end()) continue;
      const std::string id = " " + std::to_string(fault.id);
      const bool named = (mutated.how + ";").find(id + ";") != std::string::npos;
      EXPECT_TRUE(named || fault == known->second) << fault.title() << ": " << mutated.how;
    }
  }
}

/// What happens, without the running digest: that has the whole plan in it.
class Events final : public sim::EventSink {
 public:
  void on_event(const sim::EventRecord& event) override {
    events.emplace_back(event.when.ns(), static_cast<std::uint64_t>(event.kind), event.process, event.tag);
  }
  std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t, std::uint64_t>> events;
};

std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t, std::uint64_t>> events_of(
    const Base& base, const sim::FaultPlan& plan) {
  Events events;
  scenarios::RunRequest request{base.scenario, 5, "", ""};
  request.plan = &plan;
  request.events = &events;
  scenarios::run_scenario(request);
  return events.events;
}

TEST_P(OfScenario, ARunIsTheSameUntilTheFirstChangeStrikes) {
  const Base base(GetParam(), 5);
  sim::FaultPlan changed = base.plan;
  sim::Fault late = sim::make_fault(sim::FaultKind::kP2);
  late.id = 900;
  late.targets = {base.ground.topology().of_role(sim::kRoleFollower).front()->name};
  late.start.after = base.plan.phase / 2;
  late.duration = sim::Duration::milliseconds(300);
  changed.faults.push_back(late);
  const auto plain = events_of(base, base.plan), other = events_of(base, changed);
  const auto differ = std::mismatch(plain.begin(), plain.end(), other.begin(), other.end());
  ASSERT_NE(differ.second, other.end()) << "the fault changed nothing";
  // The first event that differs is the fault itself.
  EXPECT_EQ(std::get<1>(*differ.second), static_cast<std::uint64_t>(sim::EventKind::kNemesis));
  EXPECT_EQ(std::get<3>(*differ.second), 900U * 4);
}

TEST_P(OfScenario, PlansAndMarksAreReadBack) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Base base(GetParam(), seed);
    const auto plan = parse_plan(plan_text(base.plan));
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(*plan, base.plan);
    Reached reached;
    ASSERT_TRUE(parse_reached(reached_text(base.reached), reached));
    EXPECT_EQ(reached.features, base.reached.features);
    EXPECT_EQ(reached.marks, base.reached.marks);
    Choice choice;
    choice.run = 17;
    choice.seed = seed;
    choice.plan = base.plan;
    const Choice read = parse_choice(choice_text(choice));
    EXPECT_EQ(read.run, 17U);
    EXPECT_EQ(read.seed, seed);
    EXPECT_EQ(read.plan, choice.plan);
  }
}

INSTANTIATE_TEST_SUITE_P(Steer, OfScenario, testing::ValuesIn(kScenarios), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

TEST(PlanText, RefusesOtherText) {
  for (const char* text : {"", "phase", "phase x\n", "phase 1 s\nnonsense\n", "phase 1 s\n1\tZZ9\t1 s\t1 s\n",
                           "phase 1 s\n1\tP1\t1 s\t1 s\tnothing\n"})
    EXPECT_FALSE(parse_plan(text).has_value()) << text;
  for (const char* text : {"x\n", "1\ta\n", "1\ta\tb\n"}) EXPECT_FALSE(parse_marks(text).has_value()) << text;
}

}  // namespace
}  // namespace tidemark::steer
