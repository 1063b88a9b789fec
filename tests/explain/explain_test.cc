// Planted mistakes of which it is known what they need: the explanation must say so.
#include "explain/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "explain/page.h"
#include "scenarios/loader.h"
#include "scenarios/shipped.h"

namespace tidemark::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

// A leader that begins with cold storage alone forgets what is in the followers' logs. It takes the kill of the first
// leader; the other kill has nothing to do with it, nor has the other database.
constexpr const char* kForgetfulTakeover = R"(
bugs = "B2"
[scenario]
name = "forgetful_takeover"
description = "A takeover forgets the log."
duration = "6 s"
[[database]]
name = "shop"
primary = "IAD"
replicas = ["LHR"]
[[database]]
name = "other"
primary = "IAD"
replicas = ["LHR"]
[workload]
kind = "append"
clients = 6
think_time = "100 ms"
read_share = "40 %"
[[fault]]
kind = "kill"
target = "shop/primary"
when = "3 s"
for = "2 s"
[[fault]]
kind = "kill"
target = "other/replica-LHR"
when = "1 s"
for = "500 ms"
)";

scenarios::Scenario load(const std::string& text, const std::vector<std::string>& sets = {}) {
  scenarios::LoadResult loaded = scenarios::load_scenario(text, "test.toml", sets);
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  return loaded.scenario;
}

scenarios::Scenario shipped(const std::string& name, const std::vector<std::string>& sets) {
  std::string error;
  const auto found = scenarios::find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  return load(found->text, sets);
}

ExplainOptions quick() {
  ExplainOptions options;
  options.jobs = 2;
  options.needs = false;
  options.curve = false;
  return options;
}

bool tells(const Story& story, const std::string& node, const std::string& text) {
  return std::any_of(story.lines.begin(), story.lines.end(), [&](const StoryLine& line) {
    return line.node.find(node) != std::string::npos && line.text.find(text) != std::string::npos;
  });
}

TEST(Explain, NamesTheFaultThatWasNeededAndTheOneThatWasNot) {
  ExplainOptions options = quick();
  options.needs = true;
  const auto made = explain_run(load(kForgetfulTakeover), 1, nullptr, options);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->first.verdict.name, "DUR");
  EXPECT_EQ(made->first.database, 0);
  ASSERT_TRUE(made->needs);
  ASSERT_EQ(made->needs->faults.size(), 2U);
  const FaultNeed& other = made->needs->faults[0];
  const FaultNeed& primary = made->needs->faults[1];
  EXPECT_EQ(primary.targets, std::vector<std::string>{"shop/primary"});
  EXPECT_EQ(primary.verdict(made->at()), "needed");
  EXPECT_EQ(primary.without->ending, Ending::kNone);
  EXPECT_EQ(other.verdict(made->at()), "irrelevant");
  ASSERT_TRUE(primary.later && primary.later->at && made->at());
  EXPECT_GT(*primary.later->at, *made->at()) << "a later kill makes a later failure";
  EXPECT_EQ(made->needs->no_faults->ending, Ending::kNone);
  EXPECT_TRUE(made->enough_trials);
}

TEST(Explain, TheStoryIsTheCausalPastOfTheDatabaseConcerned) {
  const auto made = explain_run(load(kForgetfulTakeover), 1, nullptr, quick());
  ASSERT_TRUE(made);
  EXPECT_TRUE(tells(made->story, "nemesis", "strikes: shop/primary"));
  EXPECT_TRUE(tells(made->story, "shop/primary", "leads in epoch 2"));
  EXPECT_FALSE(tells(made->story, "other/", ""));
  EXPECT_FALSE(tells(made->story, "nemesis", "other/replica-LHR"));
  EXPECT_LE(made->story.lines.size(), 40U);
  EXPECT_EQ(made->story.lines.back().event, made->first.event);
  for (const StoryLine& line : made->story.lines) EXPECT_LT(line.because, line.number);
}

TEST(Explain, TheFullStoryHasMoreLinesAndStillNoOtherDatabase) {
  ExplainOptions options = quick();
  options.full = true;
  const auto made = explain_run(load(kForgetfulTakeover), 1, nullptr, options);
  ASSERT_TRUE(made);
  EXPECT_GT(made->story.lines.size(), 100U);
  EXPECT_FALSE(tells(made->story, "other/", ""));
  EXPECT_TRUE(tells(made->story, "shop/follower-1", "receives Append e1-1 from shop/primary"));
}

// A replica that publishes before the quorum: the message that it should have waited for.
TEST(Explain, TheStoryHasTheMessageThatBroughtTheEntry) {
  const auto made = explain_run(shipped("smoke/mistakes_orders", {"bugs=F1"}), 7, nullptr, quick());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->first.verdict.name, "HIDE");
  ASSERT_FALSE(made->story.lines.empty());
  EXPECT_TRUE(tells(made->story, "shop/replica-EWR", "publishes e1-2"));
  EXPECT_TRUE(tells(made->story, "shop/replica-EWR", "receives Append e1-2 from shop/primary"));
  EXPECT_TRUE(tells(made->story, "shop/primary", "commits e1-2"));
  EXPECT_FALSE(tells(made->story, "", "has a quorum for e1-2")) << "it came later";
  EXPECT_THAT(to_text(*made), HasSubstr("Nobody ever sees a write that is not confirmed."));
}

TEST(Explain, ARunThatDoesNotFailHasNoExplanation) {
  EXPECT_FALSE(explain_run(shipped("smoke/append", {"scenario.duration=3 s"}), 1, nullptr, quick()));
}

// A few operations seldom show this mistake; once they did, they have.
TEST(Explain, TheCurveIsLowBeforeAndOneAfter) {
  ExplainOptions options = quick();
  options.curve = true;
  options.points = 4;
  const auto scenario = shipped("smoke/mistakes_orders",
                                {"bugs=G2", "scenario.duration=1 s", "workload.clients=2", "cluster.late_boot=500 ms"});
  const auto made = explain_run(scenario, 14, nullptr, options);
  ASSERT_TRUE(made && made->curve && made->curve->complete);
  const std::vector<FuturePoint>& points = made->curve->points;
  EXPECT_LT(points.front().failed, points.front().futures / 2);
  EXPECT_EQ(points.back().failed, points.back().futures);
  EXPECT_EQ(points.back().from, made->first.when);
  ASSERT_TRUE(made->curve->steepest);
  ASSERT_TRUE(made->curve->inevitable);
  EXPECT_LE(*made->curve->inevitable, made->first.when);
  EXPECT_FALSE(made->steepest.empty());
}

TEST(Explain, AMistakeThatChanceHasNoPartInIsInevitableFromTheBeginning) {
  ExplainOptions options = quick();
  options.curve = true;
  options.points = 2;
  options.futures = 4;
  const auto made = explain_run(load(kForgetfulTakeover), 1, nullptr, options);
  ASSERT_TRUE(made && made->curve);
  EXPECT_EQ(made->curve->inevitable, made->curve->points.front().from);
  EXPECT_THAT(to_text(*made), HasSubstr("inevitable from the beginning"));
}

TEST(Explain, WorkersChangeNothing) {
  ExplainOptions options = quick();
  options.needs = true;
  options.curve = true;
  options.points = 2;
  options.futures = 3;
  options.jobs = 1;
  const auto one = explain_run(load(kForgetfulTakeover), 2, nullptr, options);
  options.jobs = 3;
  const auto three = explain_run(load(kForgetfulTakeover), 2, nullptr, options);
  ASSERT_TRUE(one && three);
  EXPECT_EQ(to_json(*one), to_json(*three));
  EXPECT_EQ(to_markdown(*one), to_markdown(*three));
}

TEST(Explain, TooFewTrialsAreSaid) {
  ExplainOptions options = quick();
  options.needs = true;
  options.runs = 2;
  const auto made = explain_run(load(kForgetfulTakeover), 1, nullptr, options);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trials, 2U);
  EXPECT_FALSE(made->enough_trials);
  EXPECT_EQ(made->needs->faults[1].verdict(made->at()), "not tried");
  EXPECT_THAT(to_text(*made), HasSubstr("--runs"));
}

// The narrator looks and draws nothing.
TEST(Narrator, AWatchedRunHasTheSameDigest) {
  const scenarios::Scenario scenario = load(kForgetfulTakeover);
  const scenarios::RunResult plain = scenarios::run_scenario({scenario, 1, "", "", nullptr, nullptr});
  Narrator narrator;
  scenarios::RunRequest request{scenario, 1, "", "", nullptr, nullptr};
  narrator.watch(request);
  const scenarios::RunResult watched = scenarios::run_scenario(request);
  EXPECT_EQ(watched.digest, plain.digest);
  EXPECT_EQ(narrator.events().size(), plain.events);
  EXPECT_THAT(narrator.describe(1), HasSubstr("event 1: "));
}

TEST(Narrator, ACutRunIsTheBeginningOfTheWholeOne) {
  const scenarios::Scenario scenario = load(kForgetfulTakeover);
  Narrator whole, part;
  scenarios::RunRequest request{scenario, 1, "", "", nullptr, nullptr};
  whole.watch(request);
  scenarios::run_scenario(request);
  for (const std::int64_t until_ns : {100'000'000LL, 4'200'000'000LL}) {
    Narrator cut;
    cut.watch(request);
    request.until = sim::Instant::from_ns(until_ns);
    const scenarios::RunResult result = scenarios::run_scenario(request);
    EXPECT_TRUE(result.cut);
    ASSERT_LT(cut.events().size(), whole.events().size());
    EXPECT_LE(cut.events().back().when_ns, until_ns);
    EXPECT_GT(whole.events()[cut.events().size()].when_ns, until_ns);
    EXPECT_NE(cut.rest(), "");
  }
}

}  // namespace
}  // namespace tidemark::explain
