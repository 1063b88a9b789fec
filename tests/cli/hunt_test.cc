// `tidemark hunt` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

TEST(HuntCommand, FindsAMistakeGroupsItAndSaysHowToReproduceIt) {
  const std::string folder = scratch_folder();
  const Said hunt = tidemark({"hunt", "smoke/mistakes_orders", "--bug", "F1", "--seeds", "1..6", "--jobs", "2",
                              "--junit", folder + "/hunt.xml"});
  EXPECT_EQ(hunt.code, 1) << hunt.err;
  EXPECT_THAT(hunt.out, HasSubstr("6 done"));
  EXPECT_THAT(hunt.out, HasSubstr("6 seeds were run twice, with equal results"));
  EXPECT_THAT(hunt.out, HasSubstr("tidemark run smoke/mistakes_orders --seed "));
  EXPECT_THAT(hunt.out, HasSubstr(" --set bugs=F1"));
  EXPECT_THAT(read(folder + "/hunt.xml"), HasSubstr("<failure type="));
}

TEST(HuntCommand, GoesOnMergesAndExportsTheSame) {
  const std::string folder = scratch_folder();
  const auto hunt = [&](const std::string& file, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"hunt", "smoke/tiny", "--db", folder + "/" + file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Said said = tidemark(arguments);
    EXPECT_EQ(said.code, 0) << said.err << said.out;
    return said;
  };
  hunt("whole.db", {"--seeds", "1..40", "--jobs", "1"});
  hunt("part1.db", {"--seeds", "1..20", "--shard", "1/2"});
  EXPECT_THAT(hunt("part1.db", {"--seeds", "1..40", "--shard", "1/2", "--jobs", "2"}).out,
              HasSubstr("10 of them before"));
  hunt("part2.db", {"--seeds", "1..40", "--shard", "2/2"});
  EXPECT_EQ(tidemark({"hunt", "merge", folder + "/all.db", folder + "/part1.db", folder + "/part2.db"}).code, 0);
  const Said whole = tidemark({"hunt", "export", folder + "/whole.db"});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("\n40\tvalid\t0\t"));
  EXPECT_EQ(tidemark({"hunt", "export", folder + "/all.db"}).out, whole.out);
}

TEST(HuntCommand, GivesTheDigestsOfSingleRuns) {
  const std::string folder = scratch_folder();
  ASSERT_EQ(tidemark({"hunt", "smoke/tiny", "--seeds", "5..7", "--db", folder + "/hunt.db"}).code, 0);
  const std::string run = tidemark({"run", "smoke/tiny", "--seed", "6"}).out;
  const std::string digest = run.substr(run.rfind("digest ") + 7, 32);
  EXPECT_THAT(tidemark({"hunt", "export", folder + "/hunt.db"}).out, HasSubstr("\n6\tvalid\t0\t" + digest));
}

TEST(HuntCommand, RefusesWhatIsNotItsOwn) {
  const std::string folder = scratch_folder();
  write(folder + "/notes.txt", "notes");
  EXPECT_EQ(tidemark({"hunt", "smoke/tiny", "--seeds", "1..2", "--db", folder + "/notes.txt"}).code, 64);
  EXPECT_EQ(read(folder + "/notes.txt"), "notes");
  ASSERT_EQ(tidemark({"hunt", "smoke/tiny", "--seeds", "1..2", "--db", folder + "/hunt.db"}).code, 0);
  const Said other =
      tidemark({"hunt", "smoke/tiny", "--seeds", "1..2", "--db", folder + "/hunt.db", "--set", "workload.keys=5"});
  EXPECT_EQ(other.code, 64);
  EXPECT_THAT(other.err, HasSubstr("keys = 4"));
  EXPECT_THAT(other.err, HasSubstr("--first"));
  EXPECT_EQ(tidemark({"hunt", "merge", folder + "/hunt.db", folder + "/hunt.db"}).code, 64);
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"hunt"},
           {"hunt", "smoke/tiny"},
           {"hunt", "smoke/none", "--seeds", "1..2"},
           {"hunt", "smoke/tiny", "--seeds", "2..1"},
           {"hunt", "smoke/tiny", "--seeds", "1..2", "--shard", "3/2"},
           {"hunt", "smoke/tiny", "--time", "10"},
           {"hunt", "smoke/tiny", "--seeds", "1..2", "--bug", "Z99"},
           {"hunt", "smoke/tiny", "--seeds", "1..2", "--jobs", "0"},
           {"hunt", "smoke/orders", "--steer", "--seeds", "1..2"},
           {"hunt", "faults/swarm", "--steer", "--seeds", "1..2", "--first", folder + "/hunt.db"},
           {"hunt", "map", folder + "/hunt.db"},
           {"hunt", "export", folder + "/none.db"}})
    EXPECT_EQ(tidemark(wrong).code, 64) << wrong.back();
}

TEST(HuntCommand, SteersAndReproducesWhatItFound) {
  const std::string folder = scratch_folder();
  const std::vector<std::string> hunt = {
      "hunt", "faults/mistakes/takeovers", "--bug", "F28", "--steer", "--seeds", "1..60", "--jobs", "2",
      "--db", folder + "/steered.db"};
  const Said said = tidemark(hunt);
  EXPECT_EQ(said.code, 1) << said.err << said.out;
  EXPECT_THAT(said.out, HasSubstr(" cells reached, "));
  EXPECT_THAT(said.out, HasSubstr("with equal results"));
  // A run that failed and was changed, reproduced from its plan.
  const std::string text = tidemark({"hunt", "export", folder + "/steered.db"}).out;
  std::istringstream lines(text);
  std::map<std::string, std::string> digests;  // by run, of those that failed
  std::size_t reproduced = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string run, second, third, fourth;
    words >> run >> second >> third >> fourth;
    if (second == "invalid") digests[run] = fourth;
    const bool changed = third == "vary" || third == "crowd" || third == "graft" || third == "pack";
    if (!changed || digests.count(run) == 0 || reproduced == 2) continue;
    const std::string plan = folder + "/plan.json";
    EXPECT_EQ(tidemark({"hunt", "plan", folder + "/steered.db", run, "--out", plan}).code, 0);
    const Said again =
        tidemark({"run", "faults/mistakes/takeovers", "--seed", second, "--set", "bugs=F28", "--plan", plan});
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.out, HasSubstr("digest " + digests[run]));
    ++reproduced;
  }
  EXPECT_GT(reproduced, 0U) << text;
  const Said map = tidemark({"hunt", "map", folder + "/steered.db"});
  EXPECT_EQ(map.code, 0) << map.err;
  EXPECT_THAT(map.out, HasSubstr("60 runs reached "));
  EXPECT_THAT(map.out, HasSubstr("follower | leader sealing"));
  EXPECT_EQ(tidemark({"hunt", "faults/mistakes/takeovers", "--bug", "F28", "--seeds", "1..60", "--db",
                      folder + "/steered.db"})
                .code,
            64);
  EXPECT_EQ(tidemark({"hunt", "plan", folder + "/steered.db", "1"}).code, 64) << "run 1 is a seed as it is";
  EXPECT_EQ(tidemark({"hunt", "plan", folder + "/steered.db", "61"}).code, 64);
}

TEST(HuntCommand, SaysItInJson) {
  const Said said = tidemark({"hunt", "smoke/tiny", "--seeds", "1..3", "--format", "json"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("\"format\": \"tidemark-hunt\""));
  EXPECT_THAT(said.out, HasSubstr("\"done\": 3"));
  EXPECT_THAT(said.out, HasSubstr("\"classes\": []"));
}

}  // namespace
}  // namespace tidemark::cli
