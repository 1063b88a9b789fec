// Every kind of fault that hits processes, disks, clocks, the network, the object store or the membership strikes with
// effect in a cluster under load, and what follows is valid. Clients' kinds and buggify have their own tests.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "sim/nemesis/fault_kinds.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 4;

/// One [[fault]] with the defaults of its kind but for `more`.
struct Case {
  const char* kind;
  const char* target;
  const char* more = "";   // further lines of the table
  const char* world = "";  // further lines of the scenario
};

constexpr const char* kScenario = R"(
[scenario]
name = "kind"
description = "One fault under load."
duration = "10 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "FRA"]
write_load = "40 /s"

[relay]
checkpoint_frames = 60
segment_period = "1 s"
cold_retention = "1 h"

[workload]
kind = "append"
clients = 6
arrival = "closed"
think_time = "100 ms"
read_share = "60 %"
)";

/// Other faults that give the one in question something to strike.
constexpr const char* kPrimaryDies = "[[fault]]\nkind = \"P1\"\ntarget = \"primary\"\nwhen = \"2500 ms\"\n";
constexpr const char* kReplicaDies = "[[fault]]\nkind = \"P1\"\ntarget = \"shop/replica-SJC\"\nwhen = \"2500 ms\"\n";
constexpr const char* kReplicaMoves = "[[fault]]\nkind = \"P10\"\ntarget = \"shop/replica-SJC\"\nwhen = \"2500 ms\"\n";
constexpr const char* kHandOver = "[[fault]]\nkind = \"M3\"\ntarget = \"primary\"\nwhen = \"2500 ms\"\n";
constexpr const char* kResets = "[[fault]]\nkind = \"N20\"\ntarget = \"primary\"\nwhen = \"2500 ms\"\n";
constexpr const char* kBulk =
    "[[fault]]\nkind = \"M7\"\ntarget = \"primary\"\nwhen = \"2500 ms\"\noperation = \"huge-transaction\"\n";
constexpr const char* kPermuted = "[cluster]\npermute_ties = true\n";
constexpr const char* kLong = "for = \"5 s\"";

// Targets that others depend on, so that each seed strikes the same role.
constexpr const char* kFollower = "shop/follower-2";
constexpr const char* kReplica = "shop/replica-SJC";
// In the middle of its work: something is written and not synced.
constexpr const char* kAtWrite = "when = \"io 61 of shop/follower-2\"";

const Case kCases[] = {
    // The network.
    {"N1", "all"},
    {"N2", "all", kLong},
    {"N3", "primary"},
    {"N4", kFollower, kLong},
    {"N5", kFollower, kLong},
    {"N6", kFollower, kLong},
    {"N7", kFollower, kLong},
    {"N9", kFollower, kLong},
    {"N10", "minority"},
    {"N11", "minority"},
    {"N12", "followers"},
    {"N12", "followers", "form = \"ring\""},
    {"N13", "minority"},
    {"N15", "primary", "kilobits = 100"},
    {"N18", kFollower},
    {"N19", kFollower, kLong},
    {"N20", "primary"},
    {"N21", kFollower},
    {"N22", "minority", kLong, kPrimaryDies},
    {"N23", "primary", kLong, kBulk},
    {"N24", "primary", kLong, kResets},
    {"N25", "minority", kLong},
    {"N27", kFollower, kLong},
    {"N28", "primary", kLong, kHandOver},
    {"N28", "workers", kLong, kHandOver},
    {"N29", "replicas:1"},
    // Disks.
    {"D1", kFollower},
    {"D2", kFollower},
    {"D3", kFollower},
    {"D4", kFollower, kLong},
    {"D4", "primary", kLong},
    {"D5", kFollower, kLong},
    {"D6", kFollower, kLong},
    {"D7", kFollower, kLong},
    {"D8", kFollower},
    {"D9", kFollower, kLong},
    {"D10", kFollower, kAtWrite},
    {"D11", kFollower, kAtWrite},
    {"D12", kFollower, kAtWrite},
    {"D13", kFollower, kAtWrite},
    {"D14", kFollower, kAtWrite},
    {"D15", kReplica, kLong, kReplicaMoves},
    {"D16", kFollower, kLong},
    {"D17", "primary", kLong},
    {"D18", kFollower},
    {"D21", "primary", kLong},
    {"D23", kFollower},
    {"D23", kReplica},
    {"D24", "primary"},
    {"D25", kFollower},
    {"D26", "primary"},
    {"D26", kReplica},
    {"D29", kFollower, kLong},
    // Processes.
    {"P1", "primary"},
    {"P1", kReplica},
    {"P2", "primary"},
    {"P3", "primary"},
    {"P4", kFollower},
    {"P4", "primary", "at = \"send\"\nn = 20"},
    {"P4", "primary", "at = \"point\"\npoint = \"leader.confirm\"\nn = 5"},
    {"P5", "primary"},
    {"P6", "minority"},
    {"P7", "minority"},
    {"P8", "primary"},
    {"P10", "primary"},
    {"P10", kReplica},
    {"P11", "primary", kLong},
    {"P11", kReplica, kLong},
    {"P14", "run", "", kPermuted},
    {"P16", "all"},
    // Clocks.
    {"C1", "primary"},
    {"C2", "primary"},
    {"C3", "primary"},
    {"C4", "primary"},
    {"C5", "primary"},
    {"C6", "primary"},
    // Several at once.
    {"R1", "site:FRA"},
    {"R2", "followers:2"},
    {"R3", "followers", kLong},
    {"R4", "majority"},
    {"R5", "hosts", kLong},
    {"R6", "primary"},
    {"R7", "primary", kLong},
    // The object store.
    {"S1", "cold", kLong},
    {"S2", "cold", kLong},
    {"S3", "cold", kLong},
    {"S4", "cold", kLong, kReplicaDies},
    {"S5", "cold", kLong, kReplicaDies},
    {"S6", "cold", kLong, kReplicaDies},
    {"S7", "cold", kLong, kReplicaDies},
    {"S8", "cold", kLong, kReplicaDies},
    {"S9", "cold", kLong},
    // Membership and operations.
    {"M1", kFollower},
    {"M2", kReplica},
    {"M2", kReplica, "change = \"add\""},
    {"M3", "primary"},
    {"M5", "primary"},
    {"M6", "primary"},
    {"M7", "primary", "operation = \"checkpoint\""},
    {"M7", "primary", "operation = \"vacuum\""},
    {"M7", "primary", "operation = \"ddl\""},
    {"M7", "primary", "operation = \"huge-transaction\""},
    {"M7", kReplica, "operation = \"checkpoint\""},
    {"M7", kReplica, "operation = \"huge-transaction\""},
};

class Kind : public testing::TestWithParam<Case> {};

std::string text_of(const Case& c) {
  const sim::FaultKindInfo& kind = *sim::find_fault_kind(c.kind);
  const bool timed = kind.shape != sim::FaultShape::kRun && std::string(c.more).find("when") == std::string::npos;
  const char* const when = timed ? "when = \"2 s\"" : "";
  return fmt::format("{}{}\n[[fault]]\nkind = \"{}\"\ntarget = \"{}\"\n{}\n{}\n", kScenario, c.world, c.kind, c.target,
                     when, c.more);
}

std::string complaints(const scenarios::RunResult& result) {
  std::string text;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity != checkers::Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
  }
  return text;
}

TEST_P(Kind, StrikesWithEffectAndTheRunIsValid) {
  const std::string text = text_of(GetParam());
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "kind.toml", {});
  ASSERT_TRUE(loaded.ok()) << text << loaded.diagnostics.text();
  const sim::FaultKind kind = sim::find_fault_kind(GetParam().kind)->kind;
  std::uint64_t effects = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const scenarios::RunResult result = scenarios::run_scenario({loaded.scenario, seed, "", ""});
    EXPECT_EQ(result.exit_code({}), 0) << "seed " << seed << "\n" << complaints(result);
    for (const sim::FaultReport& fault : result.faults)
      if (fault.kind == kind) effects += fault.effects;
  }
  EXPECT_GT(effects, 0U);
}

std::string name_of(const testing::TestParamInfo<Case>& row) {
  std::string name = fmt::format("{:03}_{}_{}", row.index, row.param.kind, row.param.target);
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Kind, testing::ValuesIn(kCases), name_of);

TEST(Kinds, EveryKindOfTheClosedListIsTriedHereOrByItsOwnTest) {
  std::set<std::string> tried;
  for (const Case& c : kCases) tried.insert(c.kind);
  for (const sim::FaultKindInfo& kind : sim::fault_kinds()) {
    const bool elsewhere = kind.id.front() == 'X' || kind.id.front() == 'B' || !kind.injectable();
    EXPECT_NE(elsewhere, tried.count(kind.id) == 1) << kind.id;
  }
}

}  // namespace
}  // namespace tidemark
