// Negative controls: runs that look wrong and are not. Each is valid over many seeds, the situation that it is about
// occurs, and a mistake in the very same scenario is found: the control does not pass because nobody looks. Those of
// histories alone are in tests/unit/checkers/negative_controls_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control_witness.h"
#include "model/cluster/cluster.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark {
namespace {

using checkers::Validity;
using testing::HasSubstr;

constexpr std::uint64_t kSeeds = 20;

sim::Instant at(std::int64_t seconds) {
  return sim::Instant::from_ns(0) + sim::Duration::seconds(seconds);
}

struct Told {
  scenarios::RunResult result;
  ControlWitness seen;

  const checkers::Verdict& verdict(const std::string& name) const {
    for (const checkers::Verdict& verdict : result.verdicts)
      if (verdict.name == name) return verdict;
    ADD_FAILURE() << "no verdict " << name;
    return result.verdicts.front();
  }
  std::string complaints() const {
    std::string text;
    for (const checkers::Verdict& verdict : result.verdicts)
      if (verdict.validity != Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
    return text;
  }
  /// A mistake that breaks the setup is found in no situation at all.
  bool under_load_and_struck() const {
    return result.operations > 100 && std::all_of(result.faults.begin(), result.faults.end(),
                                                  [](const sim::FaultReport& fault) { return fault.effects > 0; });
  }
  /// When its fault began.
  sim::Instant struck(std::size_t fault = 0) const { return result.faults.at(fault).begin; }
};

/// Passes events on to the witness; from 6 s on those named here never live long enough to take part.
class Graves final : public sim::EventSink, public scenarios::RunWatcher {
 public:
  Graves(ControlWitness& witness, std::vector<std::string> names) : witness_(witness), names_(std::move(names)) {}
  void on_world(model::Cluster& cluster, const scenarios::Scenario&) override {
    for (const std::string& name : names_) dead_.push_back(&cluster.process(cluster.find(name)->process));
  }
  void on_event(const sim::EventRecord& event) override {
    witness_.on_event(event);
    if (event.when < at(6)) return;
    for (sim::Process* process : dead_) {
      if (process->state() == sim::ProcessState::kStopped) continue;
      process->crash_after_event();
      buried_ = true;
    }
  }
  void on_rest(model::Cluster&, const std::vector<sim::FaultReport>&) override {
    const auto down = [](const sim::Process* process) { return process->state() == sim::ProcessState::kStopped; };
    EXPECT_TRUE(std::all_of(dead_.begin(), dead_.end(), down));
    EXPECT_EQ(buried_, !dead_.empty()) << "nobody came back when the faults healed";
    dead_.clear();
  }

 private:
  ControlWitness& witness_;
  std::vector<std::string> names_;
  std::vector<sim::Process*> dead_;
  bool buried_ = false;
};

/// `workload` and `more` are added to a small cluster under load.
Told tell(const std::string& workload, const std::string& more, std::uint64_t seed,
          const std::vector<std::string>& overrides = {}, const std::vector<std::string>& dead_for_ever = {}) {
  const std::string text = R"(
[scenario]
name = "control"
duration = "15 s"
[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "LHR"]
[workload]
kind = "append"
clients = 8
think_time = "60 ms"
)" + workload + more;
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "control.toml", overrides);
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  Told told;
  scenarios::RunRequest request{loaded.scenario, seed, "", "", nullptr, nullptr};
  request.observer = &told.seen;
  Graves graves(told.seen, dead_for_ever);
  request.events = &graves;
  request.watcher = &graves;
  told.result = scenarios::run_scenario(request);
  return told;
}

std::string fault(const std::string& kind, const std::string& targets, const std::string& when,
                  const std::string& duration, const std::string& more = "") {
  return "[[fault]]\nkind = \"" + kind + "\"\ntarget = [" + targets + "]\nwhen = \"" + when + "\"\nfor = \"" +
         duration + "\"\n" + more;
}

const std::string kBeyondBudget = "[faults]\nbeyond_budget = true\n";
const std::string kThree = R"("shop/follower-1", "shop/follower-2", "shop/follower-3")";

struct Control {
  std::string name;
  std::string workload;
  std::string more;
  /// The situation; counted over the seeds.
  bool (*occurs)(const Told&);
  std::uint64_t least;  // seeds in which it does
  /// Mistakes, and who finds each of them here.
  std::vector<std::pair<std::string, std::string>> mistakes;
};

std::vector<Control> controls() {
  return {
      {"NC3_AReplicaAnswersWithANewerStateThanAsked",
       "read_share = \"40 %\"\nnew_session_share = \"10 %\"\n",
       "",
       [](const Told& t) { return t.seen.newer_than_asked > 10 && t.verdict("META").observations > 100; },
       kSeeds,
       {{"G8", "META"}, {"G13", "META"}}},
      {"NC4_TwoFollowersAreDeadAndAThirdIsSlow",
       "read_share = \"40 %\"\n",
       kBeyondBudget + fault("kill", R"("shop/follower-1", "shop/follower-2")", "3 s", "until heal") +
           fault("slow-disk", R"("shop/follower-3")", "3 s", "until heal"),
       [](const Told& t) {
         const auto& f = t.result.faults;
         return f[0].effects == 2 && f[1].effects > 0 && t.verdict("LIVE").observations > 0 &&
                ControlWitness::between(t.seen.confirmations, t.struck(1), f[1].end) > 50;
       },
       kSeeds,
       {{"A2", "Q"}, {"F19", "LIVE"}}},
      {"NC5_ThreeFollowersAreDown",
       "read_share = \"40 %\"\n",
       kBeyondBudget + fault("kill", kThree, "3 s", "until heal"),
       [](const Told& t) {
         const sim::Instant from = t.struck() + sim::Duration::seconds(1);
         const sim::Instant to = t.result.faults[0].end;
         return t.result.faults[0].effects == 3 && ControlWitness::between(t.seen.confirmations, from, to) == 0 &&
                ControlWitness::between(t.seen.replica_answers, from, to) > 0 && t.verdict("HIDE").observations > 0 &&
                t.verdict("ONE").observations > 0;
       },
       kSeeds,
       {{"F1", "HIDE"}, {"H1", "HIDE"}, {"A29", "LIVE"}}},
      // Its image in cold storage is seconds old, and what it lacks is published late: new sessions read before that.
      {"NC7_AReplicaIsOlderAfterARestart",
       "read_share = \"60 %\"\nnew_session_share = \"80 %\"\ncities = [\"LHR\", \"SJC\"]\n",
       "[relay]\nsegment_period = \"6 s\"\npublish_median = \"300 ms\"\n" +
           fault("kill", R"("shop/replica-LHR")", "10 s", "500 ms"),
       [](const Told& t) {
         return t.result.faults[0].effects == 1 && t.seen.boots_into_the_past > 0 && t.seen.older_than_its_past > 0 &&
                t.verdict("VMONO").observations > 100;
       },
       kSeeds / 2,
       {{"G5", "VMONO"}, {"G8", "VMONO"}}},
      {"NC8_AFirstPrimaryReadRunsBesideAWrite",
       "read_share = \"50 %\"\nsessions = \"first-primary\"\nnew_session_share = \"50 %\"\n",
       "",
       [](const Told& t) {
         return t.seen.concurrent_reads(true) > 0 && t.seen.concurrent_reads(false) > 0 &&
                t.verdict("FRESH").observations > 50;
       },
       kSeeds / 2,
       {{"G11", "FRESH"}}},
  };
}

Control named(const std::string& prefix) {
  for (const Control& control : controls())
    if (control.name.rfind(prefix, 0) == 0) return control;
  ADD_FAILURE() << prefix;
  return {};
}

class AControl : public testing::TestWithParam<Control> {};

TEST_P(AControl, IsValidAndItsSituationOccurs) {
  const Control& control = GetParam();
  std::uint64_t occurred = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(control.workload, control.more, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    EXPECT_EQ(told.result.budget_exceeded, "");
    occurred += control.occurs(told);
  }
  EXPECT_GE(occurred, control.least);
}

TEST_P(AControl, IsNoExcuseForAMistake) {
  const Control& control = GetParam();
  for (const auto& [mistake, checker] : control.mistakes) {
    bool found = false;
    for (std::uint64_t seed = 1; seed <= kSeeds && !found; ++seed) {
      const Told told = tell(control.workload, control.more, seed, {"bugs=" + mistake});
      found = told.under_load_and_struck() && told.verdict(checker).validity == Validity::kInvalid;
    }
    EXPECT_TRUE(found) << mistake << " by " << checker;
  }
}

INSTANTIATE_TEST_SUITE_P(Negative, AControl, testing::ValuesIn(controls()),
                         [](const auto& control) { return control.param.name; });

// --- NC4 and NC5, when the dead do not even return after the run's faults ---

TEST(DeadForEver, TwoOfFiveWithASlowThirdNeedNoExcuse) {
  const Control control = named("NC4_");
  const std::vector<std::string> dead = {"shop/follower-1", "shop/follower-2"};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(control.workload, control.more, seed, {}, dead);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    EXPECT_EQ(told.verdict("LIVE").witness, "") << "seed " << seed;
    EXPECT_TRUE(control.occurs(told)) << "seed " << seed;
  }
  const Told mistaken = tell(control.workload, control.more, 1, {"bugs=F19"}, dead);
  EXPECT_TRUE(mistaken.under_load_and_struck());
  EXPECT_EQ(mistaken.verdict("LIVE").validity, Validity::kInvalid);
}

TEST(DeadForEver, ThreeOfFiveExcuseWhatNobodyCanConfirm) {
  const Control control = named("NC5_");
  const std::vector<std::string> dead = {"shop/follower-1", "shop/follower-2", "shop/follower-3"};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(control.workload, control.more, seed, {}, dead);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    EXPECT_THAT(told.verdict("LIVE").witness,
                testing::AllOf(HasSubstr("2 of 5 followers can take part, a quorum is 3"),
                               HasSubstr("shop/follower-1 does not run"), HasSubstr("shop/follower-3 does not run")));
    EXPECT_TRUE(control.occurs(told)) << "seed " << seed;
  }
  const Told mistaken = tell(control.workload, control.more, 1, {"bugs=F1"}, dead);
  EXPECT_TRUE(mistaken.under_load_and_struck());
  EXPECT_EQ(mistaken.verdict("HIDE").validity, Validity::kInvalid);
}

// --- NC10: what exceeds the budget ---

const std::string kReads = "read_share = \"40 %\"\n";
const std::string kOdd = R"("shop/follower-1", "shop/follower-3", "shop/follower-5")";
const std::string kAll =
    R"("shop/follower-1", "shop/follower-2", "shop/follower-3", "shop/follower-4", "shop/follower-5")";
const std::string kPrimaryDies = fault("kill", "\"primary\"", "5.02 s", "2 s");

TEST(BeyondBudget, ThreeEmptiedLogsAndADeadPrimaryAreExcusedByWitnesses) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(kReads, kBeyondBudget + fault("wipe", kOdd, "5 s", "1 s") + kPrimaryDies, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    ASSERT_EQ(told.result.faults[0].effects > 0 && told.result.faults[1].effects == 1, true);
    EXPECT_EQ(told.seen.takeovers, 1U) << "nobody could lead again";
    EXPECT_THAT(told.verdict("LIVE").witness,
                testing::AllOf(HasSubstr("budget exceeded: "), HasSubstr("writes lost; 2 of 5 followers hold a log"),
                               HasSubstr("shop/follower-1: fault 1 (D23 wipe) took what it had stored"),
                               HasSubstr("shop/follower-3: "), HasSubstr("shop/follower-5: ")));
    EXPECT_THAT(told.result.budget_exceeded, testing::StartsWith("budget exceeded: "));
  }
}

TEST(BeyondBudget, WhatIsInNoLogAndNotInColdStorageIsCounted) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(kReads, kBeyondBudget + fault("wipe", kAll, "5 s", "1 s") + kPrimaryDies, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    const std::uint64_t lost = told.result.availability.confirmed_lost;
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(lost, told.seen.only_in_logs()) << "seed " << seed;
    const std::string text = "budget exceeded: " + std::to_string(lost) + " writes lost";
    EXPECT_THAT(told.result.budget_exceeded, testing::StartsWith(text));
    EXPECT_THAT(told.verdict("DUR").witness, testing::StartsWith(text));
  }
}

TEST(BeyondBudget, ALossIsUnknownWhenThatIsAskedFor) {
  for (const std::string& who : {kOdd, kAll}) {
    const Told told =
        tell(kReads, kBeyondBudget + "loss_is_unknown = true\n" + fault("wipe", who, "5 s", "1 s") + kPrimaryDies, 1);
    EXPECT_EQ(told.result.exit_code({}), 2) << told.complaints();
    EXPECT_EQ(told.verdict("LIVE").validity, Validity::kUnknown);
  }
}

/// Else the leader waits so long for those that lost power that its gate breaks.
const std::string kSoonNoticed = "[net]\nhalf_open_detection = \"1 s\"\n";

/// The leader has in memory what they forgot, and makes them members again: nothing needs an excuse.
TEST(BeyondBudget, ALeaderThatLivesBringsEmptiedLogsBack) {
  for (const std::string& who : {kOdd, kAll}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Told told = tell(kReads, kSoonNoticed + kBeyondBudget + fault("wipe", who, "5 s", "1 s"), seed);
      EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
      EXPECT_EQ(told.result.budget_exceeded, "");
      EXPECT_EQ(told.result.availability.confirmed_lost, 0U);
      EXPECT_GT(ControlWitness::between(told.seen.confirmations, told.result.faults[0].end, at(60)), 10U);
    }
  }
}

/// Followers that forget what they are by themselves (A29) are as blank as those whose disks were emptied.
TEST(BeyondBudget, FollowersThatForgetByThemselvesAreNoExcuse) {
  const std::string plan = kBeyondBudget + fault("kill", kOdd, "5 s", "1 s") + kPrimaryDies;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_EQ(tell(kReads, plan, seed).result.exit_code({}), 0) << "seed " << seed;
    const Told told = tell(kReads, plan, seed, {"bugs=A29"});
    EXPECT_EQ(told.verdict("LIVE").validity, Validity::kInvalid) << "seed " << seed;
    EXPECT_EQ(told.result.budget_exceeded, "");
  }
}

/// ... nor when the fault that they are blamed on hit others.
TEST(BeyondBudget, EmptiedDisksOfOthersAreNoExcuse) {
  const std::string plan = kBeyondBudget + fault("kill", kOdd, "5 s", "1 s") +
                           fault("wipe", "\"shop/follower-2\"", "4 s", "500 ms") + kPrimaryDies;
  const Told told = tell(kReads, plan, 1, {"bugs=A29"});
  EXPECT_EQ(told.verdict("LIVE").validity, Validity::kInvalid);
}

/// Two emptied disks are within the budget, whatever the scenario says: what a takeover loses is its own mistake.
TEST(BeyondBudget, IsNoExcuseForATakeoverThatLosesWrites) {
  const std::string plan = kBeyondBudget + fault("wipe", R"("shop/follower-1", "shop/follower-3")", "5 s", "1 s") +
                           fault("kill", "\"primary\"", "8 s", "2 s");
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_EQ(tell(kReads, plan, seed).result.exit_code({}), 0) << "seed " << seed;
    const Told told = tell(kReads, plan, seed, {"bugs=B2"});
    EXPECT_EQ(told.verdict("DUR").validity, Validity::kInvalid) << "seed " << seed << "\n" << told.complaints();
    EXPECT_EQ(told.result.exit_code({}), 1);
  }
}

/// Three disks go back in time, and nobody can tell: a takeover that asks them finds an old log complete.
TEST(BeyondBudget, DisksThatGoBackInTimeLoseWritesWithoutAMistake) {
  const std::string plan =
      kBeyondBudget + fault("rollback", kOdd, "3 s", "2 s") + fault("kill", "\"primary\"", "5.02 s", "4 s");
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Told told = tell(kReads, plan, seed);
    EXPECT_EQ(told.result.exit_code({}), 0) << "seed " << seed << "\n" << told.complaints();
    const bool exceeded = !told.result.budget_exceeded.empty();
    EXPECT_EQ(told.result.availability.confirmed_lost > 0, exceeded);
    lost += exceeded;
  }
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace tidemark
