// Every named point of the code is passed by a process under load, and a process that dies exactly there harms nobody.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "model/types/points.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 2;

constexpr const char* kScenario = R"(
[scenario]
name = "point"
description = "A process dies at a point of its code."
duration = "15 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "FRA"]
write_load = "40 /s"

[relay]
checkpoint_frames = 60
orphan_age = "2 s"

[control]
standby_hosts = 2

[workload]
kind = "append"
clients = 4
arrival = "closed"
think_time = "100 ms"
)";

// What makes a process come by.
constexpr const char* kPrimaryDies = "kind = \"P1\"\ntarget = \"shop/primary\"\nwhen = \"2 s\"\nfor = \"5 s\"\n";
constexpr const char* kHandOver = "kind = \"M3\"\ntarget = \"primary\"\nwhen = \"2 s\"\n";
constexpr const char* kLogLost = "kind = \"D25\"\ntarget = \"shop/follower-2\"\nwhen = \"2 s\"\nfiles = \".log\"\n";
constexpr const char* kReplaced = "kind = \"M1\"\ntarget = \"shop/follower-4\"\nwhen = \"2 s\"\n";
constexpr const char* kReplicaDies = "kind = \"P1\"\ntarget = \"shop/replica-SJC\"\nwhen = \"2 s\"\n";
/// The newest entries reach two followers only, which are cut off while the next leader begins without them.
constexpr const char* kTailOnTwo = R"(kind = "N1"
target = ["link:shop/primary>shop/follower-1", "link:shop/primary>shop/follower-3", "link:shop/primary>shop/follower-4"]
when = "2 s"
for = "1 s"
extra = "20 s"

[[fault]]
kind = "P1"
target = "shop/primary"
when = "2500 ms"
for = "6 s"

[[fault]]
kind = "N10"
target = ["shop/follower-2", "shop/follower-5"]
when = "2510 ms"
for = "5 s"
)";
constexpr const char* kNobodyLeads = "kind = \"P6\"\ntarget = \"hosts\"\nwhen = \"2 s\"\nfor = \"6 s\"\n";

struct Case {
  const char* point;
  const char* node;
  const char* cause = "";
  const char* setting = "relay.segment_period=1 s";
};

const Case kCases[] = {
    {"follower.append", "shop/follower-2"},
    {"follower.durable", "shop/follower-2"},
    {"follower.cut", "shop/follower-2", kTailOnTwo, "relay.segment_period=10 s"},
    {"follower.sealed", "shop/follower-2", kPrimaryDies},
    {"follower.join", "shop/follower-2", kLogLost},
    {"follower.switch", "shop/follower-2", kLogLost},
    {"follower.trim", "shop/follower-2"},
    {"follower.orphan", "shop/follower-1", kNobodyLeads},
    {"leader.submit", "shop/primary"},
    {"leader.shipped", "shop/primary"},
    {"leader.confirm", "shop/primary"},
    {"leader.flush", "shop/primary"},
    {"leader.newcomer", "shop/primary", kReplaced},
    {"takeover.sealed", "shop/standby-1", kPrimaryDies},
    {"takeover.chosen", "shop/standby-1", kPrimaryDies},
    {"takeover.loaded", "shop/standby-1", kPrimaryDies},
    {"host.appointed", "shop/standby-1", kPrimaryDies},
    {"host.installed", "shop/standby-1", kPrimaryDies},
    {"host.serving", "shop/standby-1", kPrimaryDies},
    {"host.retire", "shop/primary", kHandOver},
    {"host.retired", "shop/primary", kHandOver},
    {"checkpoint.begin", "shop/primary"},
    {"checkpoint.begin", "shop/replica-SJC"},
    {"checkpoint.copied", "shop/primary"},
    {"checkpoint.copied", "shop/replica-SJC"},
    {"replica.installed", "shop/replica-SJC", kReplicaDies},
    {"replica.registered", "shop/replica-SJC", kReplicaDies},
    {"replica.store", "shop/replica-SJC"},
    {"replica.publish", "shop/replica-SJC"},
    {"replica.published", "shop/replica-SJC"},
    {"cold.segment", "shop/primary"},
    {"cold.segment-stored", "shop/primary"},
    {"cold.snapshot", "shop/primary"},
    {"cold.snapshot-stored", "shop/primary"},
    {"cold.remove", "shop/primary"},
    {"control.appoint", "control", kPrimaryDies},
    {"control.recorded", "control", kPrimaryDies},
    {"control.member", "control", kReplaced},
};

scenarios::Scenario load(const Case& c, const std::string& fault) {
  std::string text = kScenario;
  if (*c.cause != '\0') text += fmt::format("\n[[fault]]\n{}", c.cause);
  text += fmt::format("\n[[fault]]\n{}target = \"{}\"\n", fault, c.node);
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "point.toml", {c.setting});
  EXPECT_TRUE(loaded.ok()) << text << loaded.diagnostics.text();
  return loaded.scenario;
}

/// Effects of the fault in question, over all seeds; each run must be valid.
std::uint64_t effects(const scenarios::Scenario& scenario, sim::FaultKind kind) {
  std::uint64_t total = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const scenarios::RunResult result = scenarios::run_scenario({scenario, seed, "", ""});
    for (const checkers::Verdict& verdict : result.verdicts)
      EXPECT_EQ(verdict.validity, checkers::Validity::kValid)
          << "seed " << seed << " " << verdict.name << ": " << verdict.witness;
    for (const sim::FaultReport& fault : result.faults)
      if (fault.kind == kind) total += fault.effects;
  }
  return total;
}

class NamedPoint : public testing::TestWithParam<Case> {};

/// Killed exactly there, before what comes next.
TEST_P(NamedPoint, AProcessThatDiesThereHarmsNobody) {
  const Case& c = GetParam();
  const std::string fault =
      fmt::format("kind = \"P4\"\nwhen = \"1500 ms\"\nfor = \"1 s\"\nat = \"point\"\npoint = \"{}\"\n", c.point);
  EXPECT_GT(effects(load(c, fault), sim::FaultKind::kP4), 0U) << "nobody came by";
}

// Canary K13: a point that nobody passes is noticed here, and listed by `tidemark report coverage`.
TEST(Points, OneThatNobodyPassesIsNoticed) {
  const Case c = {"checkpoint.begin", "shop/primary", "", "relay.checkpoint_frames=1000000"};
  const std::string fault =
      fmt::format("kind = \"P4\"\nwhen = \"1500 ms\"\nfor = \"1 s\"\nat = \"point\"\npoint = \"{}\"\n", c.point);
  EXPECT_EQ(effects(load(c, fault), sim::FaultKind::kP4), 0U);
}

/// A fault begins when it is passed.
TEST(Points, StartFaults) {
  const Case c = {"follower.durable", "shop/follower-2"};
  const std::string fault = fmt::format("kind = \"P1\"\nwhen = \"point {} of {}\"\nfor = \"1 s\"\n", c.point, c.node);
  EXPECT_EQ(effects(load(c, fault), sim::FaultKind::kP1), kSeeds);
}

std::string name_of(const testing::TestParamInfo<Case>& row) {
  std::string name = fmt::format("{}_of_{}", row.param.point, row.param.node);
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Points, NamedPoint, testing::ValuesIn(kCases), name_of);

TEST(Points, AllAreTried) {
  std::set<std::string_view> tried;
  for (const Case& c : kCases) tried.insert(c.point);
  for (const model::PointInfo& point : model::points()) EXPECT_EQ(tried.count(point.name), 1U) << point.name;
}

TEST(Points, AreInTheOrderOfTheirEnumeration) {
  std::size_t i = 0;
  for (const model::PointInfo& point : model::points()) EXPECT_EQ(static_cast<std::size_t>(point.point), i++);
}

}  // namespace
}  // namespace tidemark
