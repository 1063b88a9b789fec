// `tidemark hunt` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

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
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"hunt"},
                                             {"hunt", "smoke/tiny"},
                                             {"hunt", "smoke/none", "--seeds", "1..2"},
                                             {"hunt", "smoke/tiny", "--seeds", "2..1"},
                                             {"hunt", "smoke/tiny", "--seeds", "1..2", "--shard", "3/2"},
                                             {"hunt", "smoke/tiny", "--time", "10"},
                                             {"hunt", "smoke/tiny", "--seeds", "1..2", "--bug", "Z99"},
                                             {"hunt", "smoke/tiny", "--seeds", "1..2", "--jobs", "0"},
                                             {"hunt", "export", folder + "/none.db"}})
    EXPECT_EQ(tidemark(wrong).code, 64) << wrong.back();
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
