// Northwind as its users run it: the scenarios of its mistakes, and the insights into a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

TEST(Northwind, MistakesAreToldInItsOwnWords) {
  const std::pair<const char*, const char*> told[] = {
      {"import_in_parts", "'[A-Z][A-Za-z]+' has [0-9]+ rows of a dump, not [0-9]+"},
      {"export_in_several_reads",
       "the file that was exported for session [0-9]+ (makes a database that never was; next to the state|cannot be "
       "loaded)"},
      {"count_and_page_apart", "session [0-9]+ was shown page [0-9]+ of Order with [0-9]+ rows, and a count of [0-9]+"},
      {"restore_by_clock", "session [0-9]+ went back to the state that session [0-9]+ (remembered|was there before)"},
      {"no_references", "row '[0-9]+/[0-9]+' of 'OrderDetail' names [0-9]+ of 'Order', which is not there"},
  };
  for (const auto& [scenario, words] : told) {
    const Said said = tidemark({"run", std::string("apps/northwind_") + scenario, "--seed", "1"});
    EXPECT_EQ(said.code, 0) << scenario << "\n" << said.out;
    EXPECT_THAT(said.out, ContainsRegex(words)) << scenario;
  }
}

TEST(Northwind, ARunIsReplayed) {
  const std::string folder = scratch_folder();
  const Said said = tidemark(
      {"run", "apps/northwind_calm", "--seed", "2", "--set", "scenario.duration=10 s", "--out", "run"}, folder);
  EXPECT_EQ(said.code, 0) << said.out;
  EXPECT_THAT(said.out, AllOf(ContainsRegex("foreign-keys-hold +valid"), ContainsRegex("export-is-one-state +valid")));
  const Said replay = tidemark({"replay", "run"}, folder);
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("the replay is equal to the stored run"));
}

TEST(Insights, OfARunComeInFiveFormats) {
  const std::vector<std::string> least = {"report", "insights", "apps/northwind_calm", "--set",
                                          "scenario.duration=5 s"};
  const auto as = [&](const char* format) {
    std::vector<std::string> arguments = least;
    arguments.insert(arguments.end(), {"--format", format, "--seed", "2"});
    return tidemark(arguments).out;
  };
  EXPECT_THAT(as("text"), AllOf(HasSubstr("seed 2, "), ContainsRegex("\n  SELECT .*\\?.* +[0-9]+ +[0-9.]+ +[0-9.]+ ")));
  EXPECT_THAT(as("md"), HasSubstr("| statement | count | total ms |"));
  EXPECT_THAT(as("csv"), ContainsRegex("\n\"SELECT count\\(\\*\\) AS total FROM \"\"Order\"\"\",[0-9]+,"));
  EXPECT_THAT(as("html"), HasSubstr("<td class=\"l\">SELECT "));
  simdjson::dom::parser parser;
  const std::string text = as("json");
  const simdjson::dom::element report = parser.parse(text);
  std::uint64_t before = ~std::uint64_t{0};
  for (const simdjson::dom::element statement : report["statements"]) {
    const double total = statement["total_ms"];
    EXPECT_LE(static_cast<std::uint64_t>(total * 1000), before);
    before = static_cast<std::uint64_t>(total * 1000);
    EXPECT_GT(std::uint64_t(statement["count"]), 0U);
  }
  EXPECT_EQ(as("json"), text) << "the same bytes each time";
}

TEST(Insights, AreOfWhateverRunsAndInAnyOrder) {
  const Said said = tidemark(
      {"report", "insights", "smoke/orders", "--seed", "3", "--sort", "count", "--top", "1", "--format", "csv"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 2) << said.out;
  EXPECT_THAT(said.out, HasSubstr("Orders"));
  EXPECT_EQ(tidemark({"report", "insights", "smoke/orders", "--sort", "rows"}).code, 64);
  EXPECT_EQ(tidemark({"report", "insights", "smoke/orders", "--top", "0"}).code, 64);
  EXPECT_EQ(tidemark({"report", "insights", "smoke/nothing"}).code, 64);
}

}  // namespace
}  // namespace tidemark::cli
