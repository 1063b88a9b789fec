// The bookstore as its users run it: the report, and the scenarios of its mistakes.
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

/// What is enough to see the shape of it.
const std::vector<std::string> kShort = {"--set", "scenario.duration=10 s"};

Said report(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"report", "bookstore"};
  arguments.insert(arguments.end(), kShort.begin(), kShort.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  return tidemark(arguments);
}

TEST(Bookstore, TheReportComparesReplicasWithNone) {
  const Said said = report({"--format", "json"});
  ASSERT_EQ(said.code, 0) << said.err;
  simdjson::dom::parser parser;
  const simdjson::dom::element all = parser.parse(said.out);
  EXPECT_EQ(double(all["claim"]["p90_ms"]), 55.0);
  std::map<std::string, std::map<std::string, double>> reads;  // p50 by placement and city
  for (const simdjson::dom::element placement : all["placements"]) {
    const std::string name{std::string_view(placement["name"])};
    EXPECT_GT(std::uint64_t(placement["actions"]["checkout"]["count"]), 10U);
    for (const simdjson::dom::element city : placement["cities"]) {
      const simdjson::dom::element own = city["actions"]["reads"];
      if (std::uint64_t(own["count"]) == 0) continue;
      reads[name][std::string(std::string_view(city["city"]))] = double(own["p50_ms"]);
    }
  }
  ASSERT_EQ(reads.size(), 2U);
  EXPECT_GT(reads["replicas"].size(), 80U) << "a customer in every city";
  EXPECT_LT(reads["replicas"]["SYD"], 55.0);
  EXPECT_GT(reads["primary alone"]["SYD"], 150.0);
  EXPECT_LT(reads["primary alone"]["RDU"], 55.0) << "near the primary";
  EXPECT_EQ(report({"--format", "json"}).out, said.out) << "the same bytes each time";
}

TEST(Bookstore, TheReportHasFiveFormats) {
  const auto as = [&](const char* format) {
    return report({"apps/bookstore_calm", "--seed", "2", "--format", format}).out;
  };
  EXPECT_THAT(as("text"),
              AllOf(ContainsRegex("\n  checkout +[0-9]+ "), HasSubstr("seed 2"), HasSubstr("p90 below 55 ms")));
  EXPECT_THAT(as("md"), AllOf(HasSubstr("| checkout | "), HasSubstr("| city | replicas: all actions | ")));
  EXPECT_THAT(as("csv"), AllOf(HasSubstr("\nreplicas,all,checkout,"), HasSubstr("\nprimary alone,all,checkout,")));
  EXPECT_THAT(as("json"), HasSubstr("\"name\": \"primary alone\""));
  EXPECT_THAT(as("html"), HasSubstr("<td class=\"l\">checkout</td>"));
  const Said other = tidemark({"report", "bookstore", "apps/bank_calm"});
  EXPECT_EQ(other.code, 64);
  EXPECT_THAT(other.err, HasSubstr("its application is not bookstore"));
  EXPECT_EQ(tidemark({"report", "bookstore", "--seed", "x"}).code, 64);
}

TEST(Bookstore, AMistakeIsToldInItsOwnWordsAndReplayed) {
  const std::string folder = scratch_folder();
  const Said said = tidemark({"run", "apps/bookstore_checkout_in_two", "--seed", "1", "--out", "run"}, folder);
  EXPECT_EQ(said.code, 0) << said.out;
  EXPECT_THAT(said.out, AllOf(ContainsRegex("lines-in-one-place +violated, as expected"),
                              ContainsRegex("line [0-9]+ \\(book [0-9]+\\) is in the cart of customer [0-9]+ and in "
                                            "order [0-9]+"),
                              ContainsRegex("made at .* by session [0-9]+'s checkout\\("),
                              ContainsRegex("cart-as-put +valid"), ContainsRegex("read-your-writes +valid")));
  const Said replay = tidemark({"replay", "run"}, folder);
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("the replay is equal to the stored run"));
}

/// Whatever a scenario writes down, it is answered or refused, and breaks nothing.
TEST(Bookstore, ActionsThatMakeNoSenseBreakNothing) {
  const std::string folder = scratch_folder();
  std::string text =
      "[scenario]\nname = \"odd\"\nduration = \"5 s\"\n[[database]]\nname = \"store\"\nprimary = \"IAD\"\n"
      "replicas = [\"LHR\"]\n[workload]\nkind = \"application\"\napplication = \"bookstore\"\nclients = 3\n"
      "cities = [\"LHR\"]\narrival = \"script\"\n";
  const char* const odd[] = {"add(3, 5, 999, 1)",
                             "add(77, 6, 1, 1)",
                             "add(3, 0, 1, 1)",
                             "add(3, -4, 1, 1)",
                             "checkout(3, 8)",
                             "checkout(77, 9)",
                             "update(3, 10, 1, 0)",
                             "remove(3, 11, 1)",
                             "search('')",
                             "search('\"')",
                             "search('\" OR \"*')",
                             "search('-- NEAR(')",
                             "befriend(3, 99)",
                             "befriend(3, 3)",
                             "count(0, 5, 'no JSON')",
                             "count(7, 9, '[[1,1]]')",
                             "retitle(999, 'x')",
                             "publish(1, 'a', 'b', 'c', 1)",
                             "retitle(1, 'with \"quotes\" and ''dots...''')",
                             "publish(50, 'A', '', 'B', 1)",
                             "item(3, 999)",
                             "recommendations(0)",
                             "friends_who_bought(0, 0)",
                             "book(-1)",
                             "category('''')",
                             "bestsellers()",
                             "events()"};
  int at = 1;
  for (const std::string action : odd) {
    text += "[[operation]]\nclient = 2\nat = \"" + std::to_string(at++ * 100) + " ms\"\ndo = \"";
    for (const char c : action) text += (c == '"' ? "\\" : "") + std::string(1, c);
    text += "\"\n";
  }
  write(folder + "/odd.toml", text);
  const Said said = tidemark({"run", "odd.toml"}, folder);
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, AllOf(ContainsRegex("cart-as-put +valid"), ContainsRegex("best-sellers-add-up +valid")));
}

}  // namespace
}  // namespace tidemark::cli
