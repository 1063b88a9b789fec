// The shrinker over trials that are made up, so that what is needed is known.
#include "shrink/shrinker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "model/types/sql_workload.h"
#include "scenarios/loader.h"
#include "shrink/state_file.h"

namespace tidemark::shrink {
namespace {

using scenarios::Scenario;

constexpr int kOperations = 60;

std::string big_file() {
  std::string text =
      "[scenario]\nname = \"big\"\nduration = \"20 s\"\n[relay]\nsegment_period = \"3 s\"\n[[database]]\nname = \"a\"\n"
      "primary = \"IAD\"\nreplicas = [\"LHR\", \"FRA\", \"SYD\"]\n[workload]\nkind = \"append\"\nclients = 5\narrival "
      "= "
      "\"script\"\ncities = [\"IAD\", \"LHR\", \"FRA\", \"SYD\", \"NRT\"]\n";
  for (const char* fault : {"kind = \"kill\"\ntarget = \"a/primary\"\nwhen = \"2 s\"\n",
                            "kind = \"loss\"\ntarget = \"primary\"\nwhen = \"1 s\"\n"})
    text += std::string("[[fault]]\n") + fault;
  for (int i = 0; i < kOperations; ++i)
    text += "[[operation]]\nclient = " + std::to_string(i % 5) + "\nat = \"" + std::to_string(100 + i * 97) +
            " ms\"\ndo = \"append " + std::to_string(i) + " to 1\"\nsession = \"new\"\n";
  return text;
}

bool appends(const Scenario& scenario, std::int64_t value) {
  const auto& script = scenario.workload.script;
  return std::any_of(script.begin(), script.end(), [value](const auto& one) { return one.steps[0].value == value; });
}

bool has(const Scenario& scenario, sim::FaultKind kind) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(),
                     [kind](const sim::FaultRequest& fault) { return fault.kind == kind; });
}

Trial trial_of(std::function<std::string(const Scenario&)> failure) {
  return [failure](const std::string& text) {
    Outcome outcome;
    const scenarios::LoadResult loaded = scenarios::load_scenario(text, "candidate");
    if (loaded.ok()) outcome.failure = failure(loaded.scenario);
    return outcome;
  };
}

/// What the protocol would need: two appends, and a kill; without the kill it fails otherwise.
std::string needs_three_things(const Scenario& scenario) {
  if (!appends(scenario, 13) || !appends(scenario, 44)) return "";
  return has(scenario, sim::FaultKind::kP1) ? "DUR: lost" : "ONE: split";
}

Request request_with(Trial trial, unsigned jobs = 2, const std::string& file = big_file()) {
  Request request;
  State state;
  state.failure = "DUR: lost";
  const scenarios::LoadResult loaded = scenarios::load_scenario(file, "big");
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  state.before = sizes_of(loaded.scenario);
  state.file = minimal_toml(loaded.scenario);
  request.resume = state;
  request.trial = std::move(trial);
  request.limits.jobs = jobs;
  request.limits.seconds = 20;
  request.seeds = 2;
  return request;
}

TEST(Shrinker, KeepsWhatIsNeededAndNothingElse) {
  const Result result = shrink(request_with(trial_of(needs_three_things)));
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.state.before.operations, static_cast<std::size_t>(kOperations));
  EXPECT_EQ(result.after.operations, 2U);
  EXPECT_EQ(result.after.faults, 1U);
  EXPECT_EQ(result.after.replicas, 0U);
  EXPECT_EQ(result.after.clients, 1U);
  EXPECT_LE(result.after.seconds, 4);
  EXPECT_EQ(result.state.file.find("session"), std::string::npos) << result.state.file;
  EXPECT_EQ(result.state.file.find("segment_period"), std::string::npos) << result.state.file;
}

/// Two of its four operations move goods; who counts them, the log, and every second assertion are of no use.
std::string warehouse_file(const std::string& arrival) {
  std::string text =
      "[scenario]\nname = \"warehouse\"\nduration = \"5 s\"\n[[database]]\nname = \"a\"\nprimary = \"IAD\"\n"
      "[workload]\nkind = \"sql\"\nclients = 1\ncities = [\"IAD\"]\narrival = \"" +
      arrival +
      "\"\n[sql]\nschema = [\"CREATE TABLE shelves (goods INTEGER)\", \"CREATE TABLE log (line TEXT)\"]\n"
      "[[statement]]\nname = \"count\"\nsql = \"SELECT sum(goods) FROM shelves\"\n"
      "[[statement]]\nname = \"move\"\nsql = \"UPDATE shelves SET goods = goods + 1\"\n"
      "[[statement]]\nname = \"note\"\nsql = \"INSERT INTO log VALUES ('x')\"\n";
  for (const char* name : {"first", "goods-stay", "last"})
    text += std::string("[[assertion]]\nname = \"") + name +
            "\"\nsql = \"SELECT 1 FROM shelves WHERE goods < 0\"\nsays = \"few\"\n";
  if (arrival != "script") return text;
  for (const char* action : {"count()", "move()", "count()", "move()"})
    text += std::string("[[operation]]\nclient = 0\nat = \"1 s\"\ndo = \"") + action + "\"\n";
  return text;
}

std::string breaks_an_assertion(const Scenario& scenario) {
  const auto& sql = *scenario.workload.sql;
  const bool moves = std::any_of(scenario.workload.script.begin(), scenario.workload.script.end(),
                                 [](const auto& one) { return one.steps[0].action == "move"; });
  const bool drawn = scenario.workload.arrival != model::Arrival::kScript;
  const bool asserted = std::any_of(sql.assertions.begin(), sql.assertions.end(),
                                    [](const auto& one) { return one.name == "goods-stay"; });
  return (moves || drawn) && asserted ? "DUR: lost" : "";
}

TEST(Shrinker, TakesOutSqlThatNobodyNeeds) {
  for (const char* arrival : {"script", "closed"}) {
    const Result result = shrink(request_with(trial_of(breaks_an_assertion), 2, warehouse_file(arrival)));
    EXPECT_TRUE(result.complete);
    const model::SqlWorkload& sql = *result.scenario.workload.sql;
    ASSERT_EQ(sql.statements.size(), 1U) << result.state.file;
    ASSERT_EQ(sql.assertions.size(), 1U) << result.state.file;
    EXPECT_EQ(sql.assertions[0].name, "goods-stay");
    ASSERT_EQ(sql.schema.size(), 1U) << result.state.file;
    EXPECT_NE(sql.schema[0].find("shelves"), std::string::npos);
    if (result.scenario.workload.script.empty()) continue;
    EXPECT_EQ(result.after.operations, 1U);
    EXPECT_EQ(sql.statements[0].name, "move");
  }
}

TEST(Shrinker, RefusesASmallerScenarioThatFailsForAnotherReason) {
  const Result result = shrink(request_with(trial_of(needs_three_things)));
  EXPECT_EQ(needs_three_things(result.scenario), "DUR: lost") << "without the kill it would be ONE: split";
  EXPECT_TRUE(has(result.scenario, sim::FaultKind::kP1));
}

TEST(Shrinker, FindsTheSameWhateverRunsAtTheSameTime) {
  const Result one = shrink(request_with(trial_of(needs_three_things), 1));
  for (const unsigned jobs : {2U, 5U}) {
    const Result more = shrink(request_with(trial_of(needs_three_things), jobs));
    EXPECT_EQ(more.state.file, one.state.file);
    EXPECT_EQ(more.state.runs, one.state.runs);
    EXPECT_EQ(more.state.refused, one.state.refused);
  }
}

TEST(Shrinker, TriesOtherSeedsWhereOneHasNoLuck) {
  const Result result = shrink(request_with(trial_of([](const Scenario& scenario) {
    const bool luck = scenario.workload.script.size() > 20 || scenario.seed == 2;
    return std::string(luck && appends(scenario, 13) ? "DUR: lost" : "");
  })));
  EXPECT_EQ(result.after.operations, 1U);
  EXPECT_EQ(result.scenario.seed, 2U);
}

TEST(Shrinker, LetsAKillStrikeWhereItNeedsNoLuck) {
  const Result result = shrink(request_with(trial_of([](const Scenario& scenario) {
    const bool submits =
        std::any_of(scenario.faults.begin(), scenario.faults.end(),
                    [](const sim::FaultRequest& fault) { return fault.start.word == "leader.submit"; });
    const bool any = has(scenario, sim::FaultKind::kP1) && !scenario.workload.script.empty();
    return std::string(any && (submits || scenario.workload.script.size() > 30) ? "DUR: lost" : "");
  })));
  EXPECT_EQ(result.after.operations, 1U) << "at a time, only many operations met it";
  EXPECT_EQ(result.after.faults, 1U);
}

TEST(Shrinker, StopsAtALimitAndGoesOnFromThere) {
  Request request = request_with(trial_of(needs_three_things));
  request.most_runs = 15;
  const Result part = shrink(request);
  EXPECT_FALSE(part.complete);
  EXPECT_EQ(part.state.runs, 15U);
  EXPECT_EQ(needs_three_things(part.scenario), "DUR: lost") << "what there is fails as well";
  const std::uint64_t about = subject_of(request);
  std::string problem;
  const std::optional<State> stored = parse_state(state_text(part.state, about), about, problem);
  ASSERT_TRUE(stored.has_value()) << problem;
  request.resume = stored;
  request.most_runs = 0;
  const Result whole = shrink(request);
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.after.operations, 2U);
  EXPECT_EQ(whole.state.before.operations, static_cast<std::size_t>(kOperations));
}

TEST(Shrinker, TheUserMayStopItAndHasAValidFile) {
  Request request = request_with(trial_of(needs_three_things));
  int steps = 0;
  request.save = [&steps](const State& state) {
    ++steps;
    EXPECT_TRUE(scenarios::load_scenario(state.file, "saved").ok());
  };
  request.stop = [&steps] { return steps >= 3; };
  const Result result = shrink(request);
  EXPECT_FALSE(result.complete);
  EXPECT_LT(result.after.operations, static_cast<std::size_t>(kOperations));
  EXPECT_EQ(needs_three_things(result.scenario), "DUR: lost");
}

TEST(Shrinker, AFileSaysHowMuchSmallerItIs) {
  const Result result = shrink(request_with(trial_of(needs_three_things)));
  const std::string file = shrunk_file(result, "big, seed 1");
  EXPECT_NE(file.find("#   fails as         DUR: lost\n"), std::string::npos) << file;
  EXPECT_NE(file.find("#   operations       60 -> 2\n"), std::string::npos) << file;
  EXPECT_TRUE(scenarios::load_scenario(file, "file").ok());
}

TEST(Trials, ContainCrashesAndHangs) {
  const Trial trial = [](const std::string& text) {
    if (text == "crash") std::abort();
    while (text == "hang") pause();
    if (text == "defect") throw std::runtime_error("a defect");
    return Outcome{"fine", 0, 0, {}};
  };
  TrialLimits limits;
  limits.jobs = 2;
  limits.seconds = 0.3;
  Trials trials(trial, limits);
  const std::vector<std::string> texts = {"crash", "hang", "defect", "", "crash"};
  std::vector<std::string> failures;
  const auto found = trials.first(
      texts.size(), [&](std::size_t i) { return texts[i]; },
      [&](const Outcome& outcome) {
        failures.push_back(outcome.failure);
        return outcome.failure == "fine";
      },
      [] { return false; });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->index, 3U);
  std::sort(failures.begin(), failures.end());
  EXPECT_NE(std::find(failures.begin(), failures.end(), "hang"), failures.end());
  EXPECT_NE(std::find(failures.begin(), failures.end(), "crash: signal " + std::to_string(SIGABRT)), failures.end());
}

TEST(StateFile, RefusesWhatIsNone) {
  const Request request = request_with(trial_of(needs_three_things));
  const std::uint64_t about = subject_of(request);
  const std::string good = state_text(*request.resume, about);
  std::string problem;
  ASSERT_TRUE(parse_state(good, about, problem)) << problem;
  EXPECT_FALSE(parse_state(good, about + 1, problem));
  EXPECT_EQ(problem, "is the state of another scenario, seed or plan");
  EXPECT_FALSE(parse_state("something else\n", about, problem));
  EXPECT_FALSE(parse_state(good.substr(0, good.find("refused")), about, problem));
  EXPECT_EQ(problem, "is damaged");
  EXPECT_FALSE(parse_state(good + "[[database]]\n", about, problem)) << "a file that does not load";
}

}  // namespace
}  // namespace tidemark::shrink
