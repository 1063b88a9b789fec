// Buggify (B1, B3-B6) in the whole cluster: every marked place of the code is reached and fires within some seeds, and
// whatever they answer the database keeps its promises.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark {
namespace {

/// A busy cluster whose primary dies, whose host is moved, and whose followers lose power, so that takeovers, boots,
/// repairs and cold storage are all at work.
scenarios::Scenario scenario(const std::string& classes, const std::string& workload) {
  std::string text =
      "[scenario]\nname = \"buggify\"\nduration = \"12 s\"\n"
      "[[database]]\nname = \"shop\"\nprimary = \"IAD\"\nreplicas = [\"SJC\", \"LHR\"]\n"
      "[relay]\ncheckpoint_frames = 40\nsegment_period = \"500 ms\"\nsegment_bytes = \"20 kB\"\norphan_age = \"1 s\"\n"
      "ack_refresh = \"200 ms\"\n[database-defaults]\nbookmark_wait_timeout = \"4 s\"\n"
      "[control]\nevict_after = \"20 s\"\n"
      "[workload]\nkind = \"" +
      workload + "\"\nclients = 8\nthink_time = \"40 ms\"\nread_share = \"40 %\"\nrequest_timeout = \"6 s\"\n";
  std::istringstream kinds(classes);
  for (std::string kind; kinds >> kind;)
    text += "[[fault]]\nkind = \"" + kind + "\"\ntarget = \"run\"\nwhen = \"0 s\"\nfor = \"until heal\"\n";
  text +=
      "[[fault]]\nkind = \"P1\"\ntarget = \"primary\"\nwhen = \"3 s\"\n"
      "[[fault]]\nkind = \"M3\"\ntarget = \"primary\"\nwhen = \"9 s\"\n"
      "[[fault]]\nkind = \"P2\"\ntarget = \"shop/follower-2\"\nwhen = \"5 s\"\n"
      "[[fault]]\nkind = \"P1\"\ntarget = \"shop/replica-SJC\"\nwhen = \"6 s\"\n";
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "buggify.toml", {});
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text() << text;
  return loaded.scenario;
}

std::string complaints(const scenarios::RunResult& result) {
  std::string text;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity == checkers::Validity::kInvalid) text += verdict.name + ": " + verdict.witness + "\n";
  }
  return text;
}

/// Every site that the model's sources name.
std::set<std::string> sites_of_sources() {
  namespace fs = std::filesystem;
  const std::regex site("(?:unlikely|extra_delay)\\(\\s*\"([a-z/-]+)\"");
  std::set<std::string> names;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(TIDEMARK_MODEL_SOURCES)) {
    if (file.path().extension() != ".cc" && file.path().extension() != ".h") continue;
    std::ifstream in(file.path());
    std::ostringstream text;
    text << in.rdbuf();
    const std::string content = text.str();
    for (std::sregex_iterator found(content.begin(), content.end(), site), end; found != end; ++found)
      EXPECT_TRUE(names.insert((*found)[1]).second) << "two sites of the name " << (*found)[1];
  }
  return names;
}

TEST(Buggify, EverySiteIsReachedAndFiresAndNoPromiseIsBroken) {
  std::map<std::string, std::uint64_t> fired;
  const std::vector<std::string> workloads = {"orders", "append", "register"};
  constexpr std::uint64_t kSeeds = 24;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const scenarios::RunResult result =
        scenarios::run_scenario({scenario("B1 B3 B4 B5 B6", workloads[seed % 3]), seed, "", "", nullptr, nullptr});
    EXPECT_EQ(complaints(result), "") << "seed " << seed;
    for (const sim::Buggify::SiteReport& report : result.buggify) fired[report.site] += report.fired;
  }
  const std::set<std::string> sites = sites_of_sources();
  EXPECT_GE(sites.size(), 40U);
  std::string never;
  for (const std::string& site : sites) never += fired[site] > 0 ? "" : " " + site;
  EXPECT_EQ(never, "") << "sites that never fired in " << kSeeds << " seeds";
  for (const auto& [site, count] : fired) EXPECT_TRUE(sites.contains(site)) << site << " is in no source file";
}

class BuggifyClassAlone : public testing::TestWithParam<const char*> {};

TEST_P(BuggifyClassAlone, StrikesWithEffect) {
  std::uint64_t effects = 0;
  for (std::uint64_t seed = 101; seed <= 104; ++seed) {
    const scenarios::RunResult result =
        scenarios::run_scenario({scenario(GetParam(), "append"), seed, "", "", nullptr, nullptr});
    EXPECT_EQ(complaints(result), "") << "seed " << seed;
    effects += result.faults.front().effects;
  }
  EXPECT_GT(effects, 0U);
}

INSTANTIATE_TEST_SUITE_P(Classes, BuggifyClassAlone, testing::Values("B1", "B3", "B4", "B5", "B6"));

TEST(Buggify, WithoutTheFaultNoSiteDraws) {
  const scenarios::RunResult result = scenarios::run_scenario({scenario("", "append"), 1, "", "", nullptr, nullptr});
  EXPECT_TRUE(result.buggify.empty());
  for (const sim::StreamRegistry::Draws& stream : result.draws) EXPECT_FALSE(stream.name.starts_with("buggify"));
}

}  // namespace
}  // namespace tidemark
