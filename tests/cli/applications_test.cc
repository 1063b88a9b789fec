// Workloads of one's own, as a user who has read the README's section writes and runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

/// The scenario in the README's section.
std::string readme_scenario() {
  const std::string readme = read(TIDEMARK_README);
  const std::size_t section = readme.find("## Your own workload");
  const std::size_t begin = readme.find("```toml\n", section) + 8;
  EXPECT_NE(section, std::string::npos);
  return readme.substr(begin, readme.find("```", begin) - begin);
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

/// The README's scenario after its batch was taken apart, as the README proposes.
std::string taken_apart() {
  std::string text = readme_scenario();
  const std::size_t begin = text.find("batch = [");
  const std::size_t end = text.find("with = ", begin);
  text.replace(begin, end - begin, "sql = \"UPDATE counters SET n = n + :by WHERE id = 1\"\n");
  return text;
}

std::string digest_of(const Said& said) {
  return said.out.substr(said.out.find("digest "));
}

TEST(OwnWorkload, TheReadmesExampleRuns) {
  const std::string folder = scratch_folder();
  write(folder + "/counters.toml", readme_scenario());
  const Said one = tidemark({"run", "counters.toml"}, folder);
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out, AllOf(ContainsRegex("in-step +valid"), ContainsRegex("read-your-writes +valid")));
  EXPECT_EQ(tidemark({"run", "counters.toml", "--seeds", "1..20"}, folder).code, 0);
  const Said faulty = tidemark({"run", "counters.toml", "--set", "swarm.faults=true", "--seeds", "1..5"}, folder);
  EXPECT_EQ(faulty.code, 0) << faulty.out;
}

TEST(OwnWorkload, ABrokenAssertionIsToldWithRowsStateAndSessions) {
  const std::string folder = scratch_folder();
  write(folder + "/apart.toml", taken_apart());
  const Said said = tidemark({"run", "apart.toml", "--seed", "3", "--out", "run"}, folder);
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, AllOf(ContainsRegex("in-step +VIOLATED"), HasSubstr("counter 1 is at "),
                              HasSubstr("Rows that break it: (one = "), HasSubstr("In the state 00000001-"),
                              HasSubstr("by session "), HasSubstr("was answered from it at "),
                              HasSubstr("UPDATE counters SET n = n + ?1 WHERE id = 1")));
  const Said replay = tidemark({"replay", "run"}, folder);
  EXPECT_THAT(replay.err, HasSubstr("the replay is equal to the stored run"));
  const Said explained = tidemark({"explain", "run"}, folder);
  EXPECT_THAT(explained.out, AllOf(HasSubstr("Broken first: in-step"), HasSubstr("asks for count(")));
  const Said shrunk = tidemark({"shrink", "apart.toml", "--seed", "3", "--out", "least.toml"}, folder);
  EXPECT_EQ(shrunk.code, 0) << shrunk.err;
  EXPECT_THAT(read(folder + "/least.toml"), HasSubstr("do = \"count("));
  const Said again = tidemark({"run", "least.toml"}, folder);
  EXPECT_EQ(again.code, 1) << again.out;
  EXPECT_THAT(again.out, ContainsRegex("in-step +VIOLATED"));
}

TEST(OwnWorkload, AnExpectedViolationIsASuccess) {
  const std::string folder = scratch_folder();
  std::string text = taken_apart();
  replace(text, "duration = \"20 s\"", "duration = \"5 s\"\nexpect = [\"in-step\"]");
  write(folder + "/apart.toml", text);
  EXPECT_EQ(tidemark({"run", "apart.toml"}, folder).code, 0);
  replace(text, "\"in-step\"", "\"in-stepp\"");
  write(folder + "/apart.toml", text);
  const Said said = tidemark({"run", "apart.toml"}, folder);
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("did you mean in-step?"));
}

TEST(OwnWorkload, JudgingChangesNothing) {
  const std::string folder = scratch_folder();
  std::string text = readme_scenario();
  replace(text, "\"SELECT id, n FROM counters\"", "\"SELECT id, n, random() FROM counters\"");
  write(folder + "/with.toml", text);
  const std::size_t assertion = text.find("[[assertion]]");
  write(folder + "/without.toml", text.substr(0, assertion));
  // A query that draws from SQLite's generator, reads much and sorts: nothing of it may reach the run.
  const std::string greedy =
      "[[assertion]]\nname = \"greedy\"\nsql = \"SELECT a.n FROM counters a, counters b, counters c WHERE random() = 1 "
      "ORDER BY random()\"\n";
  write(folder + "/greedy.toml", text + greedy);
  for (const char* const seed : {"1", "2"}) {
    const Said with = tidemark({"run", "with.toml", "--seed", seed}, folder);
    EXPECT_EQ(with.code, 0) << with.err;
    EXPECT_EQ(digest_of(tidemark({"run", "without.toml", "--seed", seed}, folder)), digest_of(with));
    EXPECT_EQ(digest_of(tidemark({"run", "greedy.toml", "--seed", seed}, folder)), digest_of(with));
  }
}

TEST(OwnWorkload, SessionsThatAreOffBreakTheirPromises) {
  const std::string folder = scratch_folder();
  write(folder + "/counters.toml", readme_scenario());
  const Said said = tidemark({"run", "counters.toml", "--set", "workload.sessions=off", "--set",
                              "workload.think_time=10 ms", "--set", "workload.route_change_period=200 ms"},
                             folder);
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, AllOf(ContainsRegex("read-your-writes +VIOLATED"),
                              HasSubstr("was answered from an older state"), ContainsRegex("in-step +valid")));
}

TEST(OwnWorkload, AMistakeInTheSqlHasItsPlace) {
  const std::string folder = scratch_folder();
  std::string text = readme_scenario();
  replace(text, "SELECT id, n FROM counters\"", "SELECT id, n FROM counter\"");
  write(folder + "/counters.toml", text);
  const Said said = tidemark({"scenario", "check", "counters.toml"}, folder);
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("statement[1].sql: no such table: counter"));
  EXPECT_THAT(said.err, ContainsRegex("counters.toml:2[0-9]:[0-9]+: "));
}

TEST(OwnWorkload, ItsHistoryIsForPeople) {
  const std::string folder = scratch_folder();
  write(folder + "/counters.toml", readme_scenario());
  ASSERT_EQ(tidemark({"run", "counters.toml", "--out", "run"}, folder).code, 0);
  EXPECT_THAT(read(folder + "/run/history.jsonl"),
              AllOf(HasSubstr("\"model\":\"application\""), HasSubstr("\"f\":\"show\",\"value\":[],\"shown\":[[[1,")));
  const Said check = tidemark({"check", "run/history.jsonl"}, folder);
  EXPECT_EQ(check.code, 64);
  EXPECT_THAT(check.err, HasSubstr("application"));
}

TEST(OwnWorkload, IsHuntedAndFiledByItsAssertion) {
  const std::string folder = scratch_folder();
  write(folder + "/apart.toml", taken_apart());
  const Said said = tidemark({"hunt", "apart.toml", "--seeds", "1..6", "--jobs", "1"}, folder);
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("in-step: counter # is at # and counter # at #"));
}

}  // namespace
}  // namespace tidemark::cli
