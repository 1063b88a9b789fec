// Faults through the real program: what a run leaves of them, the plan that replays, and plans that cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSwarm = R"([scenario]
name = "swarm"
duration = "10 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "LHR", "FRA"]

[swarm]
faults = true
topology = true
workload = true
knobs = true
)";

constexpr const char* kKill = R"([scenario]
name = "kill"
duration = "5 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "LHR"]

[workload]
clients = 4
arrival = "closed"
think_time = "200 ms"

[[fault]]
kind = "kill"
target = "primary"
when = "1 s"

[[fault]]
kind = "loss"
target = "link:shop/follower-1>client-0"
when = "2 s"
for = "500 ms"

[[fault]]
kind = "kill"
target = "shop/follower-2"
when = "bookmark 1000000"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

/// The loss between two processes that talk.
std::string aimed(const std::string& text) {
  return replaced(text, "\"link:shop/follower-1>client-0\"", "\"link:primary>followers\"\nloss = \"50 %\"");
}

std::string digest_of(const Said& said) {
  const std::size_t begin = said.out.rfind("digest ");
  return begin == std::string::npos ? said.err : said.out.substr(begin);
}

/// A run of `scenario`, kept in the folder that is returned.
std::string kept_run(const char* scenario, const std::string& seed, std::string* digest = nullptr) {
  const std::string folder = scratch_folder();
  write(folder + "/asked.toml", scenario);
  const Said said = tidemark({"run", folder + "/asked.toml", "--seed", seed, "--out", folder + "/" + seed});
  EXPECT_LT(said.code, 64) << said.err;
  if (digest != nullptr) *digest = digest_of(said);
  return folder + "/" + seed;
}

TEST(Plan, OfASwarmGivesTheSameRunWithoutTheGenerator) {
  for (const std::string seed : {"1", "2", "3", "4", "5"}) {
    std::string digest;
    const std::string run = kept_run(kSwarm, seed, &digest);
    EXPECT_EQ(digest_of(tidemark({"run", run + "/scenario.toml", "--seed", seed})), digest) << seed;
    // The generator is off; seed and faults are those of the plan.
    const std::string text =
        replaced(read(run + "/scenario.toml"), "[swarm]\nfaults = true", "[swarm]\nfaults = false");
    write(run + "/no_generator.toml", text);
    const Said said = tidemark({"run", run + "/no_generator.toml", "--plan", run + "/plan.json"});
    EXPECT_EQ(digest_of(said), digest) << seed << said.err;
    EXPECT_THAT(tidemark({"replay", run}).err, HasSubstr("equal to the stored run")) << seed;
  }
}

TEST(Plan, ReplaysWithFewerFaultsWhenSomeAreTakenOut) {
  std::string digest;
  const std::string run = kept_run(kKill, "1", &digest);
  const std::string plan = read(run + "/plan.json");
  const std::size_t begin = plan.find("\"faults\": [");
  ASSERT_NE(begin, std::string::npos);
  write(run + "/none.json", plan.substr(0, begin) + "\"faults\": []\n}\n");
  const Said said = tidemark({"run", run + "/scenario.toml", "--plan", run + "/none.json"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_NE(digest_of(said), digest);
  EXPECT_THAT(said.out, Not(HasSubstr("struck")));
}

TEST(Plan, ThatCannotBeIsRefusedBeforeTheRun) {
  const std::string run = kept_run(kKill, "1");
  const std::string good = read(run + "/plan.json");
  const auto with = [&](const char* from, const char* to) { return replaced(good, from, to); };
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "plan.json: is not a good tidemark-plan document"},
      {"[1, 2]", "plan.json: is not of the format tidemark-plan"},
      {read(run + "/run.json"), "plan.json: is not of the format tidemark-plan"},
      {with("\"version\": 2", "\"version\": 3"), "plan.json: is of version 3, which is newer than this program"},
      {with("\"phase\": \"5 s\"", "\"phase\": \"6 s\""), "plan.json: is for 6 s under fault, but"},
      {with("\"phase\": \"5 s\"", "\"phase\": \"soon\""), "plan.json: \"soon\" is no duration"},
      {with("\"phase\": \"5 s\",", ""), "plan.json: the run of this plan had no faults"},
      {with("\"kind\": \"P1\"", "\"kind\": \"P99\""), "plan.json: fault 1: there is no fault kind \"P99\""},
      {with("\"when\": \"1 s\"", "\"when\": \"later\""), "plan.json: fault 1: \"later\" is no start"},
      {with("\"for\": \"500 ms\"", "\"for\": \"long\""), "plan.json: fault 2: \"long\" is no duration"},
      {with("\"loss\": \"", "\"los\": \""), "has no parameter \"los\""},
      {with("\"primary@shop\"", "\"shop/follower-9\""), "\"shop/follower-9\" is no target of this run"},
      {with("\"primary@shop\"", "\"cold\""), "\"cold\" is a"},
      {with("\"when\": \"1 s\"", "\"when\": \"7 s\""), "begins at 7 s, after the fault phase"},
  };
  for (const auto& [text, message] : bad) {
    write(run + "/plan.json", text);
    const Said said = tidemark({"run", run + "/scenario.toml", "--plan", run + "/plan.json"});
    EXPECT_EQ(said.code, 64) << message << said.out;
    EXPECT_THAT(said.err, HasSubstr(message));
    EXPECT_THAT(said.out, Not(HasSubstr("digest"))) << message;
  }
  EXPECT_EQ(tidemark({"run", run + "/scenario.toml", "--plan", run + "/plan.json", "--seeds", "1..2"}).code, 64);
}

TEST(RunFolder, ListsEveryFaultWithWhatItDid) {
  const std::string run = kept_run(kKill, "1");
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.load(run + "/run.json");
  const simdjson::dom::array faults = document["faults"];
  ASSERT_EQ(faults.size(), 3U);
  const simdjson::dom::element kill = faults.at(0);
  EXPECT_EQ(std::string_view(kill["kind"]), "P1");
  EXPECT_EQ(std::string_view(kill["target"].at(0)), "shop/primary");
  EXPECT_LT(double(kill["start"]), double(kill["end"]));
  EXPECT_GT(std::uint64_t(kill["effects"]), 0U);
  EXPECT_EQ(std::string_view(kill["hits"].at(0)["role"]), "primary");
  EXPECT_EQ(std::string_view(kill["hits"].at(0)["phase"]), "serving");
  EXPECT_EQ(std::string_view(faults.at(1)["status"]), "ended");
  EXPECT_EQ(std::uint64_t(faults.at(1)["effects"]), 0U);
  EXPECT_EQ(std::string_view(faults.at(2)["status"]), "never began");
  EXPECT_TRUE(faults.at(2)["start"].is_null());
  EXPECT_GT(double(document["availability"]["without_primary"]), 0.0);
  EXPECT_EQ(std::uint64_t(document["availability"]["takeovers"]), 1U);
  EXPECT_EQ(std::uint64_t(document["availability"]["confirmed_lost"]), 0U);
}

TEST(Run, NamesFaultsWithoutEffect) {
  const std::string run = kept_run(kKill, "1");
  for (const Said& said : {tidemark({"run", run + "/scenario.toml"}), tidemark({"report", "run", run})}) {
    EXPECT_THAT(said.out, HasSubstr("3 faults: 2 struck, 1 of them without effect, 1 never began\n"
                                    "  without effect: fault 2 (N4 loss) of link:shop/follower-1>client-0\n"
                                    "  never began: fault 3 (P1 kill) of shop/follower-2\n"
                                    "without a primary "));
    EXPECT_THAT(said.out, HasSubstr("1 takeovers, "));
  }
}

TEST(Coverage, OfStoredRunsEqualsThatOfTheScenario) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", kKill);
  ASSERT_EQ(tidemark({"run", folder + "/kill.toml", "--seeds", "9..11", "--out", folder + "/runs"}).code, 0);
  const Said made = tidemark({"report", "coverage", folder + "/kill.toml", "--seeds", "9..11"});
  EXPECT_EQ(made.code, 1) << "a kind without effect; " << made.err;
  EXPECT_EQ(made.err, "running seed 9\nrunning seed 10\nrunning seed 11\n");
  EXPECT_THAT(made.out, HasSubstr("3 runs, 6 faults struck, 3 of them with effect\n"));
  EXPECT_THAT(made.out, HasSubstr("\nP1    primary  serving         3            3\n"));
  EXPECT_THAT(made.out, HasSubstr("\nN4    link     -               3            0\n"));
  EXPECT_THAT(made.out, HasSubstr("\n  N4 loss (0 of 3)\n"));
  const std::string without_points = made.out.substr(0, made.out.find("points of the code that nobody passed"));
  EXPECT_EQ(tidemark({"report", "coverage", folder + "/runs"}).out, without_points);
  const std::string runs = folder + "/runs/";
  EXPECT_EQ(tidemark({"report", "coverage", runs + "9", runs + "10", runs + "11"}).out, without_points);
  const Said json = tidemark({"report", "coverage", folder + "/runs", "--format", "json"});
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(json.out);
  EXPECT_EQ(std::uint64_t(document["runs"]), 3U);
  EXPECT_EQ(simdjson::dom::array(document["cells"]).size(), 2U);
}

// Canary K6: a loss between two processes that never talk.
TEST(Coverage, NamesAKindThatNeverHasEffectAndFails) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", kKill);
  const Said said = tidemark({"report", "coverage", folder + "/kill.toml", "--seeds", "9..10"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("fault without effect: these kinds struck and changed nothing in any run:\n"
                                  "  N4 loss (struck 2 times)\n"));
  const Said json = tidemark({"report", "coverage", folder + "/kill.toml", "--format", "json"});
  EXPECT_EQ(json.code, 1);
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(json.out);
  EXPECT_EQ(std::string_view(document["without_effect"].at(0)), "N4");
  write(folder + "/aimed.toml", aimed(kKill));
  const Said aimed_well = tidemark({"report", "coverage", folder + "/aimed.toml", "--seeds", "9..10"});
  EXPECT_EQ(aimed_well.code, 0) << aimed_well.out;
  EXPECT_THAT(aimed_well.out, Not(HasSubstr("fault without effect")));
}

// Canary K13: the WAL never gets as long as a checkpoint needs it.
TEST(Coverage, ListsPointsThatNobodyPassed) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", aimed(kKill));
  const std::vector<std::string> command = {"report", "coverage", folder + "/kill.toml", "--set"};
  const auto with = [&](const std::string& set) {
    std::vector<std::string> words = command;
    words.push_back(set);
    return tidemark(words);
  };
  const std::string idle = "points of the code that nobody passed:\n";
  const std::string usual = with("relay.checkpoint_frames=20").out;
  EXPECT_THAT(usual, Not(HasSubstr("\n  checkpoint.begin\n")));
  const std::string never = with("relay.checkpoint_frames=1000000").out;
  EXPECT_THAT(never, HasSubstr(idle + "  checkpoint.begin\n  checkpoint.copied\n"));
}

TEST(Coverage, IsAsGraveAsItsRunsAndRefusesWhatItCannotUse) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", aimed(kKill));
  const std::string scenario = folder + "/kill.toml";
  EXPECT_EQ(tidemark({"report", "coverage", scenario, "--set", "bugs=M1"}).code, 1);
  EXPECT_EQ(tidemark({"report", "coverage", scenario, "--seeds", "3..1"}).code, 64);
  EXPECT_EQ(tidemark({"report", "coverage", folder}).code, 64) << "a folder without runs";
  ASSERT_EQ(tidemark({"run", scenario, "--out", folder + "/run"}).code, 0);
  EXPECT_EQ(tidemark({"report", "coverage", folder + "/run", "--seeds", "1..2"}).code, 64);
  EXPECT_EQ(tidemark({"report", "coverage", folder + "/run", "--out", folder + "/no/such/file"}).code, 64);
}

TEST(Run, NamesEverySeedBeforeItsRun) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", kKill);
  const Said said = tidemark({"run", folder + "/kill.toml", "--seeds", "3..4"});
  EXPECT_EQ(said.err, "running seed 3\nrunning seed 4\n") << said.out;
}

TEST(RunFolder, OfAnotherFormatOrANewerVersionIsRefused) {
  const std::string run = kept_run(kKill, "1");
  const std::string good = read(run + "/run.json");
  const auto refused = [&](const char* from, const char* to, const char* message) {
    write(run + "/run.json", replaced(good, from, to));
    const Said said = tidemark({"report", "run", run});
    EXPECT_EQ(said.code, 64) << said.out;
    EXPECT_THAT(said.err, HasSubstr(message));
    EXPECT_EQ(said.out, "");
  };
  refused("\"version\": 1", "\"version\": 2", "run.json: is of version 2, which is newer than this program");
  refused("\"version\": 1", "\"version\": \"1\"", "run.json: has no version");
  refused("tidemark-run", "somebody-else", "run.json: is not of the format tidemark-run");
  refused("\"seed\": 1", "\"seed\": -1", "run.json: is not a good tidemark-run document");
}

TEST(Run, EndsWith64WhenItsFilesCannotBeWritten) {
  const std::string folder = scratch_folder();
  write(folder + "/kill.toml", kKill);
  std::filesystem::create_directories(folder + "/out/history.jsonl");
  const Said said = tidemark({"run", folder + "/kill.toml", "--out", folder + "/out"});
  EXPECT_EQ(said.code, 64) << said.err;
  EXPECT_THAT(said.err, HasSubstr("history.jsonl: cannot be written"));
}

TEST(Run, EndsWith64WhenStdoutIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const std::string folder = scratch_folder();
  const std::string command = std::string(TIDEMARK_PROGRAM) + " bugs > /dev/full 2> " + folder + "/err";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 64);
  EXPECT_THAT(read(folder + "/err"), HasSubstr("tidemark: the output cannot be written"));
}

}  // namespace
}  // namespace tidemark::cli
