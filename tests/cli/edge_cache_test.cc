// The edge cache as its users run it: the report, and the scenarios of its gaps and mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

const std::vector<std::string> kStrategies = {"off", "expiry", "manual", "tracking", "bookmark"};

TEST(EdgeCache, TheReportComparesStrategiesOnOneLoad) {
  const Said said = tidemark({"report", "edge-cache", "--format", "json"});
  ASSERT_EQ(said.code, 0) << said.err;
  simdjson::dom::parser parser;
  const simdjson::dom::element report = parser.parse(said.out);
  std::map<std::string, simdjson::dom::element> of;
  std::vector<std::string> names;
  for (const simdjson::dom::element strategy : report["strategies"]) {
    names.emplace_back(std::string_view(strategy["name"]));
    of[names.back()] = strategy;
    EXPECT_EQ(simdjson::dom::array(strategy["cities"]).size(), 6U);
  }
  ASSERT_EQ(names, kStrategies);
  const auto broken = [&](const char* name) { return std::uint64_t(of[name]["broken_guarantees"]); };
  const auto hits = [&](const char* name) { return double(of[name]["hit_rate"]); };
  const auto queries = [&](const char* name) { return std::uint64_t(of[name]["queries"]); };
  EXPECT_EQ(broken("off"), 0U);
  EXPECT_EQ(broken("bookmark"), 0U);
  EXPECT_GT(broken("manual"), broken("tracking"));
  EXPECT_GT(broken("expiry"), broken("manual"));
  EXPECT_GT(broken("tracking"), 0U);
  EXPECT_EQ(hits("off"), 0.0);
  EXPECT_GT(hits("bookmark"), 0.1);
  EXPECT_GT(hits("tracking"), hits("bookmark"));
  EXPECT_GT(hits("expiry"), hits("tracking"));
  EXPECT_LT(queries("bookmark"), queries("off"));
  EXPECT_LT(queries("expiry"), queries("bookmark"));
  EXPECT_EQ(tidemark({"report", "edge-cache", "--format", "json"}).out, said.out) << "the same bytes each time";
}

TEST(EdgeCache, TheReportHasFiveFormats) {
  const std::vector<std::string> least = {"report", "edge-cache", "--set", "scenario.duration=3 s", "--seed", "2"};
  const auto as = [&](const char* format) {
    std::vector<std::string> arguments = least;
    arguments.insert(arguments.end(), {"--format", format});
    return tidemark(arguments).out;
  };
  EXPECT_THAT(as("text"), AllOf(ContainsRegex("\n  bookmark +[0-9]+ "), HasSubstr("seed 2")));
  EXPECT_THAT(as("md"), AllOf(HasSubstr("| bookmark | "), HasSubstr("| SYD | ")));
  EXPECT_THAT(as("csv"), AllOf(HasSubstr("\nbookmark,all,"), HasSubstr("\nbookmark,SYD,")));
  EXPECT_THAT(as("html"), HasSubstr("<td class=\"l\">bookmark</td>"));
  const Said other = tidemark({"report", "edge-cache", "apps/bank_calm"});
  EXPECT_EQ(other.code, 64);
  EXPECT_THAT(other.err, HasSubstr("its application is not edge-cache"));
}

TEST(EdgeCache, TheTableBelongsToItsApplication) {
  const std::string folder = scratch_folder();
  write(folder + "/a.toml",
        "[scenario]\nname = \"a\"\n[[database]]\nname = \"m\"\nprimary = \"IAD\"\n[cache]\nstrategy = \"expiry\"\n");
  const Said said = tidemark({"scenario", "check", "a.toml"}, folder);
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("a.toml:6:2: cache: needs application = \"edge-cache\""));
  const Said wrong = tidemark({"scenario", "check", "apps/edge_cache_calm", "--set", "cache.strategy=bookmarks"});
  EXPECT_EQ(wrong.code, 64);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean bookmark?"));
}

TEST(EdgeCache, AGapIsToldInItsOwnWordsAndReplayed) {
  const std::string folder = scratch_folder();
  const Said said = tidemark({"run", "apps/edge_cache_tracking", "--seed", "1", "--out", "run"}, folder);
  EXPECT_EQ(said.code, 0) << said.out;
  EXPECT_THAT(said.out, AllOf(ContainsRegex("own-changes-shown +violated, as expected"),
                              ContainsRegex("session [0-9]+ (renamed item|added item|relabelled category) .* and then "
                                            "read .* from the cache in [A-Z]+, as it was after change"),
                              ContainsRegex("read-your-writes +valid"), ContainsRegex("monotonic-reads +valid")));
  const Said replay = tidemark({"replay", "run"}, folder);
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("the replay is equal to the stored run"));
}

}  // namespace
}  // namespace tidemark::cli
