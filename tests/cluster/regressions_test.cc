// Shipped scenarios made harsher, in the form that once showed a defect: valid now, over seeds that were not. The rows
// of docs/track_record.md tell the stories.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

struct Case {
  const char* name;
  const char* scenario;
  std::uint64_t first_seed;
  std::uint64_t last_seed;
  std::vector<std::string> overrides;
  const char* more = "";  // appended to the scenario
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

constexpr const char* kReordered =
    "[[fault]]\nkind = \"N7\"\ntarget = \"replicas\"\nevery = \"700 ms\"\nduration = \"1 s\"\nchance = \"60 %\"\n"
    "[[fault]]\nkind = \"N21\"\ntarget = \"replica:any\"\nevery = \"1 s\"\n";
constexpr const char* kReplayed =
    "[[fault]]\nkind = \"N19\"\ntarget = \"replicas\"\nat = \"0 s\"\nfor = \"until heal\"\nchance = \"100 %\"\ndelay = "
    "\"4 s\"\n";
constexpr const char* kCopied =
    "[[fault]]\nkind = \"N6\"\ntarget = \"link:primary>replicas\"\nat = \"0 s\"\nfor = \"until heal\"\nchance = \"20 "
    "%\"\n";

constexpr const char* kZombies =
    "[[fault]]\nkind = \"P6\"\ntarget = \"primary\"\nevery = \"1500 ms\"\nduration = \"1500 ms\"\n"
    "[[fault]]\nkind = \"N13\"\ntarget = \"primary\"\nevery = \"1500 ms\"\nduration = \"1500 ms\"\n";

const std::vector<Case> kCases = {
    {"replicas_with_reordered_answers", "faults/mistakes/replicas", 1, 120, {}, kReordered},
    {"replicas_with_copied_messages", "faults/mistakes/replicas", 1, 150, {}, kCopied},
    {"swarm_with_paused_primaries_that_commit", "faults/mistakes/swarm", 80, 110, {}, kZombies},
    {"writes_that_change_nothing_at_deposed_primaries", "apps/sync_hostile", 70, 80, {}},
    {"takeovers_with_replayed_registers", "faults/mistakes/takeovers", 1, 80, {}, kReplayed},
};

class Regression : public testing::TestWithParam<Case> {};

TEST_P(Regression, IsValid) {
  const Case& one = GetParam();
  std::string error;
  const auto found = scenarios::find_scenario(one.scenario, error);
  ASSERT_TRUE(found.has_value()) << error;
  const scenarios::LoadResult loaded =
      scenarios::load_scenario(found->text + "\n" + one.more, found->file, one.overrides);
  ASSERT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  for (std::uint64_t seed = one.first_seed; seed <= one.last_seed; ++seed) {
    const scenarios::RunResult result = scenarios::run_scenario({loaded.scenario, seed, "", "", nullptr, nullptr});
    for (const checkers::Verdict& verdict : result.verdicts)
      EXPECT_NE(verdict.validity, checkers::Validity::kInvalid)
          << "seed " << seed << ": " << verdict.name << ": " << verdict.witness;
  }
}

INSTANTIATE_TEST_SUITE_P(Cluster, Regression, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace tidemark
