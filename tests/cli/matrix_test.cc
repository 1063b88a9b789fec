// `tidemark bugs matrix` as a user sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

std::vector<std::string> matrix(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"bugs", "matrix"});
  return arguments;
}

TEST(Matrix, SaysHowManySeedsItTookAndWhichCheckSawIt) {
  const std::vector<std::string> two = {"--bug", "M1",       "--bug", "G11",      "--in",
                                        "rows",  "--starts", "2",     "--budget", "3"};
  const Said said = tidemark(matrix(two));
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("tier 1 in the scenarios of their rows: 2 of 2 killed\n"));
  EXPECT_THAT(said.err, HasSubstr("M1 in smoke/mistakes_txn, start 1: killed by META with seed 1000001 after 1 runs"));
  std::vector<std::string> table = two;
  table.insert(table.end(), {"--jobs", "2", "--format", "md", "--out", scratch_folder() + "/table.md"});
  EXPECT_EQ(tidemark(matrix(table)).code, 0);
  std::ifstream stream(table.back());
  std::ostringstream text;
  text << stream.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("\n| M1 | 1 | smoke/mistakes_txn | 2/2 | 1 | 1 | "));
  EXPECT_THAT(text.str(), HasSubstr("| META |\n"));
}

TEST(Matrix, NamesSurvivorsAndFails) {
  const Said said =
      tidemark(matrix({"--bug", "A7", "--in", "swarm", "--starts", "1", "--budget", "1", "--format", "json"}));
  EXPECT_EQ(said.code, 1) << said.err;
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(said.out);
  EXPECT_FALSE(bool(document["rows"].at(0)["killed"]));
  EXPECT_THAT(std::string(std::string_view(document["summary"].at(1))), HasSubstr("survives: A7 in faults/swarm"));
}

TEST(Matrix, RefusesWhatItCannotHunt) {
  EXPECT_EQ(tidemark(matrix({"--bug", "Z9"})).code, 64);
  EXPECT_THAT(tidemark(matrix({"--bug", "Z9"})).err, HasSubstr("there is no such mistake"));
  for (const std::string budget : {"0", "x", "-3", "1000000", "5 parsecs"})
    EXPECT_EQ(tidemark(matrix({"--bug", "M1", "--budget=" + budget})).code, 64) << budget;
  EXPECT_EQ(tidemark(matrix({"--tier", "3"})).code, 64);
}

TEST(Matrix, LeavesTheListOfMistakesAsItIs) {
  EXPECT_EQ(tidemark({"bugs", "--format", "json"}).code, 0);
  EXPECT_EQ(tidemark({"bugs", "matrix", "--help"}).code, 0);
}

}  // namespace
}  // namespace tidemark::cli
