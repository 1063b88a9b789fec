// `tidemark replay` as a user sees it: what differs is named as exactly as what is stored permits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A small run, kept in a folder of the test.
std::string kept(const std::vector<std::string>& more = {}) {
  const std::string folder = scratch_folder() + "/run";
  std::vector<std::string> arguments = {"run",   "smoke/append",          "--seed", "5",
                                        "--set", "scenario.duration=3 s", "--out",  folder};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Said said = tidemark(arguments);
  EXPECT_EQ(said.code, 0) << said.err;
  return folder;
}

void replace(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = read(path);
  ASSERT_NE(text.find(from), std::string::npos) << path << " has no " << from;
  write(path, text.replace(text.find(from), from.size(), to));
}

/// Another run of the same length and seed in the place of the stored one.
void make_it_another_run(const std::string& folder) {
  replace(folder + "/scenario.toml", "read_share = \"60 %\"", "read_share = \"10 %\"");
}

TEST(Replay, WithoutATraceTheIntervalAndTheStreamsAreNamed) {
  const std::string folder = kept();
  EXPECT_FALSE(std::filesystem::exists(folder + "/trace.bin"));
  ASSERT_TRUE(std::filesystem::exists(folder + "/checkpoints.txt"));
  EXPECT_EQ(tidemark({"replay", folder}).code, 0);
  make_it_another_run(folder);
  const Said replay = tidemark({"replay", folder});
  EXPECT_EQ(replay.code, 70);
  EXPECT_THAT(replay.err, HasSubstr("the first differing event is after event "));
  EXPECT_THAT(replay.err, HasSubstr("draws differ first at event "));
  EXPECT_THAT(replay.err, HasSubstr("  stream net/"));
  EXPECT_THAT(replay.err, HasSubstr("--trace --out "));
}

TEST(Replay, OfADifferingEventBothParentsAreNamed) {
  const std::string folder = kept({"--trace"});
  make_it_another_run(folder);
  const Said replay = tidemark({"replay", folder});
  EXPECT_EQ(replay.code, 70);
  EXPECT_THAT(replay.err, HasSubstr("first differing event: number "));
  EXPECT_THAT(replay.err, HasSubstr("    scheduled by event "));
  EXPECT_THAT(replay.err, HasSubstr("    before it "));
  EXPECT_THAT(replay.err, Not(HasSubstr("--trace --out ")));
}

TEST(Replay, ADrawThatNoEventShowsIsSeen) {
  const std::string folder = kept();
  // One draw more of stream 0 by the first checkpoint; all digests are as they were.
  std::string text = read(folder + "/checkpoints.txt");
  const std::size_t point = text.find("\npoint ") + 1;
  const std::size_t end = text.find('\n', point);
  write(folder + "/checkpoints.txt", text.insert(end, " 0:1"));
  const Said replay = tidemark({"replay", folder});
  EXPECT_EQ(replay.code, 70);
  EXPECT_THAT(replay.err, HasSubstr("draws differ first at event "));
}

TEST(Replay, ADamagedFileOfCheckpointsIsABadInput) {
  const std::string folder = kept();
  replace(folder + "/checkpoints.txt", "\npoint ", "\npint ");
  const Said replay = tidemark({"replay", folder});
  EXPECT_EQ(replay.code, 64);
  EXPECT_THAT(replay.err, HasSubstr("checkpoints.txt:"));
}

// Another program may do otherwise: that is said, and it is no defect of this one.
TEST(Replay, AnotherBuildIsSaidAndIsNoDefect) {
  const std::string folder = kept();
  replace(folder + "/run.json", "\"compiler\": \"", "\"compiler\": \"Other ");
  const Said same = tidemark({"replay", folder});
  EXPECT_EQ(same.code, 0);
  EXPECT_THAT(same.err, HasSubstr("note: compiler was Other "));
  make_it_another_run(folder);
  const Said other = tidemark({"replay", folder});
  EXPECT_EQ(other.code, 64);
  EXPECT_THAT(other.err, HasSubstr("note: compiler was Other "));
  EXPECT_THAT(other.err, HasSubstr("the replay differs"));
}

TEST(Replay, StopsAtATimeAndSaysWhatHolds) {
  const std::string folder = kept({"--trace"});
  const Said replay = tidemark({"replay", folder, "--until", "2500 ms"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("stopped at 2500 ms, after event "));
  EXPECT_THAT(replay.err, HasSubstr("requests are led to lists/primary"));
  EXPECT_THAT(replay.err, HasSubstr("equal to the stored run until here"));
  EXPECT_EQ(tidemark({"replay", folder, "--until", "soon"}).code, 64);
}

TEST(Replay, TellsWhatHappensFromATimeOn) {
  const std::string folder = kept();
  const Said quiet = tidemark({"replay", folder});
  const Said told = tidemark({"replay", folder, "--log-from", "500 ms"});
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_EQ(told.out.substr(told.out.rfind("digest")), quiet.out.substr(quiet.out.rfind("digest")));
  EXPECT_THAT(told.err, HasSubstr("lists/primary: has a quorum for e1-"));
  EXPECT_THAT(told.err, Not(HasSubstr("scheduled by event")));
  const Said all = tidemark({"replay", folder, "--log-from", "500 ms", "--log", "debug", "--until", "600 ms"});
  EXPECT_THAT(all.err, HasSubstr("scheduled by event"));
  EXPECT_GT(all.err.size(), 1'000U);
}

TEST(Replay, ABreakWithoutADebuggerSaysHow) {
  const std::string folder = kept();
  const Said replay = tidemark({"replay", folder, "--break-at-event", "10"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("event 10 happens next: "));
}

TEST(ExplainCommand, ExplainsAFolderAndAScenarioAlike) {
  const std::string folder = scratch_folder() + "/run";
  const std::vector<std::string> sets = {
      "--set", "bugs=F1", "--set", "scenario.duration=2 s", "--set", "cluster.late_boot=1 s"};
  std::vector<std::string> run = {"run", "smoke/mistakes_orders", "--seed", "7", "--out", folder};
  std::vector<std::string> explain = {"explain", "smoke/mistakes_orders", "--seed", "7", "--points", "2", "--futures",
                                      "2"};
  run.insert(run.end(), sets.begin(), sets.end());
  explain.insert(explain.end(), sets.begin(), sets.end());
  ASSERT_EQ(tidemark(run).code, 1);
  const Said of_folder = tidemark({"explain", folder, "--points", "2", "--futures", "2"});
  const Said of_scenario = tidemark(explain);
  EXPECT_EQ(of_folder.code, 0) << of_folder.err;
  EXPECT_EQ(of_folder.out, of_scenario.out);
  EXPECT_THAT(of_folder.out, HasSubstr("Broken first: HIDE, at "));
  EXPECT_THAT(of_folder.out, HasSubstr("What led to it"));
  EXPECT_THAT(of_folder.out, HasSubstr("When it became inevitable"));
  EXPECT_THAT(of_folder.out, testing::StartsWith("seed 7\n"));
  const std::string page = folder + "/why.md";
  EXPECT_EQ(tidemark({"explain", folder, "--no-curve", "--format", "md", "--out", page}).code, 0);
  EXPECT_THAT(read(page), HasSubstr("## What led to it"));
}

TEST(ExplainCommand, SaysTheSeedOnceAndFirst) {
  const std::string folder = scratch_folder();
  const std::vector<std::string> command = {"explain", "smoke/mistakes_txn", "--seed",     "3", "--set",
                                            "bugs=G4", "--no-curve",         "--no-faults"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), command.begin(), command.end());
    return tidemark(more);
  };
  const Said page = with({});
  EXPECT_EQ(page.code, 0) << page.err;
  EXPECT_THAT(page.out, testing::StartsWith("seed 3\nscenario "));
  EXPECT_EQ(page.err, "");
  const Said json = with({"--format", "json"});
  EXPECT_EQ(json.err, "seed 3\n");
  EXPECT_THAT(json.out, testing::StartsWith("{"));
  const Said file = with({"--out", folder + "/why.txt"});
  EXPECT_EQ(file.err, "seed 3\n");
  EXPECT_EQ(file.out, "");
  EXPECT_EQ(read(folder + "/why.txt"), page.out);
}

TEST(ExplainCommand, ARunThatDoesNotFailIsBadUsage) {
  const Said said = tidemark({"explain", kept()});
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("there is nothing to explain"));
}

}  // namespace
}  // namespace tidemark::cli
