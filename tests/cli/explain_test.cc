// `tidemark check` explains, draws and cuts down; `tidemark report staleness` measures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kLostWrite =
    "{:index 0 :type :invoke :process 1 :f :txn :value [[:append :x 1] [:append :y 5]]}\n"
    "{:index 1 :type :ok :process 1 :f :txn :value [[:append :x 1] [:append :y 5]]}\n"
    "{:index 2 :type :invoke :process 2 :f :txn :value [[:r :y nil]]}\n"
    "{:index 3 :type :ok :process 2 :f :txn :value [[:r :y [5]]]}\n"
    "{:index 4 :type :invoke :process 1 :f :txn :value [[:r :x nil]]}\n"
    "{:index 5 :type :ok :process 1 :f :txn :value [[:r :x []]]}\n";

TEST(CheckCommand, WritesPicturePageAndTheLeastThatStillFails) {
  const std::string folder = scratch_folder();
  write(folder + "/a.edn", kLostWrite);
  const Said said = tidemark({"check", folder + "/a.edn", "--svg", folder + "/a.svg", "--html", folder + "/a.html",
                              "--minimal", folder + "/least.edn"});
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("because T5 read x = [], and T1 appended 1, which was not there yet"));
  EXPECT_THAT(said.err, HasSubstr("2 transactions that fail with G-single-process"));
  EXPECT_THAT(read(folder + "/a.svg"), HasSubstr("<svg xmlns="));
  EXPECT_THAT(read(folder + "/a.html"), HasSubstr("The least that still fails: 2 of 3 transactions"));
  const Said again = tidemark({"check", folder + "/least.edn"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.out, HasSubstr("This history breaks it: G-single-process."));
  EXPECT_THAT(read(folder + "/least.edn"), testing::Not(HasSubstr(":y"))) << "what is not needed is gone";
}

TEST(CheckCommand, ExplainsOurOwnHistories) {
  const std::string folder = scratch_folder();
  tidemark({"run", "smoke/mistakes_txn", "--seed", "1", "--set", "bugs=G4", "--out", folder + "/run"});
  const Said said = tidemark({"check", folder + "/run/history.jsonl", "--explain", "--minimal", folder + "/least.edn"});
  EXPECT_EQ(said.code, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("a contradiction!"));
  EXPECT_THAT(said.err, HasSubstr("transactions that fail with"));
  EXPECT_EQ(tidemark({"check", folder + "/least.edn"}).code, 1);
}

TEST(CheckCommand, SaysWhenThereIsNothingToDraw) {
  const std::string folder = scratch_folder();
  write(folder + "/a.edn", "{:type :ok :process 1 :f :txn :value [[:append :x 1]]}\n");
  const Said said = tidemark({"check", folder + "/a.edn", "--svg", folder + "/a.svg", "--html", folder + "/a.html"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("no anomaly of the model sequential"));
  EXPECT_THAT(read(folder + "/a.html"), HasSubstr("<strong class=\"valid\">valid</strong>"));
}

TEST(CheckCommand, RefusesAFormatWithoutWordsForTheMinimalHistory) {
  const std::string folder = scratch_folder();
  write(folder + "/a.edn", kLostWrite);
  const Said said = tidemark({"check", folder + "/a.edn", "--minimal", folder + "/least.txt"});
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("least.txt: "));
}

TEST(StalenessCommand, MeasuresARunFolderAndAFile) {
  const std::string folder = scratch_folder();
  tidemark({"run", "smoke/orders", "--set", "scenario.duration=6 s", "--out", folder + "/run"});
  const Said text = tidemark({"report", "staleness", folder + "/run"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("reads missed something that was acknowledged before they were issued"));
  EXPECT_THAT(text.out, HasSubstr("region WEUR"));
  const Said json = tidemark({"report", "staleness", folder + "/run/history.jsonl", "--format", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"versions_behind\""));
  EXPECT_EQ(tidemark({"report", "staleness", folder + "/none"}).code, 64);
  EXPECT_THAT(tidemark({"report", "staleness", folder + "/run", "--format", "md"}).out,
              HasSubstr("| read issued after |"));
}

TEST(StalenessCommand, KnowsTheVersionColumnOfOurRegisters) {
  const std::string folder = scratch_folder();
  tidemark({"run", "smoke/register", "--set", "scenario.duration=6 s", "--out", folder + "/run"});
  const Said said = tidemark({"report", "staleness", folder + "/run"});
  EXPECT_THAT(said.out, HasSubstr("reads missed something"));
  EXPECT_THAT(said.out, testing::Not(HasSubstr("no known order")));
}

}  // namespace
}  // namespace tidemark::cli
